#include "domain/base/ids.hpp"

namespace domain {
namespace {

constexpr std::array<int, 16> offsets{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

/// What a character is worth as a hexadecimal digit; -1: nothing.
constexpr auto nibbles = [] {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (int i = 0; i < 10; ++i)
        values[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
    for (int i = 0; i < 6; ++i)
        values[static_cast<std::size_t>('a' + i)] = values[static_cast<std::size_t>('A' + i)] =
            static_cast<std::int8_t>(10 + i);
    return values;
}();

int nibble(char c) { return nibbles[static_cast<unsigned char>(c)]; }

}  // namespace

std::string to_text(const Uuid& id) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string text(36, '-');
    for (std::size_t i = 0; i < 16; ++i) {
        const auto at = static_cast<std::size_t>(offsets[i]);
        text[at] = hex[id.bytes[i] >> 4];
        text[at + 1] = hex[id.bytes[i] & 15];
    }
    return text;
}

std::optional<Uuid> uuid_from(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    for (const std::size_t dash : {8u, 13u, 18u, 23u}) {
        if (text[dash] != '-') return std::nullopt;
    }
    Uuid id;
    for (std::size_t i = 0; i < 16; ++i) {
        const auto at = static_cast<std::size_t>(offsets[i]);
        const int high = nibble(text[at]);
        const int low = nibble(text[at + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return id;
}

}  // namespace domain
