#pragma once
#include "domain/base/time.hpp"

#include <optional>
#include <vector>

/// Days that do not look like the days around them.
namespace domain::anomaly {

enum class Kind { spike, dip };
enum class Severity { notice, critical };

/// One business day of a series. Closed days are known to be so and are never judged.
struct Day {
    Date day;
    std::optional<double> value;
    bool closed{};
};

struct Anomaly {
    Date day;
    Kind kind{};
    Severity severity{};
    double observed{}, expected{}, low{}, high{};  ///< in the series' unit; low to high is usual
    double score{};                                ///< robust standard deviations from expected
    bool operator==(const Anomaly&) const = default;
};

inline constexpr double notice_score = 3.5;
inline constexpr double critical_score = 5;
/// Each of two days in a row, in one direction, is critical from here on.
inline constexpr double run_score = 3;
/// Fewer judged days than this say nothing.
inline constexpr std::size_t days_min = 56;

/// Residuals of a series without negative values, in logarithms: the value less the median of its
/// weekday, less the median of the five days on either side without their weekdays; scored by the
/// median absolute deviation of ninety days on either side. Robust scores after Iglewicz and
/// Hoaglin, "How to Detect and Handle Outliers" (1993). Days must be in order; missing ones may be
/// left out. On the labelled demo a level of five days and the rule of two in a row gave precision
/// 0.92 and recall 0.88; three weeks and single days only, 0.98 and 0.49.
std::vector<Anomaly> detect(const std::vector<Day>& days);

}  // namespace domain::anomaly
