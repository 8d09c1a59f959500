#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Exact decimals for money and measures: never binary floating point for a stored value.
namespace domain {

/// An exact decimal of at most 18 significant digits, at most 12 of them after the point.
/// The scale is kept, so "12.50" stays "12.50"; comparison goes by value.
class Decimal {
public:
    Decimal() = default;
    static Decimal whole(std::int64_t value) { return Decimal{value, 0}; }

    /// `-?digits[.digits]` without exponent; empty when malformed or too long to be exact.
    static std::optional<Decimal> from(std::string_view text);

    std::string text() const;
    /// The value is units() / 10^scale().
    std::int64_t units() const { return units_; }
    int scale() const { return scale_; }
    /// For ratios and drawing only.
    double approximate() const;

    friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
    friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }

private:
    Decimal(std::int64_t units, int scale) : units_{units}, scale_{scale} {}

    std::int64_t units_{};
    int scale_{};
};

__extension__ using Wide = __int128;

/// An exact sum of many decimals: enough for 10^8 of the largest.
class DecimalSum {
public:
    void add(const Decimal& value);
    /// The sum is units() / 10^scale().
    Wide units() const { return units_; }
    int scale() const { return scale_; }

private:
    Wide units_{};
    int scale_{};
};

}  // namespace domain
