#include "tests/support/goal_cast.hpp"

namespace goal_parts_test {

using namespace support;

namespace {

const auto today = start_day + 1;
const auto half = id<MilestoneId>(1);
const auto other = id<MilestoneId>(2);
const MilestoneAdded half_added{goal_id, half, "Half way", start_day + 50, number("150")};
const MilestoneCompleted half_completed{goal_id, half, today};

const auto call = id<ActionItemId>(1);
const ActionItemAdded call_added{goal_id, call, "Call ten cooks", ben, start_day + 5};
const ActionItemStarted call_started{goal_id, call, today};
const ActionItemCompleted call_completed{goal_id, call, today};
const ActionItemCancelled call_cancelled{goal_id, call, today};

}  // namespace

TEST(Milestone, IsAddedToADraftOrAnActiveGoal) {
    const AddMilestone c{half, "Half way", start_day + 50, number("150")};
    given(drafted).when(c).then({half_added});
    given(drafted, activated).when(c).then({half_added});
}

TEST(Milestone, IsAddedOnce) {
    AddMilestone c{half, "Half way", start_day + 50, number("150.0")};
    given(drafted, half_added).when(c).nothing();
    c.title = "Half";
    given(drafted, half_added).when(c).refused(milestone_taken);
    c = {half, "Half way", start_day + 51, number("150")};
    given(drafted, half_added).when(c).refused(milestone_taken);
    c = {half, "Half way", start_day + 50, {}};
    given(drafted, half_added).when(c).refused(milestone_taken);
}

TEST(Milestone, HasATitle) {
    given(drafted)
        .when(AddMilestone{half, " ", start_day, {}})
        .refused(invalid_goal)
        .naming({"#/title required"});
}

TEST(Milestone, IsOneOfALimitedNumber) {
    auto state = given(drafted).state();
    for (int i = 0; i < static_cast<int>(parts_max) - 1; ++i)
        state = evolve(state, MilestoneAdded{goal_id, id<MilestoneId>(i + 10), "x", today, {}});
    EXPECT_TRUE(decide(state, AddMilestone{half, "Half", today, {}}));
    state = evolve(state, half_added);
    EXPECT_EQ(decide(state, AddMilestone{other, "Last", today, {}}).error().why, too_many_parts);
    EXPECT_TRUE(decide(state, AddMilestone{half, "Half way", start_day + 50, number("150")}));
}

TEST(Milestone, IsRescheduledUntilItIsCompleted) {
    const RescheduleMilestone c{half, start_day + 60};
    const MilestoneRescheduled rescheduled{goal_id, half, start_day + 60};
    given(drafted, half_added).when(c).then({rescheduled});
    given(drafted, half_added, rescheduled).when(c).nothing();
    given(drafted, half_added, half_completed).when(c).refused(milestone_completed);
    given(drafted, half_added)
        .when(RescheduleMilestone{half, Date{-1}})
        .refused(invalid_goal)
        .naming({"#/due range"});
}

TEST(Milestone, IsCompletedOnce) {
    given(drafted, half_added).when(CompleteMilestone{half, today}).then({half_completed});
    given(drafted, half_added, half_completed).when(CompleteMilestone{half, due_day}).nothing();
}

TEST(Milestone, IsRemoved) {
    const MilestoneRemoved removed{goal_id, half};
    given(drafted, half_added).when(RemoveMilestone{half}).then({removed});
    EXPECT_TRUE(given(drafted, half_added, removed).state().milestones.empty());
    given(drafted, half_added, removed).when(RemoveMilestone{half}).refused(milestone_unknown);
}

TEST(Milestone, IsUnknownUntilItIsAdded) {
    given(drafted).when(RescheduleMilestone{half, today}).refused(milestone_unknown);
    given(drafted).when(CompleteMilestone{half, today}).refused(milestone_unknown);
    given(drafted).when(RemoveMilestone{half}).refused(milestone_unknown);
}

TEST(ActionItem, IsAddedOnce) {
    AddActionItem c{call, "Call ten cooks", ben, start_day + 5};
    given(drafted).when(c).then({call_added});
    given(drafted, call_added).when(c).nothing();
    c.assignee.reset();
    given(drafted, call_added).when(c).refused(action_item_taken);
    c = {call, "Call ten cooks", ben, {}};
    given(drafted, call_added).when(c).refused(action_item_taken);
    c = {call, "Call", ben, start_day + 5};
    given(drafted, call_added).when(c).refused(action_item_taken);
}

TEST(ActionItem, HasATitleAndADayThatExists) {
    given(drafted)
        .when(AddActionItem{call, "", {}, Date{-1}})
        .refused(invalid_goal)
        .naming({"#/title required", "#/due range"});
    given(drafted, call_added)
        .when(RescheduleActionItem{call, Date{-1}})
        .refused(invalid_goal)
        .naming({"#/due range"});
}

TEST(ActionItem, IsOneOfALimitedNumber) {
    auto state = given(drafted).state();
    for (int i = 0; i < static_cast<int>(parts_max); ++i)
        state = evolve(state, ActionItemAdded{goal_id, id<ActionItemId>(i + 10), "x", {}, {}});
    EXPECT_EQ(decide(state, AddActionItem{call, "One more", {}, {}}).error().why, too_many_parts);
}

TEST(ActionItem, IsStartedOnceWhileOpen) {
    given(drafted, call_added).when(StartActionItem{call, today}).then({call_started});
    given(drafted, call_added, call_started).when(StartActionItem{call, due_day}).nothing();
    for (const Event& end : {Event{call_completed}, Event{call_cancelled}})
        given(drafted, call_added, end)
            .when(StartActionItem{call, today})
            .refused(action_item_closed);
}

TEST(ActionItem, IsCompletedOnceUnlessCancelled) {
    const CompleteActionItem c{call, today};
    given(drafted, call_added).when(c).then({call_completed});
    given(drafted, call_added, call_started).when(c).then({call_completed});
    given(drafted, call_added, call_completed).when(c).nothing();
    given(drafted, call_added, call_cancelled).when(c).refused(action_item_closed);
    EXPECT_EQ(given(drafted, call_added, call_completed).state().action_items.at(call),
              (ActionItem{"Call ten cooks", ben, start_day + 5, ActionStatus::completed, today}));
}

TEST(ActionItem, IsCancelledOnceUnlessCompleted) {
    const CancelActionItem c{call, today};
    given(drafted, call_added).when(c).then({call_cancelled});
    given(drafted, call_added, call_cancelled).when(c).nothing();
    given(drafted, call_added, call_completed).when(c).refused(action_item_closed);
}

TEST(ActionItem, IsRescheduledWhileOpen) {
    const RescheduleActionItem c{call, due_day};
    const ActionItemRescheduled rescheduled{goal_id, call, due_day};
    given(drafted, call_added).when(c).then({rescheduled});
    given(drafted, call_added, call_started).when(c).then({rescheduled});
    given(drafted, call_added, rescheduled).when(c).nothing();
    for (const Event& end : {Event{call_completed}, Event{call_cancelled}})
        given(drafted, call_added, end).when(c).refused(action_item_closed);
}

TEST(ActionItem, IsUnknownUntilItIsAdded) {
    given(drafted).when(StartActionItem{call, today}).refused(action_item_unknown);
    given(drafted).when(CompleteActionItem{call, today}).refused(action_item_unknown);
    given(drafted).when(RescheduleActionItem{call, today}).refused(action_item_unknown);
    given(drafted).when(CancelActionItem{call, today}).refused(action_item_unknown);
}

TEST(GoalFacts, LeaveTheStateSaneWhereTheyCannotBe) {
    const auto state =
        given(half_completed, MilestoneRemoved{goal_id, half}, call_started, call_completed,
              call_cancelled, MilestoneRescheduled{goal_id, half, today},
              ActionItemRescheduled{goal_id, call, today}, Reopened{goal_id, {}, today},
              reading(today, "1"))
            .state();
    EXPECT_TRUE(state.milestones.empty());
    EXPECT_TRUE(state.action_items.empty());
    EXPECT_EQ(state.lifecycle, Lifecycle::draft);
    EXPECT_EQ(diagnose(given(activated).state(), today).health, Health::unknown);
}

}  // namespace goal_parts_test
