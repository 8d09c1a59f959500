#include "domain/anomaly_detect.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <span>

namespace domain::anomaly {
namespace {

constexpr int coarse_level_days = 21;
constexpr int level_days = 6;
constexpr int scale_days = 90;
constexpr double deviations_of_mad = 1.4826;  // of a normal distribution
/// A series that hardly moves must not make a cent an anomaly.
constexpr double scale_min = 0.01;
/// A series that is zero on more of its days is asked for now and then: one day says nothing.
constexpr double zeros_max = 1.0 / 3;
/// How soon, in typical values, proportions count instead of differences; for series that never go
/// below zero, and for those that do, whose differences mean the same on both sides of it.
constexpr double steepness_above_zero = 3, steepness_across_zero = 0.5;
/// What was odd the first time is no measure for its neighbours the second time.
constexpr int passes = 2;
/// Beyond it a score says nothing about how days follow each other.
constexpr double echo_score_max = 3;
constexpr int weekdays = 7;

struct Judged {
    Date day;
    double value{};
    double transformed{};
    double residual{};
    bool odd{};
};

/// How values are seen while they are compared: asinh(value / unit), which is defined everywhere,
/// and a logarithm for large values.
struct Lens {
    double unit{};
    double in(double value) const { return std::asinh(value / unit); }
    double out(double x) const { return unit * std::sinh(x); }
};

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::size_t weekday_of(Date day) { return static_cast<std::size_t>((day.days + 4) % weekdays); }

/// What `of` gives for the days at most `reach` away from `days[at]`, which itself is left out, as
/// are odd ones.
template <class Of>
std::vector<double> around(const std::vector<Judged>& days, std::size_t at, int reach, Of of) {
    std::vector<double> values;
    for (std::size_t i = at; i-- > 0 && days[at].day - days[i].day <= reach;) {
        if (!days[i].odd) values.push_back(of(days[i]));
    }
    for (std::size_t i = at + 1; i < days.size() && days[i].day - days[at].day <= reach; ++i) {
        if (!days[i].odd) values.push_back(of(days[i]));
    }
    return values;
}

using Effects = std::array<double, weekdays>;

/// The median of each weekday, less what is usual at that time.
Effects effects_of(const std::vector<Judged>& days, const std::vector<double>& levels) {
    std::array<std::vector<double>, weekdays> beside;
    for (std::size_t i = 0; i < days.size(); ++i)
        beside[weekday_of(days[i].day)].push_back(days[i].transformed - levels[i]);
    Effects effects{};
    for (std::size_t i = 0; i < effects.size(); ++i) effects[i] = median(beside[i]);
    return effects;
}

/// The median of the days around each, once their weekdays are taken out; a day without any is its
/// own level.
std::vector<double> levels_of(const std::vector<Judged>& days, const Effects& effects, int reach) {
    const auto without_weekday = [&](const Judged& d) {
        return d.transformed - effects[weekday_of(d.day)];
    };
    std::vector<double> levels;
    for (std::size_t i = 0; i < days.size(); ++i) {
        auto near = around(days, i, reach, without_weekday);
        if (near.empty()) near.push_back(without_weekday(days[i]));
        levels.push_back(median(std::move(near)));
    }
    return levels;
}

/// Weekdays need a level and the level needs weekdays: each in turn, from coarse to fine.
void set_residuals(std::vector<Judged>& days) {
    Effects effects{};
    std::vector<double> levels;
    for (const int reach : {coarse_level_days, level_days, level_days}) {
        levels = levels_of(days, effects, reach);
        effects = effects_of(days, levels);
    }
    for (std::size_t i = 0; i < days.size(); ++i)
        days[i].residual = days[i].transformed - levels[i] - effects[weekday_of(days[i].day)];
}

/// A residual beside those of its time.
struct Standing {
    double middle{}, scale{}, score{};
};
std::vector<Standing> standings_of(const std::vector<Judged>& days) {
    std::vector<Standing> standings;
    for (std::size_t i = 0; i < days.size(); ++i) {
        const auto near = around(days, i, scale_days, [](const Judged& d) { return d.residual; });
        const double middle = median(near);
        std::vector<double> deviations;
        for (const double residual : near) deviations.push_back(std::abs(residual - middle));
        const double scale = std::max(deviations_of_mad * median(std::move(deviations)), scale_min);
        standings.push_back({middle, scale, (days[i].residual - middle) / scale});
    }
    return standings;
}

/// How much of a day's score the next day has as a rule: the autocorrelation of lag one, at least
/// 0.
double echo_of(const std::vector<Judged>& days, const std::vector<Standing>& standings) {
    const auto bounded = [&](std::size_t i) {
        return std::clamp(standings[i].score, -echo_score_max, echo_score_max);
    };
    double together = 0, alone = 0;
    for (std::size_t i = 0; i < days.size(); ++i) {
        alone += bounded(i) * bounded(i);
        if (i > 0 && days[i].day - days[i - 1].day == 1) together += bounded(i) * bounded(i - 1);
    }
    return alone > 0 ? std::max(0.0, together / alone) : 0;
}

/// Odd days in a row, in one direction, are seldom chance.
bool runs_on(const Odd& one, const Odd& next) {
    return next.day - one.day == 1 && one.kind == next.kind;
}

/// The standard deviation of a sum of `count` standard scores that echo.
double deviation_of_sum(std::size_t count, double echo) {
    const auto days = static_cast<double>(count);
    double variance = days, echoed = echo;
    for (std::size_t apart = 1; apart < count; ++apart, echoed *= echo)
        variance += 2 * (days - static_cast<double>(apart)) * echoed;
    return std::sqrt(variance);
}

std::vector<Odd> worth_telling(std::span<Odd> odd, double echo) {
    std::vector<Odd> found;
    for (std::size_t from = 0, to = 0; from < odd.size(); from = to) {
        double sum = 0;
        for (to = from; to < odd.size() && (to == from || runs_on(odd[to - 1], odd[to])); ++to)
            sum += std::abs(odd[to].score);
        const double together = sum / deviation_of_sum(to - from, echo);
        for (auto& one : odd.subspan(from, to - from)) {
            const double score = std::max(std::abs(one.score), together);
            if (score < notice_score) continue;
            if (score >= critical_score) one.severity = Severity::critical;
            found.push_back(one);
        }
    }
    return found;
}

std::vector<Judged> judgeable(const std::vector<Day>& days) {
    std::vector<Judged> judged;
    for (const auto& day : days) {
        if (!day.closed && day.value && std::isfinite(*day.value))
            judged.push_back({.day = day.day, .value = *day.value});
    }
    return judged;
}

/// Fitted to the median size of the values that are not zero; none where too many are.
std::optional<Lens> lens_for(const std::vector<Judged>& days) {
    std::vector<double> sizes;
    bool is_below_zero = false;
    for (const auto& day : days) {
        if (day.value != 0) sizes.push_back(std::abs(day.value));
        is_below_zero |= day.value < 0;
    }
    const auto zeros = static_cast<double>(days.size() - sizes.size());
    if (zeros > zeros_max * static_cast<double>(days.size())) return std::nullopt;
    return Lens{median(std::move(sizes)) /
                (is_below_zero ? steepness_across_zero : steepness_above_zero)};
}

Odd odd_of(const Judged& day, const Standing& standing, const Lens& lens) {
    const double centre = day.transformed - day.residual + standing.middle;
    const double usual = notice_score * standing.scale;
    return {.day = day.day,
            .kind = standing.score > 0 ? Kind::spike : Kind::dip,
            .severity = Severity::notice,
            .observed = day.value,
            .expected = lens.out(centre),
            .low = lens.out(centre - usual),
            .high = lens.out(centre + usual),
            .score = standing.score};
}

std::vector<Odd> odd_days(std::vector<Judged>& days, const Lens& lens) {
    set_residuals(days);
    const auto standings = standings_of(days);
    std::vector<Odd> odd;
    for (std::size_t i = 0; i < days.size(); ++i) {
        if (std::abs(standings[i].score) >= run_score)
            odd.push_back(odd_of(days[i], standings[i], lens));
    }
    return worth_telling(odd, echo_of(days, standings));
}

/// As many of `decimals` as fit; empty for an estimate beyond what a decimal holds.
std::optional<Decimal> rounded(double value, int decimals) {
    for (; decimals >= 0; --decimals) {
        std::array<char, 64> text{};
        const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value,
                                                std::chars_format::fixed, decimals);
        if (error != std::errc{}) continue;
        if (const auto decimal = Decimal::from({text.data(), end})) return decimal;
    }
    return std::nullopt;
}

}  // namespace

std::vector<Odd> detect(const std::vector<Day>& days) {
    auto judged = judgeable(days);
    if (judged.size() < days_min) return {};
    const auto lens = lens_for(judged);
    if (!lens) return {};
    for (auto& day : judged) day.transformed = lens->in(day.value);
    std::vector<Odd> found;
    for (int pass = 0; pass < passes; ++pass) {
        std::set<Date> before;
        for (const auto& odd : found) before.insert(odd.day);
        for (auto& day : judged) day.odd = before.contains(day.day);
        found = odd_days(judged, *lens);
    }
    return found;
}

std::optional<Finding> finding_of(const Odd& odd, std::string metric, std::string location,
                                  const Decimal& observed, int decimals) {
    constexpr int score_decimals = 2;
    const auto expected = rounded(odd.expected, decimals);
    const auto low = rounded(odd.low, decimals), high = rounded(odd.high, decimals);
    const auto score = rounded(odd.score, score_decimals);
    if (!expected || !low || !high || !score) return std::nullopt;
    return Finding{.metric = std::move(metric),
                   .location = std::move(location),
                   .on = odd.day,
                   .kind = odd.kind,
                   .severity = odd.severity,
                   .observed = observed,
                   .expected = *expected,
                   .low = *low,
                   .high = *high,
                   .score = *score};
}

}  // namespace domain::anomaly
