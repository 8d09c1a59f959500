#include "domain/anomaly_pulse.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace domain::anomaly {
namespace {

/// A day that is told with others goes their way by so many of its deviations.
constexpr double told_deviations = 1.2;
/// Autocorrelation is estimated from deviations of at most this size, and is at most so large.
constexpr double echo_deviations_max = 2.5, echo_max = 0.95;
/// Closed days do not end a pulse.
constexpr int gap_days_max = 3;

constexpr double tail_share = 0.10, far_share = 0.025;
constexpr double tail_from = 1.2816, tail_far = 1.9600;  // of a normal distribution
/// The tail of so many pulses is believed as much as that of the normal distribution.
constexpr double tail_pulses_of_normal = 10;

/// How far beyond the normal's a tail goes on either side, at least 1.
struct Tails {
    double up = 1, down = 1;
    double told(double score) const {
        const double size = std::abs(score), stretch = score > 0 ? up : down;
        if (size <= tail_from) return score;
        return std::copysign(tail_from + (size - tail_from) / stretch, score);
    }
};

/// `excess` of `scores`, which share days with as many others as a pulse has.
double stretch_of(std::vector<double> scores, std::size_t days_of_pulse) {
    if (scores.empty()) return 1;
    const auto size = static_cast<double>(scores.size());
    const auto far = scores.begin() + static_cast<std::ptrdiff_t>((1 - far_share) * (size - 1));
    std::ranges::nth_element(scores, far);
    const double excess = (*far - tail_from) / (tail_far - tail_from);
    const double pulses = tail_share * size / static_cast<double>(days_of_pulse);
    return std::max(1.0,
                    (tail_pulses_of_normal + pulses * excess) / (tail_pulses_of_normal + pulses));
}

Tails tails_of(std::vector<double> scores, std::size_t days_of_pulse) {
    Tails tails;
    tails.up = stretch_of(scores, days_of_pulse);
    for (double& score : scores) score = -score;
    tails.down = stretch_of(std::move(scores), days_of_pulse);
    return tails;
}

/// What is usual where a pulse is, and the variance of it in squared deviations of a day.
struct Ground {
    double level{}, variance{};
};

class Scan {
public:
    explicit Scan(const std::vector<Judged>& days)
        : days_{days}, echo_{echo_of(days)}, unsure_{unsure_of(days)} {}

    /// Appends the pulses of one length.
    void add_pulses(std::vector<Pulse>& found, std::size_t count, double score_min) const {
        std::vector<Pulse> pulses;
        std::vector<double> scores;  // without odd days
        for (std::size_t at = 0; at + count <= days_.size(); ++at) {
            const auto pulse = pulse_of(at, count);
            if (!pulse) continue;
            pulses.push_back(*pulse);
            if (!has_odd(*pulse)) scores.push_back(pulse->score);
        }
        auto sorted = scores;
        const double unit = std::max(1.0, spread_around(median(sorted), scores));
        for (double& score : scores) score /= unit;
        const auto tails = tails_of(std::move(scores), count);
        for (auto& pulse : pulses) {
            pulse.score = tails.told(pulse.score / unit);
            if (std::abs(pulse.score) >= score_min && stands_alone(pulse)) found.push_back(pulse);
        }
    }

private:
    static double echo_of(const std::vector<Judged>& days);
    static double unsure_of(const std::vector<Judged>& days);

    std::optional<Ground> ground_of(std::size_t at, std::size_t count) const;
    std::optional<Pulse> pulse_of(std::size_t at, std::size_t count) const;

    bool has_odd(const Pulse& pulse) const {
        for (std::size_t i = pulse.at; i < pulse.end(); ++i) {
            if (days_[i].odd) return true;
        }
        return false;
    }

    /// It ends on both sides, and the sides differ less from each other than from it.
    bool stands_alone(const Pulse& pulse) const {
        const auto &first = days_[pulse.at], &last = days_[pulse.end() - 1];
        if (!pulse.tells(first) || !pulse.tells(last)) return false;
        if (std::min(first.before.days, last.after.days) < level_days_min) return true;
        double sum = 0;
        for (std::size_t i = pulse.at; i < pulse.end(); ++i) sum += days_[i].plain - pulse.level;
        return std::abs(first.before.level - last.after.level) <=
               std::abs(sum) / static_cast<double>(pulse.count);
    }

    const std::vector<Judged>& days_;
    double echo_;    ///< how much of a day's deviation the next one has
    double unsure_;  ///< variance of what one full side says, in squared deviations of a day
};

double Scan::echo_of(const std::vector<Judged>& days) {
    const auto bounded = [&](const Judged& day) {
        const double sides = static_cast<double>(day.before.days + day.after.days);
        if (sides == 0) return 0.0;
        const double level = (day.before.level * static_cast<double>(day.before.days) +
                              day.after.level * static_cast<double>(day.after.days)) /
                             sides;
        return std::clamp((day.plain - level) / day.deviation, -echo_deviations_max,
                          echo_deviations_max);
    };
    double together = 0, alone = 0;
    for (std::size_t i = 1; i < days.size(); ++i) {
        if (days[i].odd || days[i - 1].odd || !days[i].follows(days[i - 1])) continue;
        const double one = bounded(days[i - 1]), next = bounded(days[i]);
        together += one * next;
        alone += (one * one + next * next) / 2;
    }
    return alone > 0 ? std::clamp(together / alone, 0.0, echo_max) : 0;
}

double Scan::unsure_of(const std::vector<Judged>& days) {
    std::vector<double> steps;
    for (const auto& day : days) {
        if (2 * std::min(day.before.days, day.after.days) >= level_days)
            steps.push_back((day.before.level - day.after.level) / day.deviation);
    }
    const double spread = spread_around(0, std::move(steps));
    return spread * spread / 2;
}

std::optional<Ground> Scan::ground_of(std::size_t at, std::size_t count) const {
    const auto &before = days_[at].before, &after = days_[at + count - 1].after;
    const auto all = before.days + after.days;
    if (all < level_days_min) return std::nullopt;
    const double share = static_cast<double>(before.days) / static_cast<double>(all);
    Ground ground{share * before.level + (1 - share) * after.level,
                  unsure_ * level_days / static_cast<double>(all)};
    if (std::min(before.days, after.days) < level_days_min) return ground;
    const double step = (before.level - after.level) / days_[at].deviation;
    ground.variance = std::max(ground.variance, share * (1 - share) * step * step);
    return ground;
}

std::optional<Pulse> Scan::pulse_of(std::size_t at, std::size_t count) const {
    const auto ground = ground_of(at, count);
    const int lasts = days_[at + count - 1].day - days_[at].day + 1;
    if (!ground || lasts > static_cast<int>(count) + gap_days_max) return std::nullopt;
    const auto is_in = [&](std::size_t i) { return i >= at && i < at + count; };
    const auto is_known = [&](std::size_t i) { return is_in(i) || !days_[i].odd; };
    const auto deviation = [&](std::size_t i) {
        return (days_[i].plain - ground->level) / days_[at].deviation;
    };
    // Both the effect and the deviations less what the day before leads to expect.
    double product = 0, square = 0, shift = 0;
    for (std::size_t i = at; i <= at + count && i < days_.size(); ++i) {
        const bool follows =
            i > 0 && days_[i].follows(days_[i - 1]) && is_known(i) && is_known(i - 1);
        if (!is_in(i) && !follows) continue;
        const double echo = follows ? echo_ : 0, rest = std::sqrt(1 - echo * echo);
        const double effect = ((is_in(i) ? 1 : 0) - (i > at ? echo : 0)) / rest;
        product += effect * (deviation(i) - (follows ? echo * deviation(i - 1) : 0)) / rest;
        square += effect * effect;
        shift += effect * (1 - echo) / rest;
    }
    const double chance = std::sqrt(square + ground->variance * shift * shift);
    return Pulse{at, count, ground->level, product / chance};
}

}  // namespace

double Pulse::deviations(const Judged& day) const {
    const double above = (day.plain - level) / day.deviation;
    return score > 0 ? above : -above;
}
bool Pulse::tells(const Judged& day) const {
    return count == 1 || deviations(day) >= told_deviations;
}

std::vector<Pulse> pulses_of(const std::vector<Judged>& days, double single, double together) {
    const Scan scan{days};
    std::vector<Pulse> found;
    for (std::size_t count = 1; count <= pulse_days_max; ++count)
        scan.add_pulses(found, count, count == 1 ? single : together);
    std::ranges::sort(found, std::ranges::greater{},
                      [](const Pulse& pulse) { return std::abs(pulse.score); });
    return found;
}

}  // namespace domain::anomaly
