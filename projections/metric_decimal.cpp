#include "projections/metric_decimal.hpp"

#include <algorithm>

namespace projections::metric {
namespace {

constexpr std::size_t digits_max = 18;
constexpr std::size_t decimals_kept = 6;

/// Adds one to the last digit of digits with or without a point.
void count_up(std::string& digits) {
    for (auto i = digits.size(); i > 0; --i) {
        auto& digit = digits[i - 1];
        if (digit == '.') continue;
        if (digit != '9') {
            ++digit;
            return;
        }
        digit = '0';
    }
    digits.insert(digits.begin(), '1');
}

/// Digits without a sign, rounded to so many decimals.
std::string rounded(std::string digits, std::size_t decimals) {
    const auto point = digits.find('.');
    if (point == std::string::npos || digits.size() - point - 1 <= decimals) return digits;
    const bool up = digits[point + 1 + decimals] >= '5';
    digits.resize(decimals == 0 ? point : point + 1 + decimals);
    if (up) count_up(digits);
    return digits;
}

std::size_t whole_digits(std::string_view digits) {
    const auto whole = digits.substr(0, digits.find('.'));
    return whole == "0" ? 0 : whole.size();
}

}  // namespace

domain::Result<domain::Decimal> exact_of(std::string_view numeric, int precision) {
    const bool negative = numeric.starts_with('-');
    const std::string digits{numeric.substr(negative ? 1 : 0)};
    const auto wanted = std::max(decimals_kept, static_cast<std::size_t>(precision));
    // A nine that counts up can make the whole part longer by one.
    for (auto whole = whole_digits(digits); whole <= digits_max; ++whole) {
        const auto text = rounded(digits, std::min(wanted, digits_max - whole));
        if (whole_digits(text) > whole) continue;
        if (const auto value = domain::Decimal::from(negative ? "-" + text : text)) return *value;
        break;
    }
    return domain::refuse(value_too_large);
}

}  // namespace projections::metric
