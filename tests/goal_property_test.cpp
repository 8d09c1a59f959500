#include "tests/support/goal_cast.hpp"

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

namespace goal_property_test {

using namespace support;

namespace {

int whole_number(int from, int to) { return *rc::gen::inRange(from, to + 1); }
bool coin() { return whole_number(0, 1) == 1; }

/// Tenths, so that scales differ.
Decimal tenths(int count) {
    auto text = std::to_string(count < 0 ? -count : count);
    if (text.size() < 2) text.insert(0, "0");
    text.insert(text.size() - 1, ".");
    return number(count < 0 ? "-" + text : text);
}
Decimal any_value() { return tenths(whole_number(-3000, 3000)); }
Date any_day() { return start_day + whole_number(-20, 180); }

template <class T, class Make>
std::optional<T> maybe(Make make) {
    if (coin()) return std::nullopt;
    return make();
}

Measure any_measure() {
    const auto direction = static_cast<Direction>(whole_number(0, 4));
    Measure measure{"orders", {}, direction, any_value(), any_value(), {}, {}, "count"};
    if (direction == Direction::increase || direction == Direction::decrease) {
        if ((measure.target < measure.baseline) == (direction == Direction::increase))
            std::swap(measure.target, measure.baseline);
    } else if (direction == Direction::stay_within) {
        const int middle = whole_number(-100, 100);
        measure.low = tenths(middle - whole_number(1, 50));
        measure.target = tenths(middle);
        measure.high = tenths(middle + whole_number(1, 50));
    }
    return measure;
}

Timeframe any_timeframe() {
    const auto start = start_day + whole_number(-5, 5);
    return {start, start + whole_number(1, 120), static_cast<Cadence>(whole_number(0, 2))};
}

/// A path that fits, in up to four steps of any height.
Path any_path(const Measure& measure, const Timeframe& timeframe) {
    std::set<Date> days;
    const int steps = whole_number(0, 4);
    for (int i = 0; i < steps; ++i)
        days.insert(timeframe.start + whole_number(0, timeframe.due - timeframe.start - 1));
    Path path;
    for (const auto day : days) path.push_back({day, any_value()});
    path.push_back({timeframe.due, measure.target});
    return path;
}

Command any_part_command() {
    const auto milestone = id<MilestoneId>(whole_number(1, 3));
    const auto item = id<ActionItemId>(whole_number(1, 3));
    const auto* title = coin() ? "Half" : "";
    switch (whole_number(0, 8)) {
        case 0: return AddMilestone{milestone, title, any_day(), maybe<Decimal>(any_value)};
        case 1: return RescheduleMilestone{milestone, any_day()};
        case 2: return CompleteMilestone{milestone, any_day()};
        case 3: return RemoveMilestone{milestone};
        case 4: return AddActionItem{item, title, {}, maybe<Date>(any_day)};
        case 5: return StartActionItem{item, any_day()};
        case 6: return CompleteActionItem{item, any_day()};
        case 7: return RescheduleActionItem{item, any_day()};
        default: return CancelActionItem{item, any_day()};
    }
}

Command any_check_in() {
    return CheckIn{.check_in = id<CheckInId>(whole_number(1, 9)),
                   .as_of = any_day(),
                   .value = maybe<Decimal>(any_value),
                   .confidence = maybe<int>([] { return whole_number(0, 11); }),
                   .today = start_day + 150};
}

Command any_update() {
    return Update{.title = coin() ? "Other" : "",
                  .specific = Specific{coin() ? "Win" : "", ""},
                  .measure = maybe<Measure>(any_measure),
                  .timeframe = maybe<Timeframe>(any_timeframe),
                  .reason = clear(coin() ? "It changed" : ""),
                  .today = any_day()};
}

Command any_command() {
    switch (whole_number(0, 13)) {
        case 0: return any_update();
        case 1: return Assess{};
        case 2: return EvaluateHealth{any_day()};
        case 3: return Complete{{}, maybe<Decimal>(any_value), {}, any_day()};
        case 4: return Abandon{{}, any_day()};
        case 5: return Reopen{{}, any_day()};
        case 6: return Archive{any_day()};
        case 7:
        case 8: return Activate{start_day + whole_number(-10, 10), {}};
        case 9:
        case 10:
        case 11: return any_check_in();
        default: return any_part_command();
    }
}

Draft any_draft() {
    return {
        goal_id, "More orders", anna, described, maybe<Measure>(any_measure), any_timeframe(), {},
        {}};
}

/// Whether asking twice may not tell anything twice.
bool is_idempotent(const Command& command) {
    return !std::holds_alternative<CheckIn>(command) &&
           !std::holds_alternative<RemoveMilestone>(command) &&
           !std::holds_alternative<Complete>(command) &&
           !std::holds_alternative<Abandon>(command) && !std::holds_alternative<Reopen>(command);
}

State after(State state, const std::vector<Event>& facts) {
    for (const auto& fact : facts) state = evolve(std::move(state), fact);
    return state;
}

/// An active goal with some check-ins, as decide() made it.
State any_active(const Measure& measure) {
    const auto timeframe = any_timeframe();
    State state = after({}, {drafted_with(measure, timeframe)});
    const Activate activate{timeframe.start + whole_number(-3, 1), any_path(measure, timeframe)};
    state = after(state, decide(state, activate).value());
    const int check_ins = whole_number(0, 6);
    for (int i = 0; i < check_ins; ++i) {
        if (const auto facts = decide(state, any_check_in())) state = after(state, *facts);
    }
    return state;
}

Measure any_path_measure() {
    const int low = whole_number(-1000, 1000);
    return {
        "orders", {},     Direction::increase, tenths(low), tenths(low + whole_number(1, 1000)), {},
        {},       "count"};
}

Decimal negated(const Decimal& value) {
    const auto text = value.text();
    return number(text.starts_with('-') ? text.substr(1) : "-" + text);
}

State mirrored(State state) {
    auto& measure = *state.measure;
    measure.direction = Direction::decrease;
    measure.baseline = negated(measure.baseline);
    measure.target = negated(measure.target);
    for (auto& point : state.path) point.expected = negated(point.expected);
    if (state.current) state.current->value = negated(state.current->value);
    return state;
}

bool is_sane(const State& state) {
    if (state.readings < 0 || state.readings_within < 0) return false;
    if (state.readings_within > state.readings) return false;
    if (state.before_archive == Lifecycle::archived) return false;
    if (state.lifecycle == Lifecycle::completed && !state.conclusion) return false;
    if (state.lifecycle != Lifecycle::active) return true;
    return state.activated_on && state.measure && state.timeframe && !state.conclusion;
}

}  // namespace

RC_GTEST_PROP(GoalProperty, StaysSaneAndTellsNothingTwice, ()) {
    State state = after({}, decide({}, any_draft()).value_or(std::vector<Event>{drafted}));
    const int steps = whole_number(1, 40);
    for (int i = 0; i < steps; ++i) {
        const auto command = any_command();
        const auto facts = decide(state, command);
        if (!facts) continue;
        state = after(state, *facts);
        RC_ASSERT(is_sane(state));
        if (!is_idempotent(command)) continue;
        const auto again = decide(state, command);
        RC_ASSERT(again.has_value());
        RC_ASSERT(again->empty());
    }
}

RC_GTEST_PROP(GoalProperty, KnowsItsHealthAfterEveryCheckIn, ()) {
    const auto state = any_active(any_measure());
    const auto command = any_check_in();
    const auto facts = decide(state, command);
    if (!facts) return;
    const auto next = after(state, *facts);
    RC_ASSERT(next.health == diagnose(next, std::get<CheckIn>(command).today).health);
}

RC_GTEST_PROP(GoalProperty, TakesFactsInAnyOrder, ()) {
    std::vector<Event> facts;
    State state = after({}, {drafted});
    const int steps = whole_number(1, 40);
    for (int i = 0; i < steps; ++i) {
        const auto told = decide(state, any_command());
        if (!told) continue;
        state = after(state, *told);
        facts.insert(facts.end(), told->begin(), told->end());
    }
    State odd;
    for (const auto& fact : facts) {
        if (coin()) odd = evolve(std::move(odd), fact);
        if (coin())
            odd = evolve(std::move(odd), facts[static_cast<std::size_t>(
                                             whole_number(0, static_cast<int>(facts.size()) - 1))]);
        RC_ASSERT(odd.readings_within <= odd.readings);
        RC_ASSERT(odd.before_archive != Lifecycle::archived);
    }
    static_cast<void>(decide(odd, any_command()));
    static_cast<void>(next_change_of_health(odd, any_day()));
    static_cast<void>(assess(odd));
}

RC_GTEST_PROP(GoalProperty, JudgesADecreaseAsTheMirroredIncrease, ()) {
    const auto rising = any_active(any_path_measure());
    const auto falling = mirrored(rising);
    RC_ASSERT(progress(rising) == progress(falling));
    for (int day = -10; day < 200; ++day) {
        const auto up = diagnose(rising, start_day + day);
        const auto down = diagnose(falling, start_day + day);
        RC_ASSERT(up.health == down.health);
        RC_ASSERT(up.reasons == down.reasons);
        RC_ASSERT(up.expected == down.expected);
    }
}

RC_GTEST_PROP(GoalProperty, FindsTheNextChangeThatALongScanFinds, ()) {
    const auto state = any_active(any_measure());
    const auto day = any_day() + -100;
    const auto now = diagnose(state, day).health;
    std::optional<Date> scanned;
    for (auto next = day + 1; next <= start_day + 600 && !scanned; next = next + 1) {
        if (diagnose(state, next).health != now) scanned = next;
    }
    RC_ASSERT(next_change_of_health(state, day) == scanned);
}

RC_GTEST_PROP(GoalProperty, CountsTheWayFromEitherEnd, ()) {
    auto state = any_active(any_path_measure());
    state.current = Reading{start_day, any_value()};
    const auto there = *progress(state);
    std::swap(state.measure->baseline, state.measure->target);
    state.measure->direction = Direction::decrease;
    const auto back = *progress(state);
    RC_ASSERT(std::abs(there + back - 1) < 1e-6 * (1 + std::abs(there)));
}

RC_GTEST_PROP(GoalProperty, ExpectsSharesBetweenNoneAndAll, ()) {
    const auto state = any_active(any_measure());
    const auto share = expected_progress(state, any_day());
    RC_ASSERT(share >= 0);
    RC_ASSERT(share <= 1);
    RC_ASSERT(expected_progress(state, state.timeframe->due) == 1);
}

TEST(GoalWords, AreSpelledBothWays) {
    for (const auto* word : {"increase", "decrease", "stay_above", "stay_below", "stay_within"})
        EXPECT_EQ(to_text(*direction_from(word)), word);
    for (const auto* word : {"weekly", "biweekly", "monthly"})
        EXPECT_EQ(to_text(*cadence_from(word)), word);
    for (const auto* word : {"unknown", "on_track", "at_risk", "off_track"})
        EXPECT_EQ(to_text(*health_from(word)), word);
    for (const auto* word : {"achieved", "partial", "missed"})
        EXPECT_EQ(to_text(*outcome_from(word)), word);
    for (const auto* word : {"draft", "active", "completed", "abandoned", "archived"})
        EXPECT_EQ(to_text(*lifecycle_from(word)), word);
    for (const auto* word : {"manual", "metric"}) EXPECT_EQ(to_text(*source_from(word)), word);
    for (const auto* word : {"open", "started", "completed", "cancelled"})
        EXPECT_EQ(to_text(*action_status_from(word)), word);
    EXPECT_FALSE(direction_from("Increase"));
    EXPECT_EQ(to_text(Direction::stay_within), "stay_within");
    EXPECT_EQ(to_text(Health::off_track), "off_track");
}

}  // namespace goal_property_test
