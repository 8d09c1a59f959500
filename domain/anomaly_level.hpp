#pragma once
#include "domain/base/time.hpp"

#include <cstddef>
#include <vector>

/// What is usual around each day of a series: the ground that odd days are told against.
namespace domain::anomaly {

/// What is usual on one side of a day, from so many days of it.
struct Side {
    double level{};
    std::size_t days{};
};

/// A day while it is judged.
struct Judged {
    Date day;
    double value{};      ///< in the series' unit
    double seen{};       ///< on the scale on which days are compared
    double plain{};      ///< the same without what is usual on its weekday
    double deviation{};  ///< robust standard deviation of `plain` at this time of the year
    Side before, after;  ///< of `plain`
    bool odd{};          ///< found in an earlier pass: no measure for its neighbours
    /// Whether the day follows upon `other` without a day in between.
    bool follows(const Judged& other) const { return day - other.day == 1; }
};

/// So many days on a side make its level; fewer than the least say nothing of it.
inline constexpr int level_days = 10;
inline constexpr std::size_t level_days_min = 3;

/// 0 of nothing. Shuffles `values`.
double median(std::vector<double>& values);
/// 1.4826 times the median distance from `middle`, which of normal values is their standard
/// deviation: Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993).
double spread_around(double middle, std::vector<double> values);

/// Sets `plain`, `deviation` and the two sides of every day from `seen`, by the days that are not
/// odd: medians of weekdays and of the days around, each freed of the other in turn as in STL
/// (Cleveland and others, 1990), then the mean of the middle half of the days on each side, which
/// a few days far off do not move.
void set_usual(std::vector<Judged>& days);

}  // namespace domain::anomaly
