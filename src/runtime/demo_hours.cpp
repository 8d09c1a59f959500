#include "src/runtime/demo_hours.hpp"

#include "domain/base/business_day.hpp"
#include "src/runtime/demo_levels.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace runtime::demo {
namespace {

using domain::Date;
using domain::Instant;

/// The business day ends at four, so a change at two in the morning is in the Saturday before.
constexpr int day_cutoff_minutes = 240;

/// Guests by the hour since four: lunch, a quiet afternoon, dinner; a few stay past midnight.
constexpr std::array weights_of_day{0,  0,  0,  0,  1,  2, 4, 9, 16, 14, 6, 3, 4,
                                    11, 22, 24, 18, 11, 6, 3, 2, 1,  1,  1, 1};

bool is_around_a_change(Date day) {
    return std::ranges::any_of(clock_changes(), [&](Date change) {
        return day >= change + -days_around_clock_change && day < change + days_around_clock_change;
    });
}

void put_hours(Hours& out, const Value& daily, domain::BusinessDays& days) {
    const auto start = days.start_of(daily.day), end = days.start_of(daily.day + 1);
    const auto count = static_cast<std::size_t>((end.micros - start.micros) / domain::hour_micros);
    const std::vector<int> weights(weights_of_day.begin(),
                                   weights_of_day.begin() + static_cast<std::ptrdiff_t>(count));
    auto at = start;
    for (const auto& value : split(daily.value, weights)) {
        out.values.push_back({at, value});
        at.micros += domain::hour_micros;
    }
}

/// units / 10^scale as text, with all its places.
std::string text_of(std::int64_t units, int scale) {
    auto digits = std::to_string(units < 0 ? -units : units);
    const auto places = static_cast<std::size_t>(scale);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    if (places > 0) digits.insert(digits.size() - places, ".");
    return (units < 0 ? "-" : "") + digits;
}

}  // namespace

std::vector<domain::Decimal> split(const domain::Decimal& value, const std::vector<int>& weights) {
    const domain::Wide total = std::accumulate(weights.begin(), weights.end(), 0);
    std::vector<domain::Decimal> parts;
    domain::Wide weight = 0;
    std::int64_t given = 0;
    for (const int one : weights) {
        weight += one;
        // What was given so far is always the rounded share, so nothing is lost at the end.
        const auto due = static_cast<std::int64_t>(value.units() * weight / total);
        parts.push_back(
            domain::Decimal::from(text_of(due - given, value.scale())).value_or(domain::Decimal{}));
        given = due;
    }
    return parts;
}

std::vector<Hours> hours_around_clock_changes(const Business& business) {
    std::vector<Hours> hours;
    auto days = domain::BusinessDays::in("America/New_York", day_cutoff_minutes);
    if (!days) return hours;
    for (const auto& series : business.series) {
        if (series.metric != "covers" && series.metric != "restaurant_revenue") continue;
        auto& out = hours.emplace_back(Hours{series.metric + "_hourly", series.location, {}});
        for (const auto& daily : series.values) {
            if (is_around_a_change(daily.day)) put_hours(out, daily, *days);
        }
    }
    return hours;
}

}  // namespace runtime::demo
