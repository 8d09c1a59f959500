#include "tests/support/goal_cast.hpp"

namespace goal_faults_test {

using namespace support;

namespace {

const std::string long_title(title_bytes_max + 1, 'x');
const std::string long_text(text_bytes_max + 1, 'x');
const std::vector<std::string> long_list(parts_max + 1, "x");

Draft draft() { return {goal_id, "More orders", anna, described, orders, hundred_days, {}, {}}; }

void refused(const Draft& c, const std::vector<std::string>& faults, Place at = Place::current()) {
    given().when(c).refused(invalid_goal, at).naming(faults, at);
}

void refused(const Measure& measure, const std::vector<std::string>& faults,
             Place at = Place::current()) {
    auto c = draft();
    c.measure = measure;
    refused(c, faults, at);
}

void accepted(const Draft& c, Place at = Place::current()) {
    if (given().when(c).facts().size() != 1) fail(at, "refused");
}

Measure between(Direction direction, const char* baseline, const char* target) {
    return {"orders", {}, direction, number(baseline), number(target), {}, {}, "count"};
}

}  // namespace

TEST(GoalInput, NamesAllFaultsAtOnce) {
    Draft c = draft();
    c.title = " \t";
    c.specific = {long_text, long_text};
    c.measure = between(Direction::increase, "5", "5");
    c.measure->metric = long_text;
    c.measure->unit = long_text;
    c.timeframe = Timeframe{due_day, start_day, Cadence::weekly};
    c.achievable = Achievable{11, long_text, long_list};
    c.relevant =
        Relevant{std::vector<GoalId>(parts_max + 1), {"x", long_text}, long_text, long_list};
    refused(c, {"#/title required", "#/specific/description too-long",
                "#/specific/focus_area too-long", "#/measurable/metric too-long",
                "#/measurable/unit too-long", "#/measurable/target_value direction",
                "#/achievable/feasibility_score range", "#/achievable/reasoning too-long",
                "#/achievable/resources_required too-long", "#/relevant/aligned_goals too-long",
                "#/relevant/aligned_metrics/1 too-long", "#/relevant/business_impact too-long",
                "#/relevant/evidence_ids too-long", "#/time_bound/target_date order"});
}

TEST(GoalInput, TakesTextsUpToTheirLimits) {
    Draft c = draft();
    c.title = long_title.substr(1);
    c.specific = {long_text.substr(1), long_text.substr(1)};
    c.achievable = Achievable{1, long_text.substr(1), std::vector<std::string>(parts_max)};
    accepted(c);
    c.achievable->feasibility_score = 10;
    accepted(c);
    c.title = long_title;
    c.achievable->feasibility_score = 0;
    refused(c, {"#/title too-long", "#/achievable/feasibility_score range"});
}

TEST(GoalInput, TakesNoTextThatCannotBeStored) {
    Draft c = draft();
    c.title = std::string{"a\0b", 3};
    refused(c, {"#/title format"});
}

TEST(GoalInput, NeverRepeatsTheText) {
    Draft c = draft();
    c.title = "secret" + long_title;
    const auto decision = decide(State{}, c);
    ASSERT_FALSE(decision);
    for (const auto& fault : decision.error().faults) EXPECT_FALSE(fault.detail.contains("secret"));
    EXPECT_FALSE(decision.error().detail.contains("secret"));
}

TEST(GoalInput, HasATargetOnTheSideOfItsDirection) {
    refused(between(Direction::increase, "2", "1"), {"#/measurable/target_value direction"});
    refused(between(Direction::increase, "1.0", "1.00"), {"#/measurable/target_value direction"});
    refused(between(Direction::decrease, "1", "2"), {"#/measurable/target_value direction"});
    refused(between(Direction::decrease, "1", "1"), {"#/measurable/target_value direction"});
    Draft c = draft();
    for (const auto direction : {Direction::stay_above, Direction::stay_below}) {
        for (const auto* target : {"1", "2", "3"}) {
            c.measure = between(direction, "2", target);
            accepted(c);
        }
    }
}

TEST(GoalInput, HasLimitsExactlyForStayWithin) {
    auto measure = stock;
    measure.low.reset();
    measure.high.reset();
    refused(measure, {"#/measurable/low required", "#/measurable/high required"});
    measure = stock;
    measure.low = measure.high;
    refused(measure, {"#/measurable/high order"});
    measure = stock;
    measure.target = number("61");
    refused(measure, {"#/measurable/target_value range"});
    measure.target = number("39.9");
    refused(measure, {"#/measurable/target_value range"});
    measure.target = number("60");
    Draft c = draft();
    c.measure = measure;
    accepted(c);
    for (auto other : {orders, waste, rating}) {
        other.low = number("1");
        other.high = number("2");
        refused(other, {"#/measurable/low direction", "#/measurable/high direction"});
    }
}

TEST(GoalInput, IsDueAfterItsStartAndWithinTheHorizon) {
    Draft c = draft();
    c.timeframe->due = start_day;
    refused(c, {"#/time_bound/target_date order"});
    c.timeframe->due = start_day + 1;
    accepted(c);
    c.timeframe->due = start_day + horizon_days_max;
    accepted(c);
    c.timeframe->due = start_day + (horizon_days_max + 1);
    refused(c, {"#/time_bound/target_date range"});
}

TEST(GoalInput, HasOnlyDaysThatCanBeWritten) {
    Draft c = draft();
    c.timeframe = Timeframe{Date{-1}, Date{2'932'897}, Cadence::weekly};
    refused(c, {"#/time_bound/start_date range", "#/time_bound/target_date range"});
    given(drafted)
        .when(AddMilestone{id<MilestoneId>(1), "Half", Date{-1}, {}})
        .refused(invalid_goal)
        .naming({"#/due range"});
}

TEST(GoalInput, IsCheckedInUpdatesToo) {
    given(drafted)
        .when(Update{.title = "",
                     .specific = Specific{long_text, ""},
                     .measure = between(Direction::decrease, "1", "2"),
                     .timeframe = Timeframe{due_day, start_day, Cadence::weekly},
                     .achievable = Achievable{0, "", {}},
                     .relevant = Relevant{{}, {}, long_text},
                     .reason = clear(long_text.c_str()),
                     .today = start_day})
        .refused(invalid_goal)
        .naming({"#/title required", "#/specific/description too-long",
                 "#/measurable/target_value direction", "#/achievable/feasibility_score range",
                 "#/relevant/business_impact too-long", "#/time_bound/target_date order",
                 "#/reason too-long"});
}

TEST(GoalInput, KeepsTheDescriptionOfAnActiveGoal) {
    const Update c{.specific = Specific{"", "sales"}, .today = start_day};
    given(drafted, activated)
        .when(c)
        .refused(invalid_goal)
        .naming({"#/specific/description required"});
    given(drafted).when(c).then({Described{goal_id, drafted.title, {"", "sales"}}});
}

TEST(GoalInput, HasAPathFromTheStartToTheTarget) {
    const auto refuses = [](const Path& path, const std::vector<std::string>& faults,
                            Place at = Place::current()) {
        given(drafted).when(Activate{start_day, path}).refused(invalid_goal, at).naming(faults, at);
    };
    const PathPoint end{due_day, number("200")};
    refuses({{start_day + -1, number("100")}, end}, {"#/path range"});
    refuses({{start_day, number("100")}, {start_day, number("110")}, end}, {"#/path order"});
    refuses({{start_day + 2, number("1")}, {start_day + 1, number("2")}, end}, {"#/path order"});
    refuses({{start_day, number("100")}, {due_day, number("199.9")}}, {"#/path range"});
    refuses({{start_day, number("100")}, {due_day + -1, number("200")}}, {"#/path range"});
    refuses({end, {start_day + -1, number("1")}}, {"#/path order", "#/path range"});
    EXPECT_FALSE(given(drafted).when(Activate{start_day, {end}}).facts().empty());
}

TEST(GoalInput, SaysSomethingInACheckIn) {
    const CheckIn empty{
        .check_in = id<CheckInId>(1), .as_of = start_day, .notes = clear(""), .today = start_day};
    given(drafted, activated).when(empty).refused(invalid_goal).naming({"#/value required"});
    auto c = empty;
    c.confidence = 5;
    EXPECT_FALSE(given(drafted, activated).when(c).facts().empty());
    for (auto field : {&CheckIn::notes, &CheckIn::blockers, &CheckIn::next_step}) {
        c = empty;
        c.*field = clear("So so");
        EXPECT_FALSE(given(drafted, activated).when(c).facts().empty());
    }
}

TEST(GoalInput, HasCheckInsBetweenTheEveOfTheStartAndToday) {
    CheckIn c{.check_in = id<CheckInId>(1),
              .as_of = start_day + 6,
              .value = number("1"),
              .today = start_day + 5};
    given(drafted, activated).when(c).refused(invalid_goal).naming({"#/as_of range"});
    c.as_of = start_day + -2;
    given(drafted, activated).when(c).refused(invalid_goal).naming({"#/as_of range"});
    for (const auto day : {start_day + -1, start_day + 5}) {
        c.as_of = day;
        EXPECT_FALSE(given(drafted, activated).when(c).facts().empty());
    }
}

TEST(GoalInput, HasAConfidenceFromOneToTen) {
    CheckIn c{.check_in = id<CheckInId>(1),
              .as_of = start_day,
              .notes = clear(long_text.c_str()),
              .blockers = clear(long_text.c_str()),
              .next_step = clear(long_text.c_str()),
              .today = start_day};
    for (const int confidence : {0, 11}) {
        c.confidence = confidence;
        given(drafted, activated)
            .when(c)
            .refused(invalid_goal)
            .naming({"#/confidence range", "#/notes too-long", "#/blockers too-long",
                     "#/next_step too-long"});
    }
}

TEST(GoalInput, LimitsTheWordsOfClosingToo) {
    const auto words = clear(long_text.c_str());
    given(drafted, activated)
        .when(Complete{.learnings = words, .today = start_day})
        .refused(invalid_goal)
        .naming({"#/learnings too-long"});
    given(drafted)
        .when(Abandon{words, start_day})
        .refused(invalid_goal)
        .naming({"#/reason too-long"});
    given(drafted, abandoned)
        .when(Reopen{words, start_day})
        .refused(invalid_goal)
        .naming({"#/reason too-long"});
}

}  // namespace goal_faults_test
