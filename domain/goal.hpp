#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/decimal.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/personal.hpp"
#include "domain/base/time.hpp"
#include "domain/goal_words.hpp"

#include <map>
#include <optional>
#include <variant>

/// A SMART goal: drafted, measured, activated along an expected path, checked in on, and closed.
/// Progress: p = (value - baseline) / (target - baseline), the same for both signs of the change
/// (Beeminder's formula). Stay goals count the share of check-ins on the right side instead.
namespace domain::goal {

// ---- Facts. Stored for ever: events/goal.cpp holds the stored form of each.
struct Drafted {
    GoalId goal;
    std::string title;
    UserId owner;
    Specific specific;
    std::optional<Measure> measure;
    std::optional<Timeframe> timeframe;
    std::optional<Achievable> achievable;
    std::optional<Relevant> relevant;
    bool operator==(const Drafted&) const = default;
};
struct Described {
    GoalId goal;
    std::string title;
    Specific specific;
    bool operator==(const Described&) const = default;
};
struct OwnerChanged {
    GoalId goal;
    UserId owner;
    bool operator==(const OwnerChanged&) const = default;
};
struct MeasureSet {
    GoalId goal;
    Measure measure;
    bool operator==(const MeasureSet&) const = default;
};
struct TimeframeSet {
    GoalId goal;
    Timeframe timeframe;
    bool operator==(const TimeframeSet&) const = default;
};
struct FeasibilityStated {
    GoalId goal;
    Achievable achievable;
    bool operator==(const FeasibilityStated&) const = default;
};
struct RelevanceStated {
    GoalId goal;
    Relevant relevant;
    bool operator==(const RelevanceStated&) const = default;
};
struct SmartAssessed {
    GoalId goal;
    Assessment assessment;
    bool operator==(const SmartAssessed&) const = default;
};
struct Activated {
    GoalId goal;
    Date on;
    Path path;
    bool operator==(const Activated&) const = default;
};
/// A change of measure or timeframe under way; the first target stays in the history.
struct Revised {
    GoalId goal;
    Measure measure;
    Timeframe timeframe;
    Path path;
    Personal reason;
    bool operator==(const Revised&) const = default;
};
struct CheckedIn {
    GoalId goal;
    CheckInId check_in;
    Date as_of;
    std::optional<Decimal> value;
    std::optional<int> confidence;  ///< 1 to 10
    std::optional<Personal> notes;
    std::optional<Personal> blockers;
    std::optional<Personal> next_step;
    Source source{};
    bool operator==(const CheckedIn&) const = default;
};
struct HealthChanged {
    GoalId goal;
    Health from{};
    Health to{};
    std::vector<std::string> reasons;
    Date on;
    double progress{};  ///< a share: 0 at the baseline, 1 at the target
    double expected{};  ///< the share that the path expects on that day
    bool operator==(const HealthChanged&) const = default;
};
struct MilestoneAdded {
    GoalId goal;
    MilestoneId milestone;
    std::string title;
    Date due;
    std::optional<Decimal> target;
    bool operator==(const MilestoneAdded&) const = default;
};
struct MilestoneRescheduled {
    GoalId goal;
    MilestoneId milestone;
    Date due;
    bool operator==(const MilestoneRescheduled&) const = default;
};
struct MilestoneCompleted {
    GoalId goal;
    MilestoneId milestone;
    Date on;
    bool operator==(const MilestoneCompleted&) const = default;
};
struct MilestoneRemoved {
    GoalId goal;
    MilestoneId milestone;
    bool operator==(const MilestoneRemoved&) const = default;
};
struct ActionItemAdded {
    GoalId goal;
    ActionItemId item;
    std::string title;
    std::optional<UserId> assignee;
    std::optional<Date> due;
    bool operator==(const ActionItemAdded&) const = default;
};
struct ActionItemStarted {
    GoalId goal;
    ActionItemId item;
    Date on;
    bool operator==(const ActionItemStarted&) const = default;
};
struct ActionItemCompleted {
    GoalId goal;
    ActionItemId item;
    Date on;
    bool operator==(const ActionItemCompleted&) const = default;
};
struct ActionItemRescheduled {
    GoalId goal;
    ActionItemId item;
    Date due;
    bool operator==(const ActionItemRescheduled&) const = default;
};
struct ActionItemCancelled {
    GoalId goal;
    ActionItemId item;
    Date on;
    bool operator==(const ActionItemCancelled&) const = default;
};
struct Completed {
    GoalId goal;
    Outcome outcome{};
    std::optional<Decimal> final_value;
    double completion_rate{};  ///< the raw progress at the end; may be below 0 or above 1
    std::optional<Personal> learnings;
    Date on;
    bool operator==(const Completed&) const = default;
};
struct Abandoned {
    GoalId goal;
    std::optional<Personal> reason;
    Date on;
    bool operator==(const Abandoned&) const = default;
};
struct Reopened {
    GoalId goal;
    std::optional<Personal> reason;
    Date on;
    bool operator==(const Reopened&) const = default;
};
struct Archived {
    GoalId goal;
    Date on;
    bool operator==(const Archived&) const = default;
};

using Event =
    std::variant<Drafted, Described, OwnerChanged, MeasureSet, TimeframeSet, FeasibilityStated,
                 RelevanceStated, SmartAssessed, Activated, Revised, CheckedIn, HealthChanged,
                 MilestoneAdded, MilestoneRescheduled, MilestoneCompleted, MilestoneRemoved,
                 ActionItemAdded, ActionItemStarted, ActionItemCompleted, ActionItemRescheduled,
                 ActionItemCancelled, Completed, Abandoned, Reopened, Archived>;

// ---- State. One struct, because a goal's parts outlive its changes of lifecycle.
struct Milestone {
    std::string title;
    Date due;
    std::optional<Decimal> target;
    std::optional<Date> completed_on;
    bool operator==(const Milestone&) const = default;
};
struct ActionItem {
    std::string title;
    std::optional<UserId> assignee;
    std::optional<Date> due;
    ActionStatus status{};
    std::optional<Date> completed_on;
    bool operator==(const ActionItem&) const = default;
};
struct Reading {
    Date as_of;
    Decimal value;
    bool operator==(const Reading&) const = default;
};
struct CheckInSeen {
    Date as_of;
    std::optional<int> confidence;
    bool operator==(const CheckInSeen&) const = default;
};
struct Conclusion {
    Outcome outcome{};
    std::optional<Decimal> final_value;
    double completion_rate{};
    std::optional<Personal> learnings;
    Date on;
    bool operator==(const Conclusion&) const = default;
};
struct State {
    bool exists{};
    GoalId goal;
    std::string title;
    UserId owner;
    Lifecycle lifecycle{};
    Lifecycle before_archive{};
    Specific specific;
    std::optional<Measure> measure;
    std::optional<Timeframe> timeframe;
    Achievable achievable;
    Relevant relevant;
    std::optional<Assessment> assessment;
    std::optional<Date> activated_on;
    Path path;
    std::optional<Reading> current;            ///< the value of the latest day that has one
    std::optional<CheckInSeen> last_check_in;  ///< with the confidence stated last
    int readings{};                            ///< check-ins that brought a value
    int readings_within{};                     ///< those on the right side of a stay goal
    Health health{};
    std::map<MilestoneId, Milestone> milestones;
    std::map<ActionItemId, ActionItem> action_items;
    std::optional<Conclusion> conclusion;
    bool operator==(const State&) const = default;
};

// ---- Requests. Time and ids come in; decide() asks nobody.
struct Draft {
    GoalId goal;
    std::string title;
    UserId owner;
    Specific specific;
    std::optional<Measure> measure;
    std::optional<Timeframe> timeframe;
    std::optional<Achievable> achievable;
    std::optional<Relevant> relevant;
};
/// Replaces the groups that are given. Measure and timeframe of an active goal need a reason and
/// give a Revised; of a draft they give MeasureSet and TimeframeSet.
struct Update {
    std::optional<std::string> title;
    std::optional<UserId> owner;
    std::optional<Specific> specific;
    std::optional<Measure> measure;
    std::optional<Timeframe> timeframe;
    std::optional<Achievable> achievable;
    std::optional<Relevant> relevant;
    std::optional<Personal> reason;
    Date today;
};
struct Assess {};
/// `path` empty: a straight line from the baseline at the start to the target at the due date.
struct Activate {
    Date today;
    Path path;
};
struct CheckIn {
    CheckInId check_in;
    Date as_of;
    std::optional<Decimal> value;
    std::optional<int> confidence;
    std::optional<Personal> notes;
    std::optional<Personal> blockers;
    std::optional<Personal> next_step;
    Source source{};
    Date today;
};
/// The clock's own request: health as of today, because a path moves on without any check-in.
struct EvaluateHealth {
    Date today;
};
struct AddMilestone {
    MilestoneId milestone;
    std::string title;
    Date due;
    std::optional<Decimal> target;
};
struct RescheduleMilestone {
    MilestoneId milestone;
    Date due;
};
struct CompleteMilestone {
    MilestoneId milestone;
    Date today;
};
struct RemoveMilestone {
    MilestoneId milestone;
};
struct AddActionItem {
    ActionItemId item;
    std::string title;
    std::optional<UserId> assignee;
    std::optional<Date> due;
};
struct StartActionItem {
    ActionItemId item;
    Date today;
};
struct CompleteActionItem {
    ActionItemId item;
    Date today;
};
struct RescheduleActionItem {
    ActionItemId item;
    Date due;
};
struct CancelActionItem {
    ActionItemId item;
    Date today;
};
/// `outcome` empty: derived from the final value (achieved, partial from half way, else missed).
struct Complete {
    std::optional<Outcome> outcome;
    std::optional<Decimal> final_value;
    std::optional<Personal> learnings;
    Date today;
};
struct Abandon {
    std::optional<Personal> reason;
    Date today;
};
struct Reopen {
    std::optional<Personal> reason;
    Date today;
};
struct Archive {
    Date today;
};

using Command = std::variant<Draft, Update, Assess, Activate, CheckIn, EvaluateHealth, AddMilestone,
                             RescheduleMilestone, CompleteMilestone, RemoveMilestone, AddActionItem,
                             StartActionItem, CompleteActionItem, RescheduleActionItem,
                             CancelActionItem, Complete, Abandon, Reopen, Archive>;

// ---- Reasons to say no.
using Kind = Reason::Kind;
inline constexpr Reason unknown{Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason already_drafted{Kind::conflict, "goal-already-drafted",
                                        "The goal exists already"};
inline constexpr Reason invalid_goal{Kind::invalid, "validation-failed",
                                     "The request is understood and not valid"};
inline constexpr Reason not_smart{Kind::conflict, "goal-not-smart",
                                  "The goal lacks what activation needs"};
inline constexpr Reason not_active{Kind::conflict, "goal-not-active", "The goal is not active"};
inline constexpr Reason already_active{Kind::conflict, "goal-already-active",
                                       "The goal is active already"};
inline constexpr Reason closed{Kind::conflict, "goal-closed", "The goal is closed"};
inline constexpr Reason not_closed{Kind::conflict, "goal-not-closed", "The goal is not closed"};
inline constexpr Reason reason_missing{Kind::invalid, "goal-reason-missing",
                                       "A revision of an active goal needs a reason"};
inline constexpr Reason milestone_unknown{Kind::missing, "milestone-not-found",
                                          "The goal has no such milestone"};
inline constexpr Reason milestone_taken{Kind::conflict, "milestone-already-added",
                                        "The goal has another milestone of that id"};
inline constexpr Reason milestone_completed{Kind::conflict, "milestone-completed",
                                            "The milestone is completed already"};
inline constexpr Reason action_item_unknown{Kind::missing, "action-item-not-found",
                                            "The goal has no such action item"};
inline constexpr Reason action_item_taken{Kind::conflict, "action-item-already-added",
                                          "The goal has another action item of that id"};
inline constexpr Reason action_item_closed{Kind::conflict, "action-item-closed",
                                           "The action item is closed already"};
inline constexpr Reason too_many_parts{Kind::conflict, "goal-too-large",
                                       "The goal has as many parts as a goal may have"};

inline constexpr std::size_t title_bytes_max = 200;
inline constexpr std::size_t text_bytes_max = 4000;
inline constexpr std::size_t parts_max = 200;  ///< milestones, action items, list entries: each
inline constexpr int horizon_days_max = 3653;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new.
Decision<Event> decide(const State& state, const Command& command);

/// The state after `event`. Total: it cannot refuse, because the event already happened.
State evolve(State state, const Event& event);

// ---- Derived numbers, also used by read models and queries. Pure.

/// Raw progress; below 0 when the value moved the wrong way, above 1 past the target. For stay
/// goals the share of readings on the right side. Empty without a measure or a reading.
std::optional<double> progress(const State& state);
/// What the path expects on `day` as a value: the baseline before its first point, the target
/// from the due date on. Empty without a path or for stay goals.
std::optional<Decimal> expected_value(const State& state, Date day);
/// What the path expects on `day` as a share of the way from baseline to target, 0 to 1; always
/// 1 for stay goals.
double expected_progress(const State& state, Date day);
struct Diagnosis {
    Health health{};
    std::vector<std::string> reasons;  ///< codes such as behind-path, stale-check-in
    double progress{};
    double expected{};
};
/// Health on `day`: on_track when progress is at least 0.9 of what is expected, at_risk from 0.7,
/// off_track below; one step lower when the owner's confidence is 3 or less; unknown when no
/// check-in came for two cadences. Stay goals: on_track from a share of 0.9, at_risk from 0.7.
/// In the first 5 % of the window never below at_risk, and that only beyond -0.1 the wrong way.
/// Without a reading progress counts as 0, and a stay goal as on_track. Not active: unknown.
Diagnosis diagnose(const State& state, Date day);
/// The first day after `day` on which diagnose() would say otherwise without any new event; empty
/// when never. Looks two cadences past the due date or the last check-in, whichever is later.
std::optional<Date> next_change_of_health(const State& state, Date day);
/// The first day of the period `index` of the cadence, counted from 0 at the start.
Date period_start(const Timeframe& timeframe, int index);
/// The five SMART letters judged by rules; issues are stable codes in the order s, m, a, r, t.
Assessment assess(const State& state);
/// What clients filter by: health while active, otherwise the lifecycle.
std::string_view status_of(const State& state);

/// The aggregate as one type argument.
struct Goal {
    using Event = goal::Event;
    using State = goal::State;
    using Command = goal::Command;
    static constexpr std::string_view category = "goal";
};

}  // namespace domain::goal
