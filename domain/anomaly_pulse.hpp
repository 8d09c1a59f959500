#pragma once
#include "domain/anomaly_level.hpp"

/// Days on end that differ from both what was before and what came after.
namespace domain::anomaly {

/// `count` judged days from `at` on, which all in all lie above what is usual, or below it.
struct Pulse {
    std::size_t at{}, count{};
    double level{};  ///< what is usual there, of `Judged::plain`
    double score{};  ///< standard deviations of chance; below zero for a dip
    std::size_t end() const { return at + count; }
    /// How many of its standard deviations `day` lies off on the pulse's side.
    double deviations(const Judged& day) const;
    /// Whether one of its days goes the pulse's way by itself, which a day alone does.
    bool tells(const Judged& day) const;
};

/// No pulse is longer: what lasts is a level, not an anomaly.
inline constexpr std::size_t pulse_days_max = 7;

/// All pulses that score at least `single` alone, or `together` with other days; the highest first.
/// Days must be `set_usual`.
///
/// A pulse is estimated by generalized least squares as one effect on all of its days, in noise
/// that is as autocorrelated as the series is: the statistic of additive outliers and patches by
/// Chang, Tiao and Chen (1988), between days that are not odd. Its variance has what levels are off
/// by as well, which is known from how much those before a day and after it differ over the series,
/// and differ here; so growth, seasons and levels that moved for good are no pulses.
///
/// A tail that is heavier than the normal distribution's counts for less, on each side and for each
/// length by itself: beyond the score that one pulse in ten has, scores are told in exponential
/// excesses as in peaks over threshold (Davison and Smith, 1990), by the series' own 97.5 %
/// quantile over the normal's. Few pulses are told by the normal's tail.
std::vector<Pulse> pulses_of(const std::vector<Judged>& days, double single, double together);

}  // namespace domain::anomaly
