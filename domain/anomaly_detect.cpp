#include "domain/anomaly_detect.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace domain::anomaly {
namespace {

constexpr int coarse_level_days = 21;
constexpr int level_days = 5;
constexpr int scale_days = 90;
constexpr double deviations_of_mad = 1.4826;  // of a normal distribution
/// A series that never moves must not make a cent an anomaly.
constexpr double scale_min = 0.01;
constexpr int weekdays = 7;

struct Judged {
    Date day;
    double value{};
    double transformed{};
    double residual{};
};

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

std::size_t weekday_of(Date day) { return static_cast<std::size_t>((day.days + 4) % weekdays); }

/// What `of` gives for the days at most `reach` away from `days[at]`, which itself is left out.
template <class Of>
std::vector<double> around(const std::vector<Judged>& days, std::size_t at, int reach, Of of) {
    std::vector<double> values;
    for (std::size_t i = at; i-- > 0 && days[at].day - days[i].day <= reach;)
        values.push_back(of(days[i]));
    for (std::size_t i = at + 1; i < days.size() && days[i].day - days[at].day <= reach; ++i)
        values.push_back(of(days[i]));
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

/// The median of the days around each, once their weekdays are taken out.
std::vector<double> levels_of(const std::vector<Judged>& days, const Effects& effects, int reach) {
    std::vector<double> levels;
    for (std::size_t i = 0; i < days.size(); ++i)
        levels.push_back(median(around(days, i, reach, [&](const Judged& d) {
            return d.transformed - effects[weekday_of(d.day)];
        })));
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

/// Odd days in a row, in one direction, are seldom chance.
bool runs_on(const Odd& one, const Odd& next) {
    return next.day - one.day == 1 && one.kind == next.kind;
}

std::vector<Odd> worth_telling(std::span<Odd> odd) {
    std::vector<Odd> found;
    for (std::size_t from = 0, to = 0; from < odd.size(); from = to) {
        double sum = 0;
        for (to = from; to < odd.size() && (to == from || runs_on(odd[to - 1], odd[to])); ++to)
            sum += std::abs(odd[to].score);
        const double together = sum / std::sqrt(static_cast<double>(to - from));
        for (auto& one : odd.subspan(from, to - from)) {
            const double score = std::max(std::abs(one.score), together);
            if (score < notice_score) continue;
            if (score >= critical_score) one.severity = Severity::critical;
            found.push_back(one);
        }
    }
    return found;
}

/// Estimates beyond what a decimal holds are told as zero: nobody compares with them.
Decimal rounded(double value, int decimals) {
    std::array<char, 64> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value,
                                            std::chars_format::fixed, decimals);
    if (error != std::errc{}) return {};
    return Decimal::from({text.data(), end}).value_or(Decimal{});
}

}  // namespace

std::vector<Odd> detect(const std::vector<Day>& days) {
    std::vector<Judged> judged;
    for (const auto& day : days) {
        if (day.closed || !day.value || *day.value < 0) continue;
        judged.push_back({day.day, *day.value, std::log1p(*day.value), 0});
    }
    if (judged.size() < days_min) return {};
    std::vector<Odd> odd;
    set_residuals(judged);
    for (std::size_t i = 0; i < judged.size(); ++i) {
        const auto near = around(judged, i, scale_days, [](const Judged& d) { return d.residual; });
        const double middle = median(near);
        std::vector<double> deviations;
        for (const double residual : near) deviations.push_back(std::abs(residual - middle));
        const double scale = std::max(deviations_of_mad * median(deviations), scale_min);
        const double score = (judged[i].residual - middle) / scale;
        if (std::abs(score) < run_score) continue;
        const double centre = judged[i].transformed - judged[i].residual + middle;
        odd.push_back({judged[i].day, score > 0 ? Kind::spike : Kind::dip, Severity::notice,
                       judged[i].value, std::expm1(centre),
                       std::expm1(centre - notice_score * scale),
                       std::expm1(centre + notice_score * scale), score});
    }
    return worth_telling(odd);
}

Finding finding_of(const Odd& odd, std::string metric, std::string location,
                   const Decimal& observed, int decimals) {
    constexpr int score_decimals = 2;
    return {.metric = std::move(metric),
            .location = std::move(location),
            .on = odd.day,
            .kind = odd.kind,
            .severity = odd.severity,
            .observed = observed,
            .expected = rounded(odd.expected, decimals),
            .low = rounded(odd.low, decimals),
            .high = rounded(odd.high, decimals),
            .score = rounded(odd.score, score_decimals)};
}

}  // namespace domain::anomaly
