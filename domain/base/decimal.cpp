#include "domain/base/decimal.hpp"

#include <array>

namespace domain {
namespace {

constexpr int digits_max = 18;
constexpr int scale_max = 12;

constexpr std::array<std::int64_t, digits_max + 1> powers = [] {
    std::array<std::int64_t, digits_max + 1> table{1};
    for (std::size_t i = 1; i < table.size(); ++i) table[i] = table[i - 1] * 10;
    return table;
}();

}  // namespace

std::optional<Decimal> Decimal::from(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    std::int64_t units = 0;
    int significant = 0;
    int scale = -1;
    std::size_t before_point = 0;
    for (const char c : text) {
        if (c == '.') {
            if (scale >= 0 || before_point == 0) return std::nullopt;
            scale = 0;
            continue;
        }
        if (c < '0' || c > '9') return std::nullopt;
        if (significant > 0 || c != '0') ++significant;
        if (scale >= 0) ++scale;
        if (scale < 0) ++before_point;
        if (significant > digits_max || scale > scale_max) return std::nullopt;
        units = units * 10 + (c - '0');
    }
    if (before_point == 0 || scale == 0) return std::nullopt;
    return Decimal{negative ? -units : units, scale < 0 ? 0 : scale};
}

std::string Decimal::text() const {
    const bool negative = units_ < 0;
    auto digits = std::to_string(negative ? -units_ : units_);
    const auto scale = static_cast<std::size_t>(scale_);
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
    return negative ? "-" + digits : digits;
}

double Decimal::approximate() const {
    return static_cast<double>(units_) /
           static_cast<double>(powers[static_cast<std::size_t>(scale_)]);
}

void DecimalSum::add(const Decimal& value) {
    if (value.scale() > scale_) {
        units_ *= powers[static_cast<std::size_t>(value.scale() - scale_)];
        scale_ = value.scale();
    }
    units_ += Wide{value.units()} * powers[static_cast<std::size_t>(scale_ - value.scale())];
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
    const Wide left = Wide{a.units_} * powers[static_cast<std::size_t>(b.scale_)];
    const Wide right = Wide{b.units_} * powers[static_cast<std::size_t>(a.scale_)];
    return left <=> right;
}

}  // namespace domain
