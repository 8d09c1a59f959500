#include "projections/columns.hpp"

#include <array>

namespace projections::wire {
namespace {

constexpr std::int16_t negative_sign = 0x4000;
constexpr int group_digits = 4;
constexpr int group_size = 10'000;

}  // namespace

void put_numeric(std::string& out, domain::Wide units, int scale) {
    __extension__ using Magnitude = unsigned __int128;
    const bool negative = units < 0;
    auto rest = negative ? -static_cast<Magnitude>(units) : static_cast<Magnitude>(units);
    const int padding = (group_digits - scale % group_digits) % group_digits;
    std::array<std::int16_t, 12> groups{};  // from the least; 39 digits and the padding fill eleven
    std::size_t count = 0;
    // The first group is filled up with zeros after the last digit.
    int first_size = group_size;
    for (int i = 0; i < padding; ++i) first_size /= 10;
    if (padding > 0 && rest > 0) {
        groups[count++] = static_cast<std::int16_t>(rest % static_cast<Magnitude>(first_size) *
                                                    (group_size / first_size));
        rest /= static_cast<Magnitude>(first_size);
    }
    for (; rest > 0; rest /= group_size)
        groups[count++] = static_cast<std::int16_t>(rest % group_size);
    const int fraction_groups = (scale + padding) / group_digits;
    put(out, static_cast<std::int16_t>(count));
    put(out, static_cast<std::int16_t>(static_cast<int>(count) - fraction_groups - 1));
    put(out, negative ? negative_sign : std::int16_t{0});
    put(out, static_cast<std::int16_t>(scale));
    while (count > 0) put(out, groups[--count]);
}

}  // namespace projections::wire
