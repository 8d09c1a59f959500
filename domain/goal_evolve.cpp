#include "domain/goal_rules.hpp"

namespace domain::goal {
namespace {

/// Readings were counted by the measure they came under, so a new one counts from the current
/// value on.
void take(State& state, const Measure& measure) {
    if (state.measure == measure) return;
    state.measure = measure;
    state.readings = state.current ? 1 : 0;
    state.readings_within = state.current && is_within(measure, state.current->value) ? 1 : 0;
}

/// A metric that checks in again for the day of the current reading corrects it.
void forget_corrected(State& state, const CheckedIn& e) {
    if (e.source != Source::metric || !state.current || e.as_of != state.current->as_of) return;
    if (state.readings > 0) --state.readings;
    if (state.measure && is_within(*state.measure, state.current->value) &&
        state.readings_within > 0)
        --state.readings_within;
}

void take(State& state, const CheckedIn& e) {
    if (e.value) {
        forget_corrected(state, e);
        ++state.readings;
        if (state.measure && is_within(*state.measure, *e.value)) ++state.readings_within;
        if (!state.current || e.as_of >= state.current->as_of)
            state.current = Reading{e.as_of, *e.value};
    }
    if (state.last_check_in && e.as_of < state.last_check_in->as_of) return;
    // A check-in without a confidence, such as a metric's own, leaves the stated one standing.
    const auto stated =
        state.last_check_in ? state.last_check_in->confidence : std::optional<int>{};
    state.last_check_in = CheckInSeen{e.as_of, e.confidence ? e.confidence : stated};
}

void reopen(State& state) {
    if (!is_closed(state)) return;
    if (state.lifecycle == Lifecycle::archived) {
        state.lifecycle = state.before_archive;
        return;
    }
    state.lifecycle = state.activated_on ? Lifecycle::active : Lifecycle::draft;
    state.conclusion.reset();
}

/// Calls `change` with the part of that id; a part that is not there changes nothing.
template <class Parts, class Id, class Change>
void change(Parts& parts, const Id& id, const Change& change) {
    if (const auto found = parts.find(id); found != parts.end()) change(found->second);
}

State drafted(const Drafted& e) {
    State state;
    state.exists = true;
    state.goal = e.goal;
    state.title = e.title;
    state.owner = e.owner;
    state.specific = e.specific;
    state.measure = e.measure;
    state.timeframe = e.timeframe;
    state.achievable = e.achievable.value_or(Achievable{});
    state.relevant = e.relevant.value_or(Relevant{});
    return state;
}

// The groups of facts by what they tell of; evolve() names every one of them.
void apply(State& state, const Drafted& e) { state = drafted(e); }
void apply(State& state, const Described& e) {
    state.title = e.title;
    state.specific = e.specific;
}
void apply(State& state, const Activated& e) {
    state.lifecycle = Lifecycle::active;
    state.activated_on = e.on;
    state.path = e.path;
    state.conclusion.reset();
}
void apply(State& state, const Revised& e) {
    take(state, e.measure);
    state.timeframe = e.timeframe;
    state.path = e.path;
}
void apply(State& state, const MilestoneAdded& e) {
    state.milestones.insert_or_assign(e.milestone, Milestone{e.title, e.due, e.target, {}});
}
void apply(State& state, const ActionItemAdded& e) {
    state.action_items.insert_or_assign(
        e.item, ActionItem{e.title, e.assignee, e.due, ActionStatus::open, {}});
}
void apply(State& state, const Completed& e) {
    state.lifecycle = Lifecycle::completed;
    state.conclusion = Conclusion{e.outcome, e.final_value, e.completion_rate, e.learnings, e.on};
}
void apply(State& state, const Abandoned&) {
    state.lifecycle = Lifecycle::abandoned;
    state.conclusion.reset();
}
void apply(State& state, const Archived&) {
    if (state.lifecycle == Lifecycle::archived) return;
    state.before_archive = state.lifecycle;
    state.lifecycle = Lifecycle::archived;
}
void apply(State& state, const ActionItemCompleted& e) {
    change(state.action_items, e.item, [&](ActionItem& item) {
        item.status = ActionStatus::completed;
        item.completed_on = e.on;
    });
}
void apply(State& state, ActionItemId id, ActionStatus status) {
    change(state.action_items, id, [&](ActionItem& item) {
        item.status = status;
        item.completed_on.reset();
    });
}

}  // namespace

State evolve(State state, const Event& event) {
    State& s = state;
    std::visit(Match{
                   [&](const Drafted& e) { apply(s, e); },
                   [&](const Described& e) { apply(s, e); },
                   [&](const OwnerChanged& e) { s.owner = e.owner; },
                   [&](const MeasureSet& e) { take(s, e.measure); },
                   [&](const TimeframeSet& e) { s.timeframe = e.timeframe; },
                   [&](const FeasibilityStated& e) { s.achievable = e.achievable; },
                   [&](const RelevanceStated& e) { s.relevant = e.relevant; },
                   [&](const SmartAssessed& e) { s.assessment = e.assessment; },
                   [&](const Activated& e) { apply(s, e); },
                   [&](const Revised& e) { apply(s, e); },
                   [&](const CheckedIn& e) { take(s, e); },
                   [&](const HealthChanged& e) { s.health = e.to; },
                   [&](const MilestoneAdded& e) { apply(s, e); },
                   [&](const MilestoneRescheduled& e) {
                       change(s.milestones, e.milestone, [&](Milestone& m) { m.due = e.due; });
                   },
                   [&](const MilestoneCompleted& e) {
                       change(s.milestones, e.milestone,
                              [&](Milestone& m) { m.completed_on = e.on; });
                   },
                   [&](const MilestoneRemoved& e) { s.milestones.erase(e.milestone); },
                   [&](const ActionItemAdded& e) { apply(s, e); },
                   [&](const ActionItemStarted& e) { apply(s, e.item, ActionStatus::started); },
                   [&](const ActionItemCompleted& e) { apply(s, e); },
                   [&](const ActionItemRescheduled& e) {
                       change(s.action_items, e.item, [&](ActionItem& item) { item.due = e.due; });
                   },
                   [&](const ActionItemCancelled& e) { apply(s, e.item, ActionStatus::cancelled); },
                   [&](const Completed& e) { apply(s, e); },
                   [&](const Abandoned& e) { apply(s, e); },
                   [&](const Reopened&) { reopen(s); },
                   [&](const Archived& e) { apply(s, e); },
               },
               event);
    return state;
}

}  // namespace domain::goal
