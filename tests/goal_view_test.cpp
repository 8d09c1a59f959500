// What people see of a goal on a day.
#include "projections/goal_view.hpp"
#include "events/document.hpp"
#include "tests/support/goal_cast.hpp"
#include "tests/support/no_keys.hpp"

namespace goal_view_test {
namespace {

using namespace support;

/// The member of a list's item on `day`, of a goal whose last event is of its first day.
std::string member_on(Date day, const char* name) {
    const projections::goal_board::Row row{.state = given(drafted, activated).state(),
                                           .version = 2,
                                           .created_at = midnight(start_day),
                                           .updated_at = midnight(start_day)};
    events::Writer out;
    put_item(out, row, day);
    const auto item = events::Document::parse(out.take());
    return item->root().find(name)->dump();
}

}  // namespace

TEST(GoalItem, ExpectsOfTheDayThatIsAskedAndNotOfTheLastEvent) {
    EXPECT_EQ(member_on(start_day, "expected_progress"), "0");
    EXPECT_EQ(member_on(start_day + 50, "expected_progress"), "0.5");
    EXPECT_EQ(member_on(start_day + 50, "expected_value"), R"("150.00")");
    EXPECT_EQ(member_on(due_day, "expected_progress"), "1");
}

TEST(Ask, OfWhatIsYetToComeOnlyTodayIsKnown) {
    NoKeys keys;
    projections::Ask ask{.tenant = {}, .user = {}, .today = start_day, .keys = keys};
    ask.clock = {"Pacific/Kiritimati", 0};
    const Instant noon{midnight(start_day + -1).micros + 12 * hour_micros};
    EXPECT_EQ(ask.day_of(noon), start_day) << "two in the morning there";
    EXPECT_EQ(ask.day_of(midnight(start_day + -2)), start_day + -2);
    EXPECT_EQ(ask.day_of(midnight(start_day + 1000)), start_day);
}

}  // namespace goal_view_test
