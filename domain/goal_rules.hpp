#pragma once
#include "domain/goal.hpp"

/// What the files of the goal share among themselves; nobody else includes it.
namespace domain::goal {

using Faults = std::vector<Fault>;

bool is_blank(std::string_view text);
/// Completed, abandoned or archived.
bool is_closed(const State& state);
/// Whether the goal is to keep a value on one side instead of moving it.
bool is_stay(Direction direction);
/// Whether `value` is on the right side of a stay goal's limits; false for the other directions.
bool is_within(const Measure& measure, const Decimal& value);
/// Whether `share` reaches `border`, with room for the rounding of binary fractions.
bool reaches(double share, double border);
/// The progress of `value` by `measure`; empty for stay goals and when nothing is to move.
std::optional<double> progress_of(const Measure& measure, const Decimal& value);
/// From the baseline at the start to the target at the due date; stay goals have no path.
Path straight_path(const Measure& measure, const Timeframe& timeframe);

// ---- Everything that is wrong with a request in itself, at once.
Faults faults_of(const Draft& c);
Faults faults_of(const Update& c, const State& state);
Faults faults_of(const CheckIn& c, const Timeframe& timeframe);
Faults faults_of(const AddMilestone& c);
Faults faults_of(const AddActionItem& c);
Faults faults_of(const Complete& c);
/// A due date of a part, for the requests that bring nothing else.
Faults faults_of_due(Date due);
Faults faults_of_reason(const std::optional<Personal>& reason);
/// Of a path that was given; an empty one has no faults.
Faults faults_of_path(const Path& path, const Measure& measure, const Timeframe& timeframe);
/// What a draft lacks for activation on `today`.
Faults lacks_for_activation(const State& state, Date today);

// ---- The decisions about milestones and action items.
Decision<Event> add(const State& state, const AddMilestone& c);
Decision<Event> reschedule(const State& state, const RescheduleMilestone& c);
Decision<Event> complete(const State& state, const CompleteMilestone& c);
Decision<Event> remove(const State& state, const RemoveMilestone& c);
Decision<Event> add(const State& state, const AddActionItem& c);
Decision<Event> start(const State& state, const StartActionItem& c);
Decision<Event> complete(const State& state, const CompleteActionItem& c);
Decision<Event> reschedule(const State& state, const RescheduleActionItem& c);
Decision<Event> cancel(const State& state, const CancelActionItem& c);

inline std::unexpected<Refusal> refuse_with(const Reason& why, Faults faults) {
    return std::unexpected(Refusal{why, {}, std::move(faults)});
}

}  // namespace domain::goal
