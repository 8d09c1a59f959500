// What can be switched back to stays until the switch that replaces it is done.
#include "src/runtime/beside.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/stored_goals.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>

namespace switch_test {
namespace {

using runtime::Beside;
using runtime::Place;
using support::go_on;

TEST(Switch, APreviousRevisionOutlivesASwitchThatFails) {
    const auto database = support::fresh_database("switch_fails");
    pqxx::connection connection{support::admin_of(database).url};
    pqxx::nontransaction admin{connection};
    const auto* board = projections::find("goal_board");
    const auto* actions = projections::find("action_board");
    const auto hold = [&](Place place) {
        auto held = Beside::hold(database, {board, actions}, place, {});
        EXPECT_TRUE(held && (*held)->begin());
        return *std::move(held);
    };
    const auto tables_of = [&](const std::string& schema) {
        return admin.query_value<std::string>(
            "select coalesce(string_agg(oid::regclass || ' ' || oid, ', ' order by oid), '') "
            "from pg_class where relkind = 'r' and relnamespace = '" +
            schema + "'::regnamespace");
    };
    const auto revisions = [&] {
        return admin.query_value<int>(
            "select count(*) from projection.revision where place = 'board_previous'");
    };
    ASSERT_TRUE(hold(Place::next)->switch_over(go_on));
    const auto before = tables_of("board_previous");
    ASSERT_FALSE(before.empty());
    ASSERT_EQ(revisions(), 2);
    // The first one's books cannot move: somebody is in their way.
    admin.exec(
        "insert into projection.checkpoint select 'goal_board@swap', lane, position "
        "from projection.checkpoint where name = 'goal_board' limit 1");
    auto next = hold(Place::next);
    EXPECT_ANY_THROW(std::ignore = next->switch_over(go_on));
    EXPECT_EQ(tables_of("board_previous"), before);
    EXPECT_EQ(revisions(), 2);
    admin.exec("delete from projection.checkpoint where name = 'goal_board@swap'");
    ASSERT_TRUE(next->switch_over(go_on));
    next.reset();
    EXPECT_NE(tables_of("board_previous"), before) << "now it has been replaced";
    EXPECT_EQ(revisions(), 2);
    ASSERT_TRUE(hold(Place::previous)->switch_over(go_on));
}

}  // namespace
}  // namespace switch_test
