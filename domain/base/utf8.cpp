#include "domain/base/utf8.hpp"

#include <cstdint>
#include <optional>

namespace domain {
namespace {

/// How many bytes follow the first one, and the smallest code point that needs so many.
struct Lead {
    std::size_t following;
    std::uint32_t bits;
    std::uint32_t code_point_min;
};

std::optional<Lead> lead_of(unsigned char first) {
    if (first < 0x80) return Lead{0, first, 0};
    if (first >= 0xc2 && first < 0xe0) return Lead{1, first & 0x1fu, 0x80};
    if (first >= 0xe0 && first < 0xf0) return Lead{2, first & 0x0fu, 0x800};
    if (first >= 0xf0 && first < 0xf5) return Lead{3, first & 0x07u, 0x10000};
    return std::nullopt;
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = lead_of(static_cast<unsigned char>(text[i++]));
        if (!lead || text.size() - i < lead->following) return false;
        std::uint32_t code_point = lead->bits;
        for (std::size_t end = i + lead->following; i < end; ++i) {
            const auto byte = static_cast<unsigned char>(text[i]);
            if ((byte & 0xc0u) != 0x80u) return false;
            code_point = code_point << 6 | (byte & 0x3fu);
        }
        const bool surrogate = code_point >= 0xd800 && code_point < 0xe000;
        if (code_point < lead->code_point_min || code_point > 0x10ffff || surrogate) return false;
    }
    return true;
}

}  // namespace domain
