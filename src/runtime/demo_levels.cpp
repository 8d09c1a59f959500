#include "src/runtime/demo_levels.hpp"

#include "src/runtime/demo_random.hpp"

#include <algorithm>
#include <charconv>

namespace runtime::demo {
namespace {

using domain::Date;

constexpr int peak_day = 196;
constexpr int leap_year_days = 366;
constexpr double december_peak = 352, december_width = 14;

Date day(std::string_view text) { return domain::date_from(text).value_or(Date{}); }

}  // namespace

double usual(const Level& level, int t) {
    const auto weekday = static_cast<std::size_t>(((first_day() + t).days + 4) % 7);
    const double away = (t % leap_year_days - december_peak) / december_width;
    return level.mean * (1 + level.growth * t) *
           (level.shop_week ? shop_week : restaurant_week)[weekday] *
           (1 + level.season * yearly(t, peak_day)) *
           (1 + level.december * exponential(-away * away / 2));
}

std::span<const Happening> happenings() {
    static const std::array all{
        Happening{day("2024-05-17"), day("2024-05-17"), "outage", 1, 0, true},
        Happening{day("2025-03-09"), day("2025-03-11"), "viral", 1.45, 1, true},
        Happening{day("2025-06-04"), day("2025-06-04"), "power-cut", 0.55, 1, true},
        Happening{day("2025-08-23"), day("2025-08-23"), "dip", 0.80, 1, false},
    };
    return all;
}

std::span<const Date> closed_days() {
    static const std::array all{day("2024-01-01"), day("2024-11-28"), day("2024-12-25"),
                                day("2025-01-01"), day("2025-11-27"), day("2025-12-25")};
    return all;
}

std::span<const Date> refund_days() {
    static const std::array all{day("2024-11-04"), day("2024-11-07"), day("2024-11-12"),
                                day("2024-11-15"), day("2024-11-21"), day("2024-11-26")};
    return all;
}

std::span<const Date> clock_changes() {
    static const std::array all{day("2024-03-10"), day("2024-11-03"), day("2025-03-09"),
                                day("2025-11-02")};
    return all;
}

bool is_closed(Date date) { return std::ranges::contains(closed_days(), date); }

std::span<const Gap> gaps() {
    static const std::array all{Gap{day("2024-09-02"), day("2024-09-05"), day("2024-09-14")},
                                Gap{day("2025-10-11"), day("2025-10-12"), day("2025-10-15")}};
    return all;
}

Date price_rise_day() { return day("2025-04-01"); }
Date wage_rise_day() { return day("2025-01-01"); }
Date double_day() { return day("2024-07-18"); }

domain::Decimal decimal_of(double value, int decimals) {
    char text[40];
    const auto [end, error] =
        std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals);
    if (error != std::errc{}) return {};
    return domain::Decimal::from({text, end}).value_or(domain::Decimal{});
}

}  // namespace runtime::demo
