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

inline constexpr double notice_score = 4.5;
inline constexpr double critical_score = 5;
/// Days in a row, in one direction, from here on score together: their sum over its deviation,
/// after Stouffer (1949), with as much autocorrelation as the series has.
inline constexpr double run_score = 2.5;
/// Fewer judged days than this say nothing.
inline constexpr std::size_t days_min = 56;

/// Residuals of asinh(value over the typical one), so a rate is judged as a revenue is and a loss
/// as a profit: less the median of the weekday, less the median of the six days on either side
/// without their weekdays; scored by the median absolute deviation of ninety days on either side.
/// Twice: what was odd is no measure for its neighbours. Robust scores after Iglewicz and Hoaglin,
/// "How to Detect and Handle Outliers" (1993). Days must be in order; missing ones may be left out,
/// and so are values that are no finite numbers. A series that is zero on more than a third of its
/// days is not judged. tests/anomaly_test.cpp prints precision and recall on the labelled demo.
std::vector<Odd> detect(const std::vector<Day>& days);

/// `odd` as it is told: estimates with at most `decimals` decimals, the observed value as it is.
/// Empty when an estimate is larger than a decimal holds: it would not be told right.
std::optional<Finding> finding_of(const Odd& odd, std::string metric, std::string location,
                                  const Decimal& observed, int decimals);

}  // namespace domain::anomaly
