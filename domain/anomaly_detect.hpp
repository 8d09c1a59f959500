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
    Severity severity{};  ///< by the chance of all the days that are told together
    double observed{}, expected{}, low{}, high{};  ///< in the series' unit; low to high is usual
    double score{};  ///< robust standard deviations of a day from expected
    bool operator==(const Odd&) const = default;
};

/// A day alone is told from here on, in standard deviations of chance; days on end, of which there
/// are more to choose from, from there on together.
inline constexpr double notice_score = 4, run_score = 4.4;
inline constexpr double critical_score = 4.8;
/// What is usual lies so many standard deviations around what was to be expected.
inline constexpr double usual_deviations = 3;
/// Fewer judged days than this say nothing.
inline constexpr std::size_t days_min = 56;

/// Values are compared as asinh(value over the typical one), so a rate is judged as a revenue is
/// and a loss as a profit. What is usual: `set_usual` in anomaly_level.hpp. Single days and days on
/// end are tested against it as pulses, with the noise, the autocorrelation and the tails that the
/// series itself has: `pulses_of` in anomaly_pulse.hpp. Repeated, four times at most, until nothing
/// new is found: what was odd is no measure for its neighbours. Days must be in order; missing ones
/// may be left out, and so are values that are no finite numbers. A series that is zero on more
/// than a third of its days is not judged. tests/anomaly_test.cpp prints precision and recall on
/// the labelled demo.
std::vector<Odd> detect(const std::vector<Day>& days);

/// `odd` as it is told: estimates with at most `decimals` decimals, the observed value as it is.
/// Empty when an estimate is larger than a decimal holds: it would not be told right.
std::optional<Finding> finding_of(const Odd& odd, std::string metric, std::string location,
                                  const Decimal& observed, int decimals);

}  // namespace domain::anomaly
