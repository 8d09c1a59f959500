#include "tests/support/goal_cast.hpp"

namespace goal_health_test {

using namespace support;

namespace {

const auto half_time = start_day + 50;

/// An active goal of `measure`, half its time over, whose value was read today.
State at_half_time(const Measure& measure, const char* value, std::optional<int> confidence = {}) {
    const Path path{{start_day, measure.baseline}, {due_day, measure.target}};
    return given(drafted_with(measure), Activated{goal_id, start_day, path},
                 reading(half_time, value, confidence))
        .state();
}

Health health_of(const Measure& measure, const char* value, std::optional<int> confidence = {}) {
    return diagnose(at_half_time(measure, value, confidence), half_time).health;
}

State staying(const Measure& measure, const std::vector<const char*>& values) {
    auto state = given(drafted_with(measure), Activated{goal_id, start_day, {}}).state();
    int day = 0;
    for (const auto* value : values) state = evolve(state, reading(start_day + day++, value));
    return state;
}

using Reasons = std::vector<std::string>;

}  // namespace

TEST(GoalProgress, IsTheShareOfTheWayBothUpAndDown) {
    EXPECT_DOUBLE_EQ(*progress(at_half_time(orders, "125")), 0.25);
    EXPECT_DOUBLE_EQ(*progress(at_half_time(waste, "175")), 0.25);
    EXPECT_DOUBLE_EQ(*progress(at_half_time(orders, "50")), -0.5);
    EXPECT_DOUBLE_EQ(*progress(at_half_time(waste, "250")), -0.5);
    EXPECT_DOUBLE_EQ(*progress(at_half_time(orders, "300")), 2.0);
    EXPECT_DOUBLE_EQ(*progress(at_half_time(waste, "0")), 2.0);
}

TEST(GoalProgress, IsUnknownWithoutAMeasureOrAReading) {
    EXPECT_FALSE(progress(given(drafted).state()));
    EXPECT_FALSE(progress(given(drafted_with({})).state()));
    EXPECT_FALSE(progress(given(drafted_with(rating)).state()));
    auto flat = orders;
    flat.target = flat.baseline;
    EXPECT_FALSE(progress(at_half_time(flat, "100")));
}

TEST(GoalProgress, IsTheShareOfReadingsOnTheRightSideOfAStayGoal) {
    auto below = rating;
    below.direction = Direction::stay_below;
    EXPECT_DOUBLE_EQ(*progress(staying(rating, {"4.5", "4.6", "4.4", "4.49"})), 0.5);
    EXPECT_DOUBLE_EQ(*progress(staying(below, {"4.5", "4.6", "4.4", "4.51"})), 0.5);
    EXPECT_DOUBLE_EQ(*progress(staying(stock, {"40", "60", "39.9", "60.1"})), 0.5);
}

TEST(GoalProgress, GoesByTheLatestDayWhateverTheOrderOfArrival) {
    const auto early = reading(start_day + 10, "110", 2);
    const auto late = reading(start_day + 20, "120", 9);
    EXPECT_EQ(given(drafted, activated, late, early).state().current,
              (Reading{start_day + 20, number("120")}));
    const auto state = given(drafted, activated, late, early).state();
    EXPECT_EQ(state.last_check_in, (CheckInSeen{start_day + 20, 9}));
    EXPECT_EQ(state.readings, 2);
    EXPECT_EQ(given(drafted, activated, late, reading(start_day + 20, "121")).state().current,
              (Reading{start_day + 20, number("121")}));
}

TEST(GoalProgress, KeepsTheConfidenceStatedLast) {
    const auto state =
        given(drafted, activated, reading(start_day + 1, "110", 2), reading(start_day + 2, "110"))
            .state();
    EXPECT_EQ(state.last_check_in, (CheckInSeen{start_day + 2, 2}));
}

TEST(GoalPath, ExpectsStraightLinesBetweenItsPoints) {
    const auto state = given(drafted, Activated{goal_id,
                                                start_day,
                                                {{start_day + 10, number("100")},
                                                 {start_day + 70, number("120.5")},
                                                 {due_day, number("200")}}})
                           .state();
    EXPECT_EQ(expected_value(state, start_day)->text(), "100");
    EXPECT_EQ(expected_value(state, start_day + 40)->text(), "110.25");
    EXPECT_EQ(expected_value(state, start_day + 70)->text(), "120.5");
    EXPECT_EQ(expected_value(state, due_day)->text(), "200");
    EXPECT_EQ(expected_value(state, due_day + 500)->text(), "200");
    EXPECT_DOUBLE_EQ(expected_progress(state, start_day), 0);
    EXPECT_DOUBLE_EQ(expected_progress(state, start_day + 40), 0.1025);
    EXPECT_DOUBLE_EQ(expected_progress(state, due_day), 1);
    EXPECT_DOUBLE_EQ(expected_progress(state, due_day + 500), 1);
}

TEST(GoalPath, ExpectsDecreasesAsShares) {
    EXPECT_DOUBLE_EQ(expected_progress(at_half_time(waste, "175"), start_day + 25), 0.25);
    EXPECT_EQ(expected_value(at_half_time(waste, "175"), start_day + 25)->text(), "175.00");
}

TEST(GoalPath, ExpectsNothingWithoutAPathAndAllOfAStayGoal) {
    EXPECT_FALSE(expected_value(given(drafted).state(), start_day));
    EXPECT_DOUBLE_EQ(expected_progress(given(drafted).state(), half_time), 0);
    EXPECT_FALSE(expected_value(staying(rating, {}), half_time));
    EXPECT_DOUBLE_EQ(expected_progress(staying(rating, {}), half_time), 1);
}

TEST(GoalPath, KeepsValuesOfEighteenDigitsWritable) {
    auto huge = orders;
    huge.baseline = number("0");
    huge.target = number("999999999999999999");
    EXPECT_TRUE(expected_value(at_half_time(huge, "1"), start_day + 99));
}

TEST(GoalHealth, ComparesProgressWithThePath) {
    EXPECT_EQ(health_of(orders, "145"), Health::on_track);
    EXPECT_EQ(health_of(orders, "144.9"), Health::at_risk);
    EXPECT_EQ(health_of(orders, "135"), Health::at_risk);
    EXPECT_EQ(health_of(orders, "134.9"), Health::off_track);
    EXPECT_EQ(health_of(waste, "155"), Health::on_track);
    EXPECT_EQ(health_of(waste, "155.1"), Health::at_risk);
    EXPECT_EQ(health_of(waste, "165"), Health::at_risk);
    EXPECT_EQ(health_of(waste, "165.1"), Health::off_track);
}

TEST(GoalHealth, NamesItsReasonsAndItsNumbers) {
    const auto found = diagnose(at_half_time(orders, "140", 3), half_time);
    EXPECT_EQ(found.health, Health::off_track);
    EXPECT_EQ(found.reasons, (Reasons{"behind-path", "low-confidence"}));
    EXPECT_DOUBLE_EQ(found.progress, 0.4);
    EXPECT_DOUBLE_EQ(found.expected, 0.5);
    EXPECT_EQ(diagnose(at_half_time(orders, "150"), half_time).reasons, Reasons{"on-path"});
}

TEST(GoalHealth, IsLoweredOneStepByALowConfidence) {
    EXPECT_EQ(health_of(orders, "150", 3), Health::at_risk);
    EXPECT_EQ(health_of(orders, "140", 1), Health::off_track);
    EXPECT_EQ(health_of(orders, "100", 1), Health::off_track);
    EXPECT_EQ(health_of(orders, "150", 4), Health::on_track);
    EXPECT_EQ(health_of(orders, "100", 10), Health::off_track);
}

TEST(GoalHealth, IsLenientInTheFirstDays) {
    const auto at = [](int day, const char* value) {
        const auto state = given(drafted, activated, reading(start_day, value)).state();
        return diagnose(state, start_day + day);
    };
    EXPECT_EQ(at(5, "90").health, Health::on_track);
    EXPECT_EQ(at(5, "90").reasons, Reasons{"early-days"});
    EXPECT_EQ(at(5, "89").health, Health::at_risk);
    EXPECT_EQ(at(5, "89").reasons, Reasons{"wrong-way"});
    EXPECT_EQ(at(6, "100").health, Health::off_track);
}

TEST(GoalHealth, IsJudgedByThePathBeforeTheFirstReading) {
    const auto state = given(drafted, activated).state();
    EXPECT_EQ(diagnose(state, start_day + 5).health, Health::on_track);
    EXPECT_EQ(diagnose(state, start_day + 6).health, Health::off_track);
    EXPECT_EQ(diagnose(state, start_day + 6).reasons, (Reasons{"behind-path", "no-reading"}));
}

TEST(GoalHealth, IsUnknownWhenNobodyCheckedInForTwoCadences) {
    const std::pair<Cadence, int> cadences[]{
        {Cadence::weekly, 14}, {Cadence::biweekly, 28}, {Cadence::monthly, 62}};
    for (const auto& [cadence, days] : cadences) {
        const auto state =
            given(drafted_with(orders, Timeframe{start_day, due_day, cadence}), activated).state();
        EXPECT_NE(diagnose(state, start_day + days).health, Health::unknown);
        EXPECT_EQ(diagnose(state, start_day + (days + 1)).health, Health::unknown);
        EXPECT_EQ(diagnose(state, start_day + (days + 1)).reasons, Reasons{"stale-check-in"});
        const auto later = evolve(state, reading(start_day + days, "200"));
        EXPECT_EQ(diagnose(later, start_day + 2 * days).health, Health::on_track);
        EXPECT_EQ(diagnose(later, start_day + (2 * days + 1)).health, Health::unknown);
    }
}

TEST(GoalHealth, IsNotStaleBeforeTheStart) {
    const auto state = given(drafted, Activated{goal_id, start_day + -60, straight}).state();
    EXPECT_EQ(diagnose(state, start_day + -1).health, Health::on_track);
}

TEST(GoalHealth, ExpectsTheTargetAfterTheDueDate) {
    const auto state = given(drafted, activated, reading(due_day, "190")).state();
    EXPECT_EQ(diagnose(state, due_day + 10).health, Health::on_track);
    EXPECT_DOUBLE_EQ(diagnose(state, due_day + 10).expected, 1);
}

TEST(GoalHealth, GoesByTheShareOfAStayGoal) {
    const auto share = [](int within, int outside) {
        auto values = std::vector<const char*>(static_cast<std::size_t>(within), "4.5");
        values.insert(values.end(), static_cast<std::size_t>(outside), "4.4");
        return diagnose(staying(rating, values), start_day + 10).health;
    };
    EXPECT_EQ(share(9, 1), Health::on_track);
    EXPECT_EQ(share(8, 2), Health::at_risk);
    EXPECT_EQ(share(7, 3), Health::at_risk);
    EXPECT_EQ(share(6, 4), Health::off_track);
    EXPECT_EQ(share(0, 0), Health::on_track);
    EXPECT_EQ(diagnose(staying(rating, {}), start_day).reasons, Reasons{"no-reading"});
}

TEST(GoalHealth, IsUnknownUnlessActive) {
    EXPECT_EQ(diagnose(given(drafted).state(), start_day).health, Health::unknown);
    EXPECT_EQ(diagnose(given(drafted, activated, completed).state(), start_day).health,
              Health::unknown);
}

TEST(GoalHealth, KnowsTheDayOfItsNextChange) {
    const auto fresh = given(drafted, activated).state();
    EXPECT_EQ(next_change_of_health(fresh, start_day), start_day + 6);
    EXPECT_EQ(next_change_of_health(fresh, start_day + -300), start_day + 6);
    EXPECT_EQ(next_change_of_health(fresh, start_day + 6), start_day + 15);
    EXPECT_FALSE(next_change_of_health(fresh, start_day + 15));
    const auto overdue = given(drafted, activated, reading(due_day + 40, "200")).state();
    EXPECT_EQ(next_change_of_health(overdue, due_day + 40), due_day + 55);
    EXPECT_FALSE(next_change_of_health(given(drafted).state(), start_day));
}

TEST(Smart, FindsNothingMissingInACompleteGoal) {
    auto goal = drafted;
    goal.achievable = Achievable{7, "We did it before", {"a cook"}};
    goal.relevant = Relevant{{}, {"revenue"}, "Pays the rent", {}};
    const auto state =
        given(goal, MilestoneAdded{goal_id, id<MilestoneId>(1), "Half", start_day, {}}).state();
    EXPECT_EQ(assess(state), (Assessment{5, 5, 5, 5, 5, {}}));
}

TEST(Smart, NamesWhatAnEmptyDraftLacks) {
    auto bare = drafted_with({}, {});
    bare.specific = {};
    EXPECT_EQ(assess(given(bare).state()),
              (Assessment{0,
                          0,
                          0,
                          0,
                          0,
                          {"specific-description-missing", "specific-focus-area-missing",
                           "measurable-metric-missing", "achievable-score-missing",
                           "achievable-reasoning-missing", "achievable-resources-missing",
                           "relevant-impact-missing", "relevant-alignment-missing",
                           "time-bound-missing"}}));
}

TEST(Smart, NamesWhatIsWeak) {
    auto weak = drafted;
    weak.specific.description = "More orders, please";
    weak.measure->unit.clear();
    weak.measure->target = weak.measure->baseline;
    weak.achievable = Achievable{3, "Hard", {"a cook"}};
    weak.relevant = Relevant{{goal_id}, {}, "Pays the rent", {}};
    EXPECT_EQ(assess(given(weak).state()),
              (Assessment{3,
                          1,
                          4,
                          5,
                          4,
                          {"specific-description-vague", "measurable-baseline-equals-target",
                           "measurable-unit-missing", "achievable-score-low",
                           "time-bound-no-milestones"}}));
    weak.measure->target = number("1");
    EXPECT_EQ(assess(given(weak).state()).issues.at(1), "measurable-direction-contradicts-target");
}

TEST(Smart, JudgesTheLengthOfTheWindow) {
    const auto issues = [](int days) {
        const Timeframe window{start_day, start_day + days, Cadence::weekly};
        auto found = assess(given(drafted_with(orders, window)).state()).issues;
        std::erase_if(found, [](const auto& code) { return !code.starts_with("time"); });
        return found;
    };
    EXPECT_EQ(issues(6), Reasons{"time-bound-too-short"});
    EXPECT_EQ(issues(7), Reasons{});
    EXPECT_EQ(issues(90), Reasons{});
    EXPECT_EQ(issues(91), Reasons{"time-bound-no-milestones"});
    EXPECT_EQ(issues(731), (Reasons{"time-bound-too-long", "time-bound-no-milestones"}));
}

TEST(Smart, IsAssessedAgainOnlyWhenItDiffers) {
    const auto found = assess(given(drafted).state());
    given(drafted).when(Assess{}).then({SmartAssessed{goal_id, found}});
    given(drafted, SmartAssessed{goal_id, found}).when(Assess{}).nothing();
}

}  // namespace goal_health_test
