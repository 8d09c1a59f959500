#include "tests/support/goal_cast.hpp"

namespace goal_test {

using namespace support;

namespace {

const auto today = start_day;
const auto reason = clear("The market changed");

Draft draft() { return {goal_id, "More orders", anna, described, orders, hundred_days, {}, {}}; }

CheckIn check_in(Date as_of, std::optional<Decimal> value) {
    return {.check_in = id<CheckInId>(1), .as_of = as_of, .value = value, .today = as_of};
}

/// Every request but Draft.
std::vector<Command> requests() {
    const auto milestone = id<MilestoneId>(1);
    const auto item = id<ActionItemId>(1);
    return {Update{.title = "Other", .today = today},
            Assess{},
            Activate{today, {}},
            check_in(today, number("110")),
            AddMilestone{milestone, "Half", due_day, {}},
            RescheduleMilestone{milestone, due_day},
            CompleteMilestone{milestone, today},
            RemoveMilestone{milestone},
            AddActionItem{item, "Call", {}, {}},
            StartActionItem{item, today},
            CompleteActionItem{item, today},
            RescheduleActionItem{item, due_day},
            CancelActionItem{item, today},
            Complete{.today = today},
            Abandon{{}, today}};
}

}  // namespace

TEST(Goal, IsDraftedAsGiven) { given().when(draft()).then({drafted}); }

TEST(Goal, IsDraftedWithoutMeasureAndTimeframe) {
    auto c = draft();
    c.measure.reset();
    c.timeframe.reset();
    given().when(c).then({drafted_with({}, {})});
}

TEST(Goal, IsDraftedOnce) { given(drafted).when(draft()).refused(already_drafted); }

TEST(Goal, IsUnknownBeforeItIsDrafted) {
    for (const auto& request : requests()) given().when(request).refused(domain::goal::unknown);
    given().when(EvaluateHealth{today}).refused(domain::goal::unknown);
    given().when(Reopen{{}, today}).refused(domain::goal::unknown);
    given().when(Archive{today}).refused(domain::goal::unknown);
}

TEST(Goal, TellsOnlyWhatAnUpdateReallyChanges) {
    const Achievable achievable{7, "We did it before", {"a cook"}};
    const Relevant relevant{{}, {"revenue"}, "Pays the rent", {}};
    Update c{.title = "More orders",
             .owner = ben,
             .specific = described,
             .measure = waste,
             .timeframe = hundred_days,
             .achievable = achievable,
             .relevant = relevant,
             .today = today};
    given(drafted).when(c).then({OwnerChanged{goal_id, ben}, FeasibilityStated{goal_id, achievable},
                                 RelevanceStated{goal_id, relevant}, MeasureSet{goal_id, waste}});
    const Timeframe later{start_day, due_day + 1, Cadence::monthly};
    given(drafted)
        .when(Update{.title = "Fewer", .timeframe = later, .today = today})
        .then({Described{goal_id, "Fewer", described}, TimeframeSet{goal_id, later}});
}

TEST(Goal, IsNotChangedByAnUpdateToWhatItIs) {
    given(drafted)
        .when(Update{.title = drafted.title,
                     .owner = anna,
                     .specific = described,
                     .measure = orders,
                     .timeframe = hundred_days,
                     .today = today})
        .nothing();
    given(drafted).when(Update{.today = today}).nothing();
}

TEST(Goal, IsRevisedWithAReasonOnceActive) {
    auto higher = orders;
    higher.target = number("300");
    const Update c{.measure = higher, .reason = reason, .today = today};
    const Path path{{start_day, number("100")}, {due_day, number("300")}};
    given(drafted, activated, found_on_track)
        .when(c)
        .then({Revised{goal_id, higher, hundred_days, path, reason}});
}

TEST(Goal, IsNotRevisedWithoutAReason) {
    const Timeframe later{start_day, due_day + 9, Cadence::weekly};
    for (const auto& none : {std::optional<Personal>{}, std::optional{clear("  ")},
                             std::optional{Personal{Erased{}}}}) {
        given(drafted, activated, found_on_track)
            .when(Update{.timeframe = later, .reason = none, .today = today})
            .refused(reason_missing);
    }
}

TEST(Goal, NeedsNoReasonForAnotherTitleOnceActive) {
    given(drafted, activated, found_on_track)
        .when(Update{.title = "Fewer", .measure = orders, .today = today})
        .then({Described{goal_id, "Fewer", described}});
}

TEST(Goal, TellsTheHealthThatARevisionBrings) {
    const auto day = start_day + 50;
    auto higher = orders;
    higher.target = number("500");
    const Path path{{start_day, number("100")}, {due_day, number("500")}};
    given(drafted, activated, found_on_track, reading(day, "150"))
        .when(Update{.measure = higher, .reason = reason, .today = day})
        .then(
            {Revised{goal_id, higher, hundred_days, path, reason},
             HealthChanged{
                 goal_id, Health::on_track, Health::off_track, {"behind-path"}, day, 0.125, 0.5}});
}

TEST(Goal, CountsReadingsAnewWhenItsMeasureIsRevised) {
    auto lower = rating;
    lower.target = number("4.8");
    const auto state =
        given(drafted_with(rating), Activated{goal_id, start_day, {}}, reading(start_day, "4.6"),
              reading(start_day + 7, "4.7"), Revised{goal_id, lower, hundred_days, {}, reason})
            .state();
    EXPECT_EQ(state.readings, 1);
    EXPECT_EQ(state.readings_within, 0);
}

TEST(Goal, IsActivatedOnAStraightPath) {
    given(drafted).when(Activate{today, {}}).then({activated, found_on_track});
}

TEST(Goal, IsActivatedOnTheGivenPath) {
    const Path path{
        {start_day, number("100")}, {start_day + 90, number("110")}, {due_day, number("200")}};
    given(drafted)
        .when(Activate{today, path})
        .then({Activated{goal_id, today, path}, found_on_track});
}

TEST(Goal, IsActivatedWithoutAPathWhenItIsToStay) {
    const HealthChanged found{goal_id, Health::unknown, Health::on_track, {"no-reading"}, today, 0,
                              1};
    given(drafted_with(rating))
        .when(Activate{today, {}})
        .then({Activated{goal_id, today, {}}, found});
}

TEST(Goal, IsActivatedAgainWithoutEffect) {
    given(drafted, activated).when(Activate{today, {}}).nothing();
    given(drafted, activated).when(Activate{today, straight}).nothing();
    const Path other{{start_day, number("120")}, {due_day, number("200")}};
    given(drafted, activated).when(Activate{today, other}).refused(already_active);
}

TEST(Goal, IsNotActivatedBeforeItIsSmart) {
    auto bare = drafted_with({}, {});
    bare.specific.description = " ";
    given(bare)
        .when(Activate{today, {}})
        .refused(not_smart)
        .naming({"#/specific specific-description-missing",
                 "#/measurable measurable-metric-missing", "#/time_bound time-bound-missing"});
}

TEST(Goal, IsActivatedUntilItsDueDate) {
    given(drafted)
        .when(Activate{due_day + 1, {}})
        .refused(not_smart)
        .naming({"#/time_bound time-bound-past"});
    EXPECT_FALSE(given(drafted).when(Activate{due_day, {}}).facts().empty());
}

TEST(Goal, NeedsANamedMetricToBeActivated) {
    auto nameless = orders;
    nameless.metric.clear();
    given(drafted_with(nameless)).when(Activate{today, {}}).refused(not_smart);
    nameless.metric_id = id<MetricId>(1);
    EXPECT_FALSE(given(drafted_with(nameless)).when(Activate{today, {}}).facts().empty());
}

TEST(Goal, TakesACheckIn) {
    const auto day = start_day + 1;
    CheckIn c{id<CheckInId>(1), day, number("101"), 8, clear("Fine"), clear("None"), clear("Go on"),
              Source::metric,   day};
    given(drafted, activated, found_on_track)
        .when(c)
        .then({CheckedIn{goal_id, c.check_in, day, c.value, 8, c.notes, c.blockers, c.next_step,
                         Source::metric}});
}

TEST(Goal, TellsTheHealthThatACheckInBrings) {
    const auto day = start_day + 10;
    given(drafted, activated, found_on_track)
        .when(check_in(day, number("100")))
        .then({CheckedIn{goal_id, id<CheckInId>(1), day, number("100")},
               HealthChanged{
                   goal_id, Health::on_track, Health::off_track, {"behind-path"}, day, 0, 0.1}});
}

TEST(Goal, TakesNoCheckInBeforeItIsActive) {
    given(drafted).when(check_in(today, number("101"))).refused(not_active);
}

TEST(Goal, EvaluatesItsHealthOnlyWhileActive) {
    given(drafted).when(EvaluateHealth{today}).nothing();
    given(drafted, activated, abandoned).when(EvaluateHealth{today}).nothing();
    given(drafted, activated, found_on_track).when(EvaluateHealth{today}).nothing();
    given(drafted, activated).when(EvaluateHealth{today}).then({found_on_track});
}

TEST(Goal, IsCompletedByItsProgress) {
    const auto outcome = [](const char* value) {
        const auto facts =
            given(drafted, activated, reading(start_day, value)).when(Complete{.today = due_day});
        return std::get<Completed>(facts.facts().at(0));
    };
    EXPECT_EQ(outcome("200"),
              (Completed{goal_id, Outcome::achieved, number("200"), 1, {}, due_day}));
    EXPECT_EQ(outcome("250").outcome, Outcome::achieved);
    EXPECT_EQ(outcome("199").outcome, Outcome::partial);
    EXPECT_EQ(outcome("150").outcome, Outcome::partial);
    EXPECT_EQ(outcome("149").outcome, Outcome::missed);
    EXPECT_EQ(outcome("50").completion_rate, -0.5);
}

TEST(Goal, IsCompletedByTheShareOfItsReadingsWhenItIsToStay) {
    const auto outcome = [](int within, int outside) {
        auto state = given(drafted_with(rating), Activated{goal_id, start_day, {}}).state();
        for (int i = 0; i < within; ++i) state = evolve(state, reading(start_day + i, "4.5"));
        for (int i = 0; i < outside; ++i) state = evolve(state, reading(start_day + i, "4.4"));
        return std::get<Completed>(decide(state, Complete{.today = due_day})->at(0)).outcome;
    };
    EXPECT_EQ(outcome(9, 1), Outcome::achieved);
    EXPECT_EQ(outcome(8, 2), Outcome::partial);
    EXPECT_EQ(outcome(5, 5), Outcome::partial);
    EXPECT_EQ(outcome(4, 6), Outcome::missed);
}

TEST(Goal, IsCompletedAsItsOwnerSays) {
    const auto learnings = clear("Start earlier");
    given(drafted, activated, reading(start_day, "120"))
        .when(Complete{Outcome::achieved, number("180"), learnings, due_day})
        .then({Completed{goal_id, Outcome::achieved, number("180"), 0.8, learnings, due_day}});
    given(drafted, activated)
        .when(Complete{.today = due_day})
        .then({Completed{goal_id, Outcome::missed, {}, 0, {}, due_day}});
}

TEST(Goal, IsNotCompletedBeforeItIsActive) {
    given(drafted).when(Complete{.today = today}).refused(not_active);
}

TEST(Goal, IsAbandonedAsADraftOrActive) {
    given(drafted).when(Abandon{reason, today}).then({Abandoned{goal_id, reason, today}});
    given(drafted, activated).when(Abandon{{}, today}).then({Abandoned{goal_id, {}, today}});
}

TEST(Goal, TakesNoCheckInOnceClosed) {
    given(drafted, activated, completed)
        .when(check_in(today, number("110")))
        .refused(domain::goal::closed);
}

TEST(Goal, TakesNothingOnceClosed) {
    for (const auto& request : requests()) {
        given(drafted, activated, completed).when(request).refused(domain::goal::closed);
        given(drafted, abandoned).when(request).refused(domain::goal::closed);
        given(drafted, archived).when(request).refused(domain::goal::closed);
    }
}

TEST(Goal, IsReopenedWhereItCanGoOn) {
    const Reopened reopened{goal_id, reason, today};
    given(drafted, activated, found_on_track, completed)
        .when(Reopen{reason, today})
        .then({reopened});
    EXPECT_EQ(given(drafted, activated, completed, reopened).state().lifecycle, Lifecycle::active);
    EXPECT_FALSE(given(drafted, activated, completed, reopened).state().conclusion);
    given(drafted, abandoned).when(Reopen{reason, today}).then({reopened});
    EXPECT_EQ(given(drafted, abandoned, reopened).state().lifecycle, Lifecycle::draft);
}

TEST(Goal, TellsTheHealthThatReopeningBrings) {
    const auto day = start_day + 90;
    given(drafted, activated, found_on_track, abandoned)
        .when(Reopen{{}, day})
        .then({Reopened{goal_id, {}, day},
               HealthChanged{
                   goal_id, Health::on_track, Health::unknown, {"stale-check-in"}, day, 0, 0.9}});
}

TEST(Goal, IsNotReopenedWhileOpen) {
    given(drafted).when(Reopen{{}, today}).refused(not_closed);
    given(drafted, activated).when(Reopen{{}, today}).refused(not_closed);
}

TEST(Goal, ReturnsFromTheArchiveAsItWas) {
    const Reopened reopened{goal_id, {}, today};
    EXPECT_EQ(given(drafted, archived, reopened).state().lifecycle, Lifecycle::draft);
    EXPECT_EQ(given(drafted, activated, archived, reopened).state().lifecycle, Lifecycle::active);
    const auto state = given(drafted, activated, completed, archived, reopened).state();
    EXPECT_EQ(state.lifecycle, Lifecycle::completed);
    EXPECT_TRUE(state.conclusion);
}

TEST(Goal, IsArchivedOnceInAnyLifecycle) {
    given(drafted).when(Archive{today}).then({Archived{goal_id, today}});
    given(drafted, activated).when(Archive{today}).then({Archived{goal_id, today}});
    given(drafted, activated, completed).when(Archive{today}).then({Archived{goal_id, today}});
    given(drafted, abandoned).when(Archive{today}).then({Archived{goal_id, today}});
    given(drafted, archived).when(Archive{today}).nothing();
    EXPECT_EQ(given(drafted, archived, archived).state().before_archive, Lifecycle::draft);
}

TEST(Goal, HasTheStatusThatClientsFilterBy) {
    EXPECT_EQ(status_of(given(drafted).state()), "draft");
    EXPECT_EQ(status_of(given(drafted, activated).state()), "unknown");
    EXPECT_EQ(status_of(given(drafted, activated, found_on_track).state()), "on_track");
    EXPECT_EQ(status_of(given(drafted, activated, found_on_track, completed).state()), "completed");
}

}  // namespace goal_test
