// Projections on the real log: poison parks its key and nothing else, and a retry folds it whole.
#include "projections/goal_board.hpp"
#include "projections/projection.hpp"
#include "src/postgres/appender.hpp"
#include "src/runtime/projection_batch.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>

namespace projection_test {
namespace {

constexpr std::string_view drafted =
    R"({"goal":"01a1fbf3-4a80-7736-b7bd-2fb5b811b5c9","title":"More","owner":)"
    R"("01a1fbf3-4a80-7736-b7bd-2fb5b811b501","specific":{"description":"x","focus_area":""}})";
constexpr std::string_view archived =
    R"({"goal":"01a1fbf3-4a80-7736-b7bd-2fb5b811b5c9","on":"2026-12-31"})";

/// A database of its own, so that no other projector runs on it.
class Projection : public testing::Test {
protected:
    static void SetUpTestSuite() { database_ = support::fresh_database("projection_test"); }
    /// Nobody holds what an earlier test has taken.
    void SetUp() override {
        pqxx::work tx{*connection};
        tx.exec("delete from projection.lease");
        tx.commit();
    }

    const projections::Projection& board = *projections::find("goal_board");
    postgres::Appender appender{database_, {}, [](const postgres::Commit&) {}};
    std::unique_ptr<pqxx::connection> connection =
        postgres::connect(database_, postgres::As::projector);
    domain::TenantId tenant{support::new_id()};

    int append(const domain::Uuid& goal, std::int64_t expected, std::string_view type,
               std::string_view data) {
        auto append = support::append_of(tenant, goal, expected);
        append.writes.front().stream.category = "goal";
        append.writes.front().events.front().form = {type, 1, std::string{data}};
        const auto outcome = support::append_now(appender, std::move(append));
        EXPECT_TRUE(outcome);
        return outcome ? outcome->lane : 0;
    }
    runtime::BatchResult run(int lane, const std::string& holder = "test") {
        return runtime::run_batch(*connection, board, lane, 1000, {holder, 60});
    }
    std::int64_t version_of(const domain::Uuid& goal) {
        pqxx::nontransaction tx{*connection};
        const auto rows = tx.exec("select version from board.smart_goals where goal = $1",
                                  pqxx::params{domain::to_text(goal)});
        return rows.empty() ? 0 : rows[0][0].as<std::int64_t>();
    }
    std::string letter_of(const domain::Uuid& goal) {
        pqxx::nontransaction tx{*connection};
        const auto rows = tx.exec(
            "select code || ' ' || events from projection.dead_letter "
            "where stream = $1",
            pqxx::params{domain::to_text(goal)});
        return rows.empty() ? "" : rows[0][0].as<std::string>();
    }

    static inline postgres::Database database_;
};

TEST_F(Projection, PoisonParksItsKeyAndTheOthersGoOn) {
    const auto sick = support::new_id(), healthy = support::new_id();
    const int lane = append(sick, 0, "goal.drafted", drafted);
    append(sick, 1, "goal.checked-in", R"({"nothing":"right"})");
    append(healthy, 0, "goal.drafted", drafted);
    const auto ran = run(lane);
    EXPECT_EQ(ran.ran, runtime::Ran::advanced);
    EXPECT_EQ(ran.parked, 1);
    EXPECT_EQ(version_of(healthy), 1);
    EXPECT_EQ(version_of(sick), 0);
    EXPECT_EQ(letter_of(sick), "event-unreadable 2");
    append(sick, 2, "goal.archived", archived);
    run(lane);
    EXPECT_EQ(letter_of(sick), "event-unreadable 3") << "what follows for the key waits with it";
    const auto retried = runtime::retry_dead_letter(*connection, board, tenant, {"goal", sick});
    EXPECT_FALSE(retried.repaired);
    EXPECT_EQ(retried.code, "event-unreadable");
}

TEST_F(Projection, ADamagedBatchOfPointsParksItself) {
    auto append = support::append_of(tenant, support::new_id(), 0);
    auto& write = append.writes.front();
    write.stream.category = "metric-batch";
    write.events.front().form = {
        "metric-batch.ingested", 1,
        R"({"metric":"01a1fbf3-4a80-7736-b7bd-2fb5b811b5d2","batch":)"
        R"("01a1fbf3-4a80-7736-b7bd-2fb5b811b5d3","source":"api","unit":"USD","series":[],)"
        R"("points":{"unit":"s","at":"1","day":"0","series":"7","value":"1"},)"
        R"("received":1,"duplicate":0})"};
    const auto outcome = support::append_now(appender, std::move(append));
    ASSERT_TRUE(outcome);
    const auto& metrics = *projections::find("metric_board");
    EXPECT_EQ(runtime::run_batch(*connection, metrics, outcome->lane, 1000, {"test", 60}).parked,
              1);
}

TEST_F(Projection, WhoHasNoLeaseLocksNothing) {
    const int lane = append(support::new_id(), 0, "goal.drafted", drafted);
    ASSERT_EQ(run(lane, "holder").ran, runtime::Ran::advanced);
    auto other = postgres::connect(database_, postgres::As::projector);
    append(support::new_id(), 0, "goal.drafted", drafted);
    const auto tried = runtime::run_batch(*other, board, lane, 1000, {"other", 60});
    EXPECT_EQ(tried.ran, runtime::Ran::held);
    EXPECT_NE(run(lane, "holder").ran, runtime::Ran::held);
    pqxx::work holding{*connection};
    holding.exec("select 1 from projection.checkpoint where name = 'goal_board' for update");
    EXPECT_EQ(runtime::run_batch(*other, board, lane, 1000, {"holder", 60}).ran, runtime::Ran::held)
        << "who holds the lease passes by a locked checkpoint";
}

TEST_F(Projection, AHoleInAStreamIsNeverFoldedOver) {
    events::Recorded late;
    late.tenant = tenant;
    late.stream = {"goal", support::new_id()};
    late.version = 2;
    late.type = "goal.archived";
    late.schema = 1;
    late.data = archived;
    const auto folded = projections::goal_board::fold({}, std::vector{late});
    ASSERT_FALSE(folded);
    EXPECT_EQ(folded.error().why.why.slug, "events-missing");
}

TEST_F(Projection, ARetryFoldsTheWholeKeyInOrder) {
    const auto goal = support::new_id();
    const int lane = append(goal, 0, "goal.drafted", drafted);
    {
        pqxx::work tx{*connection};
        tx.exec(
            "insert into projection.dead_letter (name, tenant, category, stream, lane, position, "
            "code, detail) select 'goal_board', tenant, category, stream, lane, position, "
            "'was-broken', '' from log.event where stream = $1",
            pqxx::params{domain::to_text(goal)});
        tx.commit();
    }
    append(goal, 1, "goal.archived", archived);
    run(lane);
    EXPECT_EQ(version_of(goal), 0);
    EXPECT_TRUE(runtime::retry_dead_letter(*connection, board, tenant, {"goal", goal}).repaired);
    EXPECT_EQ(version_of(goal), 2);
    EXPECT_EQ(letter_of(goal), "");
}

TEST_F(Projection, ALeaseKeepsTheSecondHolderOut) {
    const int lane = append(support::new_id(), 0, "goal.drafted", drafted);
    EXPECT_NE(run(lane, "first").ran, runtime::Ran::paused);
    append(support::new_id(), 0, "goal.drafted", drafted);
    EXPECT_EQ(run(lane, "second").ran, runtime::Ran::held);
}

TEST_F(Projection, APausedOneStandsStill) {
    const int lane = append(support::new_id(), 0, "goal.drafted", drafted);
    runtime::stop_projection(*connection, "goal_board", "a defect");
    EXPECT_EQ(run(lane).ran, runtime::Ran::paused);
    pqxx::nontransaction tx{*connection};
    tx.exec("delete from projection.state");
}

TEST_F(Projection, TheSameEventsGiveTheSameRowsInAnyBatches) {
    const auto goal = support::new_id();
    const int lane = append(goal, 0, "goal.drafted", drafted);
    append(goal, 1, "goal.archived", archived);
    const auto fold_in = [&](int events) {
        {
            pqxx::work tx{*connection};
            tx.exec(
                "delete from board.smart_goals; delete from projection.checkpoint; "
                "delete from projection.dead_letter; delete from projection.lease");
            tx.commit();
        }
        for (int i = 0; i < 1000; ++i) {
            if (runtime::run_batch(*connection, board, lane, events, {"test", 60}).ran !=
                runtime::Ran::advanced)
                break;
        }
        pqxx::nontransaction tx{*connection};
        return tx
            .exec(
                "select string_agg(t::text, '|' order by goal) from board.smart_goals t "
                "where goal = $1",
                pqxx::params{domain::to_text(goal)})
            .one_field()
            .as<std::string>("");
    };
    const auto one_by_one = fold_in(1);
    EXPECT_FALSE(one_by_one.empty());
    EXPECT_EQ(one_by_one, fold_in(1000));
}

}  // namespace
}  // namespace projection_test
