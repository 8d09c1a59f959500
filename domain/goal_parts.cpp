#include "domain/goal_rules.hpp"

namespace domain::goal {
namespace {

bool is_over(ActionStatus status) {
    return status == ActionStatus::completed || status == ActionStatus::cancelled;
}

std::vector<Event> one(Event event) { return {std::move(event)}; }

const Milestone* find(const State& state, MilestoneId id) {
    const auto found = state.milestones.find(id);
    return found == state.milestones.end() ? nullptr : &found->second;
}

const ActionItem* find(const State& state, ActionItemId id) {
    const auto found = state.action_items.find(id);
    return found == state.action_items.end() ? nullptr : &found->second;
}

}  // namespace

Decision<Event> add(const State& state, const AddMilestone& c) {
    if (is_closed(state)) return refuse(closed);
    if (auto faults = faults_of(c); !faults.empty())
        return refuse_with(invalid_goal, std::move(faults));
    if (const auto* known = find(state, c.milestone)) {
        const bool same =
            known->title == c.title && known->due == c.due && known->target == c.target;
        return same ? Decision<Event>{} : refuse(milestone_taken);
    }
    if (state.milestones.size() >= parts_max) return refuse(too_many_parts);
    return one(MilestoneAdded{state.goal, c.milestone, c.title, c.due, c.target});
}

Decision<Event> reschedule(const State& state, const RescheduleMilestone& c) {
    if (is_closed(state)) return refuse(closed);
    const auto* milestone = find(state, c.milestone);
    if (milestone == nullptr) return refuse(milestone_unknown);
    if (milestone->completed_on) return refuse(milestone_completed);
    if (auto faults = faults_of_due(c.due); !faults.empty())
        return refuse_with(invalid_goal, std::move(faults));
    if (milestone->due == c.due) return {};
    return one(MilestoneRescheduled{state.goal, c.milestone, c.due});
}

Decision<Event> complete(const State& state, const CompleteMilestone& c) {
    if (is_closed(state)) return refuse(closed);
    const auto* milestone = find(state, c.milestone);
    if (milestone == nullptr) return refuse(milestone_unknown);
    if (milestone->completed_on) return {};
    return one(MilestoneCompleted{state.goal, c.milestone, c.today});
}

Decision<Event> remove(const State& state, const RemoveMilestone& c) {
    if (is_closed(state)) return refuse(closed);
    if (find(state, c.milestone) == nullptr) return refuse(milestone_unknown);
    return one(MilestoneRemoved{state.goal, c.milestone});
}

Decision<Event> add(const State& state, const AddActionItem& c) {
    if (is_closed(state)) return refuse(closed);
    if (auto faults = faults_of(c); !faults.empty())
        return refuse_with(invalid_goal, std::move(faults));
    if (const auto* known = find(state, c.item)) {
        const bool same =
            known->title == c.title && known->assignee == c.assignee && known->due == c.due;
        return same ? Decision<Event>{} : refuse(action_item_taken);
    }
    if (state.action_items.size() >= parts_max) return refuse(too_many_parts);
    return one(ActionItemAdded{state.goal, c.item, c.title, c.assignee, c.due});
}

Decision<Event> start(const State& state, const StartActionItem& c) {
    if (is_closed(state)) return refuse(closed);
    const auto* item = find(state, c.item);
    if (item == nullptr) return refuse(action_item_unknown);
    if (is_over(item->status)) return refuse(action_item_closed);
    if (item->status == ActionStatus::started) return {};
    return one(ActionItemStarted{state.goal, c.item, c.today});
}

Decision<Event> complete(const State& state, const CompleteActionItem& c) {
    if (is_closed(state)) return refuse(closed);
    const auto* item = find(state, c.item);
    if (item == nullptr) return refuse(action_item_unknown);
    if (item->status == ActionStatus::completed) return {};
    if (item->status == ActionStatus::cancelled) return refuse(action_item_closed);
    return one(ActionItemCompleted{state.goal, c.item, c.today});
}

Decision<Event> reschedule(const State& state, const RescheduleActionItem& c) {
    if (is_closed(state)) return refuse(closed);
    const auto* item = find(state, c.item);
    if (item == nullptr) return refuse(action_item_unknown);
    if (is_over(item->status)) return refuse(action_item_closed);
    if (auto faults = faults_of_due(c.due); !faults.empty())
        return refuse_with(invalid_goal, std::move(faults));
    if (item->due == c.due) return {};
    return one(ActionItemRescheduled{state.goal, c.item, c.due});
}

Decision<Event> cancel(const State& state, const CancelActionItem& c) {
    if (is_closed(state)) return refuse(closed);
    const auto* item = find(state, c.item);
    if (item == nullptr) return refuse(action_item_unknown);
    if (item->status == ActionStatus::cancelled) return {};
    if (item->status == ActionStatus::completed) return refuse(action_item_closed);
    return one(ActionItemCancelled{state.goal, c.item, c.today});
}

}  // namespace domain::goal
