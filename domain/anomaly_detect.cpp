#include "domain/anomaly_detect.hpp"

#include "domain/anomaly_pulse.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace domain::anomaly {
namespace {

/// A series that is zero on more of its days is asked for now and then: one day says nothing.
constexpr double zeros_max = 1.0 / 3;
/// How soon, in typical values, proportions count instead of differences; for series that never go
/// below zero, and for those that do, whose differences mean the same on both sides of it.
constexpr double steepness_above_zero = 3, steepness_across_zero = 0.5;
/// What was odd in one pass is no measure for its neighbours in the next one; as a rule two agree.
constexpr int passes_max = 4;
/// A day beside an anomaly belongs to it from here on.
constexpr double beside_deviations = 2.5;

/// How values are seen while they are compared: asinh(value / unit), which is defined everywhere,
/// and a logarithm for large values.
struct Lens {
    double unit{};
    double in(double value) const { return std::asinh(value / unit); }
    double out(double x) const { return unit * std::sinh(x); }
};

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
    return Lens{median(sizes) / (is_below_zero ? steepness_across_zero : steepness_above_zero)};
}

/// Whether `pulse` comes nearer to one of `others` than so many days.
bool is_near(const Pulse& pulse, const std::vector<Pulse>& others, std::size_t days_between) {
    return std::ranges::any_of(others, [&](const Pulse& other) {
        return pulse.at < other.end() + days_between && other.at < pulse.end() + days_between;
    });
}

/// Takes in the days on end beside a pulse that lie far off on its side, up to the next pulse; what
/// is sure has its neighbours told by less, as in Canny's hysteresis (1986).
void widen(Pulse& pulse, const std::vector<Judged>& days, const std::vector<Pulse>& others) {
    const auto joins = [&](std::size_t beside, std::size_t nearest) {
        return days[std::max(beside, nearest)].follows(days[std::min(beside, nearest)]) &&
               pulse.deviations(days[beside]) >= beside_deviations &&
               !is_near({beside, 1}, others, 0);
    };
    while (pulse.count < pulse_days_max && pulse.at > 0 && joins(pulse.at - 1, pulse.at)) {
        --pulse.at;
        ++pulse.count;
    }
    while (pulse.count < pulse_days_max && pulse.end() < days.size() &&
           joins(pulse.end(), pulse.end() - 1))
        ++pulse.count;
}

/// The highest ones that share no day, widened; in the first pass, when nothing is known of the
/// neighbours yet, a day lies between them.
std::vector<Pulse> told_of(const std::vector<Judged>& days, int pass) {
    std::vector<Pulse> told;
    for (const auto& pulse : pulses_of(days, notice_score, run_score)) {
        if (!is_near(pulse, told, pass == 0 ? 1 : 0)) told.push_back(pulse);
    }
    for (std::size_t i = 0; i < told.size(); ++i) {
        auto others = told;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        widen(told[i], days, others);
    }
    return told;
}

/// Marks what `pulses` tell of; whether that was marked already, and nothing else.
bool mark(std::vector<Judged>& days, const std::vector<Pulse>& pulses) {
    std::vector<bool> odd(days.size());
    for (const auto& pulse : pulses) {
        for (std::size_t i = pulse.at; i < pulse.end(); ++i) odd[i] = pulse.tells(days[i]);
    }
    bool same = true;
    for (std::size_t i = 0; i < days.size(); ++i) {
        same &= days[i].odd == odd[i];
        days[i].odd = odd[i];
    }
    return same;
}

Odd odd_of(const Judged& day, const Pulse& pulse, const Lens& lens) {
    const double centre = day.seen - day.plain + pulse.level;
    const double usual = usual_deviations * day.deviation;
    return {
        .day = day.day,
        .kind = pulse.score > 0 ? Kind::spike : Kind::dip,
        .severity = std::abs(pulse.score) >= critical_score ? Severity::critical : Severity::notice,
        .observed = day.value,
        .expected = lens.out(centre),
        .low = lens.out(centre - usual),
        .high = lens.out(centre + usual),
        .score = (day.plain - pulse.level) / day.deviation};
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
    for (auto& day : judged) day.seen = lens->in(day.value);
    std::vector<Pulse> pulses;
    for (int pass = 0; pass < passes_max; ++pass) {
        set_usual(judged);
        pulses = told_of(judged, pass);
        if (mark(judged, pulses)) break;
    }
    std::ranges::sort(pulses, {}, &Pulse::at);
    std::vector<Odd> found;
    for (const auto& pulse : pulses) {
        for (std::size_t i = pulse.at; i < pulse.end(); ++i) {
            if (pulse.tells(judged[i])) found.push_back(odd_of(judged[i], pulse, *lens));
        }
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
