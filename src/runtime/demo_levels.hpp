#pragma once
#include "domain/base/decimal.hpp"
#include "src/runtime/demo_model.hpp"

/// The levels that deviations are multiplied with, and what happened from outside.
namespace runtime::demo {

/// What is usual on a day: level × growth × weekday × season × December.
struct Level {
    std::string_view metric;
    double mean{};
    double growth{};  ///< a day, of the first day's level
    bool shop_week{};
    double season{};    ///< share, with its peak in the middle of July
    double december{};  ///< share, on the best day before Christmas
};
inline constexpr Level covers_level{"covers", 140, 0.00022, false, 0.10, 0};
inline constexpr Level reservations_level{"reservations", 58, 0, false, 0, 0};
inline constexpr Level visitors_level{"shop_visitors", 210, 0.00022, true, 0.08, 0.55};

inline constexpr std::array restaurant_week{0.92, 0.72, 0.78, 0.86, 0.95, 1.32, 1.45};
inline constexpr std::array shop_week{0.90, 0.85, 0.82, 0.88, 0.95, 1.15, 1.45};  ///< from Sunday

double usual(const Level& level, int t);

inline constexpr double sessions_mean = 420, wait_mean = 14, ads_mean = 180, review_mean = 4.35;
inline constexpr double conversion_mean = 0.24, check_mean = 29.5, order_mean = 41;
inline constexpr double followers_start = 2400, iced_mean = 26, patio_mean = 0.16;
inline constexpr double temperature_mean = 11.5, food_share = 0.30;
inline constexpr double hours_a_day = 8, hours_a_cover = 0.30;
inline constexpr double wage = 18.50, wage_rise = 1.03, check_rise = 1.06;
/// Managers and payroll taxes on an open day, so that prime cost is near 62 % of sales.
inline constexpr double salaries_a_day = 455;

/// Something that happened to the restaurant for some days.
struct Happening {
    domain::Date from, to;  ///< both in it
    std::string_view what;
    double guests{};  ///< factor on who really came
    double till{};    ///< factor on what the till tells of it
    bool must_be_found{};
};
std::span<const Happening> happenings();
/// Both places are shut; both in it.
std::span<const domain::Date> closed_days();
bool is_closed(domain::Date day);

/// Days of which the till's connector sent nothing until `arrived`.
struct Gap {
    domain::Date from, to;  ///< both in it
    domain::Date arrived;
};
std::span<const Gap> gaps();

domain::Date price_rise_day();
domain::Date wage_rise_day();
domain::Date double_day();

/// What the shop paid back on an evening, told by itself after the day's sales.
inline constexpr double refund = 41.50;
std::span<const domain::Date> refund_days();

/// Around each, every hour of thirty days is there.
std::span<const domain::Date> clock_changes();
inline constexpr int days_around_clock_change = 15;

/// Rain of which many stay at home.
inline constexpr double downpour_millimetres = 20;

/// `value` with so many decimals, half to even of the exact binary value.
domain::Decimal decimal_of(double value, int decimals);

}  // namespace runtime::demo
