#include "domain/base/business_day.hpp"
#include "domain/goal_rules.hpp"

#include <algorithm>
#include <cstdio>

namespace domain::goal {
namespace {

constexpr double on_track_from = 0.9;
constexpr double at_risk_from = 0.7;
constexpr double wrong_way_from = -0.1;
constexpr int low_confidence_max = 3;
constexpr int early_days_divisor = 20;  // the first 5 % of the window

int days_of(Cadence cadence) {
    switch (cadence) {
        case Cadence::weekly: return 7;
        case Cadence::biweekly: return 14;
        case Cadence::monthly: return 31;
    }
    return 31;
}

/// The day of the last sign of life. Nobody can check in before the start, so silence before it
/// is none.
Date last_sign_of(const State& state) {
    Date last = state.timeframe->start;
    if (state.activated_on) last = std::max(last, *state.activated_on);
    if (state.last_check_in) last = std::max(last, state.last_check_in->as_of);
    return last;
}

bool is_stale(const State& state, Date day) {
    return day - last_sign_of(state) > 2 * days_of(state.timeframe->cadence);
}

bool is_early(const Timeframe& timeframe, Date day) {
    const std::int64_t elapsed = day - timeframe.start;
    return elapsed * early_days_divisor <= timeframe.due - timeframe.start;
}

double interpolate(const PathPoint& a, const PathPoint& b, Date day) {
    const double part = static_cast<double>(day - a.on) / static_cast<double>(b.on - a.on);
    const double from = a.expected.approximate();
    return from + (b.expected.approximate() - from) * part;
}

std::size_t scale_of(const Decimal& value) {
    const auto text = value.text();
    const auto point = text.find('.');
    return point == std::string::npos ? 0 : text.size() - point - 1;
}

/// `value` to the given number of places after the point, or to as many as stay exact.
std::optional<Decimal> rounded(double value, std::size_t places) {
    for (auto left = static_cast<int>(places); left >= 0; --left) {
        char text[64];
        std::snprintf(text, sizeof text, "%.*f", left, value);
        if (const auto decimal = Decimal::from(text)) return decimal;
    }
    return std::nullopt;
}

/// What came before and after `day` on the path; null where the path has nothing.
struct Surroundings {
    const PathPoint* before{};
    const PathPoint* after{};
};

Surroundings around(const Path& path, Date day) {
    const auto after = std::ranges::upper_bound(path, day, {}, &PathPoint::on);
    return {after == path.begin() ? nullptr : &*(after - 1),
            after == path.end() ? nullptr : &*after};
}

Health one_step_lower(Health health) {
    if (health == Health::on_track) return Health::at_risk;
    if (health == Health::at_risk) return Health::off_track;
    return health;
}

Diagnosis judge_stay(const State& state) {
    const auto share = progress(state);
    // Without a reading none was on the wrong side.
    if (!share) return {Health::on_track, {"no-reading"}, 0, 1};
    if (reaches(*share, on_track_from)) return {Health::on_track, {"within-limits"}, *share, 1};
    const auto health = reaches(*share, at_risk_from) ? Health::at_risk : Health::off_track;
    return {health, {"outside-limits"}, *share, 1};
}

Diagnosis judge_path(const State& state, Date day) {
    const auto known = progress(state);
    Diagnosis found;
    found.progress = known.value_or(0);
    found.expected = expected_progress(state, day);
    if (reaches(found.progress, on_track_from * found.expected)) {
        found.health = Health::on_track;
        found.reasons = {"on-path"};
    } else if (is_early(*state.timeframe, day)) {
        // So little is expected yet that the ratio says nothing.
        const bool wrong_way = !reaches(found.progress, wrong_way_from);
        found.health = wrong_way ? Health::at_risk : Health::on_track;
        found.reasons = {wrong_way ? "wrong-way" : "early-days"};
    } else {
        const bool near = reaches(found.progress, at_risk_from * found.expected);
        found.health = near ? Health::at_risk : Health::off_track;
        found.reasons = {"behind-path"};
    }
    if (!known) found.reasons.emplace_back("no-reading");
    return found;
}

}  // namespace

bool is_stay(Direction direction) {
    return direction != Direction::increase && direction != Direction::decrease;
}

bool is_within(const Measure& measure, const Decimal& value) {
    switch (measure.direction) {
        case Direction::increase:
        case Direction::decrease: return false;
        case Direction::stay_above: return value >= measure.target;
        case Direction::stay_below: return value <= measure.target;
        case Direction::stay_within:
            return (!measure.low || value >= *measure.low) &&
                   (!measure.high || value <= *measure.high);
    }
    return false;
}

bool reaches(double share, double border) {
    // Far below what a person could enter, far above the error of a few operations.
    constexpr double rounding = 1e-9;
    return share + rounding >= border;
}

std::optional<double> progress_of(const Measure& measure, const Decimal& value) {
    if (is_stay(measure.direction) || measure.target == measure.baseline) return std::nullopt;
    const double baseline = measure.baseline.approximate();
    const double way = measure.target.approximate() - baseline;
    // Two different decimals may be the same binary fraction.
    if (way == 0) return std::nullopt;
    return (value.approximate() - baseline) / way;
}

Path straight_path(const Measure& measure, const Timeframe& timeframe) {
    if (is_stay(measure.direction)) return {};
    return {{timeframe.start, measure.baseline}, {timeframe.due, measure.target}};
}

std::optional<double> progress(const State& state) {
    if (!state.measure) return std::nullopt;
    if (is_stay(state.measure->direction)) {
        if (state.readings <= 0) return std::nullopt;
        return static_cast<double>(state.readings_within) / static_cast<double>(state.readings);
    }
    if (!state.current) return std::nullopt;
    return progress_of(*state.measure, state.current->value);
}

std::optional<Decimal> expected_value(const State& state, Date day) {
    if (!state.measure || is_stay(state.measure->direction) || state.path.empty())
        return std::nullopt;
    const auto [before, after] = around(state.path, day);
    if (before == nullptr) return state.measure->baseline;
    if (after == nullptr || before->on == day) return before->expected;
    const auto places =
        std::max({scale_of(before->expected), scale_of(after->expected), std::size_t{2}});
    return rounded(interpolate(*before, *after, day), places);
}

double expected_progress(const State& state, Date day) {
    if (!state.measure) return 0;
    const auto& measure = *state.measure;
    if (is_stay(measure.direction)) return 1;
    if (state.path.empty()) return 0;
    const auto [before, after] = around(state.path, day);
    if (after == nullptr) return 1;
    if (before == nullptr || measure.target == measure.baseline) return 0;
    const double baseline = measure.baseline.approximate();
    const double way = measure.target.approximate() - baseline;
    if (way == 0) return 0;
    return std::clamp((interpolate(*before, *after, day) - baseline) / way, 0.0, 1.0);
}

Diagnosis diagnose(const State& state, Date day) {
    if (state.lifecycle != Lifecycle::active) return {Health::unknown, {"not-active"}, 0, 0};
    if (!state.measure || !state.timeframe) return {Health::unknown, {"no-measure"}, 0, 0};
    auto found = is_stay(state.measure->direction) ? judge_stay(state) : judge_path(state, day);
    if (is_stale(state, day)) {
        found.health = Health::unknown;
        found.reasons = {"stale-check-in"};
        return found;
    }
    const auto confidence =
        state.last_check_in ? state.last_check_in->confidence : std::optional<int>{};
    const auto lower = one_step_lower(found.health);
    if (confidence && *confidence <= low_confidence_max && lower != found.health) {
        found.health = lower;
        found.reasons.emplace_back("low-confidence");
    }
    return found;
}

Date period_start(const Timeframe& timeframe, int index) {
    if (timeframe.cadence == Cadence::monthly) return months_after(timeframe.start, index);
    return timeframe.start + index * days_of(timeframe.cadence);
}

std::optional<Date> next_change_of_health(const State& state, Date day) {
    if (state.lifecycle != Lifecycle::active || !state.measure || !state.timeframe)
        return std::nullopt;
    // Time alone does not cure staleness.
    if (is_stale(state, day)) return std::nullopt;
    const auto now = diagnose(state, day).health;
    const auto& timeframe = *state.timeframe;
    const Date last =
        std::max(timeframe.due, last_sign_of(state)) + (2 * days_of(timeframe.cadence) + 1);
    // Nothing moves before the start, so the days until then need no look.
    for (Date next = std::max(day + 1, timeframe.start); next <= last; next = next + 1) {
        if (diagnose(state, next).health != now) return next;
    }
    return std::nullopt;
}

}  // namespace domain::goal
