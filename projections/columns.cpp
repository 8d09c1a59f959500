#include "projections/columns.hpp"

#include <array>

namespace projections::wire {
namespace {

constexpr std::int16_t negative_sign = 0x4000;
constexpr int group_digits = 4;
constexpr int group_size = 10'000;

}  // namespace

void put(std::string& out, const domain::Decimal& value) {
    __extension__ using Wide = unsigned __int128;
    const auto units = value.units();
    const auto magnitude =
        units < 0 ? -static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units);
    const int padding = (group_digits - value.scale() % group_digits) % group_digits;
    Wide rest = magnitude;
    for (int i = 0; i < padding; ++i) rest *= 10;
    std::array<std::int16_t, 8> groups{};  // from the least; 18 digits and the padding fill six
    std::size_t count = 0;
    for (; rest > 0; rest /= group_size)
        groups[count++] = static_cast<std::int16_t>(rest % group_size);
    const int fraction_groups = (value.scale() + padding) / group_digits;
    put(out, static_cast<std::int16_t>(count));
    put(out, static_cast<std::int16_t>(static_cast<int>(count) - fraction_groups - 1));
    put(out, units < 0 ? negative_sign : std::int16_t{0});
    put(out, static_cast<std::int16_t>(value.scale()));
    while (count > 0) put(out, groups[--count]);
}

}  // namespace projections::wire
