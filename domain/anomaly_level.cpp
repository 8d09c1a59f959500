#include "domain/anomaly_level.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace domain::anomaly {
namespace {

constexpr int coarse_level_days = 21;
/// On either side: a whole year where it is there, so that seasons share one measure.
constexpr int deviation_days = 365;
constexpr double deviations_of_median = 1.4826;  // of a normal distribution
/// A series that hardly moves must not make a cent an anomaly.
constexpr double deviation_min = 0.01;
constexpr std::size_t weekdays = 7;

using Effects = std::array<double, weekdays>;

std::size_t weekday_of(Date day) { return static_cast<std::size_t>((day.days + 4) % weekdays); }

/// Appends what `of` gives for the days that are not odd, from the one before `at` down to `reach`
/// days away.
template <class Of>
void add_before(std::vector<double>& values, const std::vector<Judged>& days, std::size_t at,
                int reach, Of of) {
    for (std::size_t i = at; i-- > 0 && days[at].day - days[i].day <= reach;) {
        if (!days[i].odd) values.push_back(of(i));
    }
}
template <class Of>
void add_after(std::vector<double>& values, const std::vector<Judged>& days, std::size_t at,
               int reach, Of of) {
    for (std::size_t i = at + 1; i < days.size() && days[i].day - days[at].day <= reach; ++i) {
        if (!days[i].odd) values.push_back(of(i));
    }
}

/// The median of the days around each without their weekdays; a day without any is its own level.
std::vector<double> levels_of(const std::vector<Judged>& days, const Effects& effects, int reach) {
    const auto plain = [&](std::size_t i) {
        return days[i].seen - effects[weekday_of(days[i].day)];
    };
    std::vector<double> levels, near;
    for (std::size_t i = 0; i < days.size(); ++i) {
        near.clear();
        add_before(near, days, i, reach, plain);
        add_after(near, days, i, reach, plain);
        if (near.empty()) near.push_back(plain(i));
        levels.push_back(median(near));
    }
    return levels;
}

/// The median of each weekday, less what is usual at that time.
Effects effects_of(const std::vector<Judged>& days, const std::vector<double>& levels) {
    std::array<std::vector<double>, weekdays> beside;
    for (std::size_t i = 0; i < days.size(); ++i) {
        if (!days[i].odd) beside[weekday_of(days[i].day)].push_back(days[i].seen - levels[i]);
    }
    Effects effects{};
    for (std::size_t i = 0; i < effects.size(); ++i) effects[i] = median(beside[i]);
    return effects;
}

/// The mean of the middle half: nearly as exact as a mean, and without what is far off.
double middle_of(std::vector<double>& values) {
    if (values.empty()) return 0;
    const auto cut = static_cast<std::ptrdiff_t>(values.size() / 4);
    std::ranges::sort(values);
    return std::accumulate(values.begin() + cut, values.end() - cut, 0.0) /
           static_cast<double>(values.size() - 2 * static_cast<std::size_t>(cut));
}

void set_sides(std::vector<Judged>& days) {
    const auto plain = [&](std::size_t i) { return days[i].plain; };
    std::vector<double> side;
    for (std::size_t i = 0; i < days.size(); ++i) {
        side.clear();
        add_before(side, days, i, level_days, plain);
        days[i].before = {middle_of(side), side.size()};
        side.clear();
        add_after(side, days, i, level_days, plain);
        days[i].after = {middle_of(side), side.size()};
    }
}

void set_deviations(std::vector<Judged>& days, const std::vector<double>& levels) {
    const auto residual = [&](std::size_t i) { return days[i].plain - levels[i]; };
    std::vector<double> near;
    for (std::size_t i = 0; i < days.size(); ++i) {
        near.clear();
        add_before(near, days, i, deviation_days, residual);
        add_after(near, days, i, deviation_days, residual);
        const double middle = median(near);
        days[i].deviation = std::max(spread_around(middle, near), deviation_min);
    }
}

}  // namespace

double median(std::vector<double>& values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double spread_around(double middle, std::vector<double> values) {
    for (auto& value : values) value = std::abs(value - middle);
    return deviations_of_median * median(values);
}

void set_usual(std::vector<Judged>& days) {
    Effects effects{};
    std::vector<double> levels;
    for (const int reach : {coarse_level_days, level_days, level_days}) {
        levels = levels_of(days, effects, reach);
        effects = effects_of(days, levels);
    }
    for (auto& day : days) day.plain = day.seen - effects[weekday_of(day.day)];
    set_sides(days);
    set_deviations(days, levels);
}

}  // namespace domain::anomaly
