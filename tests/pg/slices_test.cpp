// One tenant's lane folded by several connections: the same rows, one book afterwards, and after a
// kill every slice goes on where it was.
#include "src/postgres/appender.hpp"
#include "src/runtime/beside.hpp"
#include "src/runtime/slices.hpp"
#include "src/runtime/together.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/stored_goals.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <pqxx/pqxx>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace slices_test {
namespace {

using runtime::Beside;
using runtime::Place;
using support::go_on;

constexpr int goals = 300;

std::string item_added() {
    return R"({"goal":"01a1fbf3-4a80-7736-b7bd-2fb5b811b5c9","item":")" +
           domain::to_text(support::new_id()) + R"(","title":"Print the cards"})";
}

class Slices : public testing::Test {
protected:
    void SetUp() override {
        database = support::fresh_database("slices_test");
        connection = postgres::connect(database, postgres::As::projector);
        appender = std::make_unique<postgres::Appender>(database, postgres::AppenderOptions{},
                                                        [](const postgres::Commit&) {});
    }

    /// So many goals of one tenant, the events of each in appends of their own between the others'.
    void append_goals(int count) {
        std::vector<domain::Uuid> ids;
        for (int i = 0; i < count; ++i) ids.push_back(support::new_id());
        for (const auto& id : ids)
            append(id, 0, {{"goal.drafted", std::string{support::goal_drafted}}});
        wait();
        for (const auto& id : ids)
            append(id, 1,
                   {{"goal.action-item-added", item_added()},
                    {"goal.archived", std::string{support::goal_archived}}});
        wait();
    }
    void append(const domain::Uuid& goal, std::int64_t expected,
                const std::vector<std::pair<std::string_view, std::string>>& events) {
        auto append = support::append_of(tenant, goal, expected);
        auto& write = append.writes.front();
        write.stream.category = "goal";
        write.events.clear();
        for (const auto& [type, data] : events)
            write.events.push_back({{support::new_id()}, {type, 1, data}});
        while (waiting > 200) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        ++waiting;
        appender->submit(std::move(append), [&](const auto& outcome) {
            if (!outcome) ++refused;
            --waiting;
        });
    }
    void wait() {
        while (waiting > 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        EXPECT_EQ(refused, 0);
    }
    void catch_up_live() {
        for (const auto* projection : {board, actions}) {
            for (int lane = 0; lane < 4; ++lane) {
                while (runtime::run_batch(*connection, *projection, lane, 5000, {"live", 60}).ran ==
                       runtime::Ran::advanced) {}
            }
        }
    }
    std::unique_ptr<Beside> hold(int threads) {
        auto held = Beside::hold(database, {board, actions}, Place::next,
                                 {.batch_events = 100, .threads = threads, .slice_events_min = 50});
        EXPECT_TRUE(held);
        return held ? *std::move(held) : nullptr;
    }
    std::int64_t number(const std::string& sql) {
        pqxx::nontransaction tx{*connection};
        return tx.query_value<std::int64_t>(sql);
    }
    std::int64_t open_slices() {
        return number(
            "select count(distinct name) from projection.checkpoint where name like "
            "'goal_board@next/%'");
    }
    void expect_same(Beside& beside) {
        auto together = beside.together(go_on);
        ASSERT_TRUE(together) << together.error().detail;
        for (const auto* projection : {board, actions}) {
            for (const auto& one : (*together)->tallies(*projection)) {
                EXPECT_TRUE(one.same()) << one.table << " " << one.rows << " " << one.rows_beside;
                EXPECT_GT(one.rows, one.table == "goal_check_in" ? -1 : 0) << one.table;
            }
        }
    }

    postgres::Database database;
    const projections::Projection* board = projections::find("goal_board");
    const projections::Projection* actions = projections::find("action_board");
    domain::TenantId tenant{support::new_id()};
    std::atomic<int> waiting{0}, refused{0};
    std::unique_ptr<postgres::Appender> appender;
    std::unique_ptr<pqxx::connection> connection;
};

TEST_F(Slices, GiveTheSameRowsAndOneBook) {
    append_goals(goals);
    const auto sick = support::new_id();
    append(sick, 0, {{"goal.drafted", R"({"nothing":"right"})"}});
    wait();
    catch_up_live();
    auto beside = hold(3);
    ASSERT_TRUE(beside->begin());
    EXPECT_EQ(beside->behind(), 3 * goals + 1);
    std::int64_t told = 0, slices = 0;
    const auto folded = beside->catch_up([&](std::int64_t events) {
        told += events;
        slices = std::max(slices, open_slices());
        return true;
    });
    ASSERT_TRUE(folded) << folded.error().detail;
    EXPECT_EQ(slices, 3);
    EXPECT_EQ(folded->events, 3 * goals + 1)
        << "an event is told once, however many slices pass it";
    EXPECT_EQ(told, folded->events);
    EXPECT_EQ(folded->parked, 1);
    EXPECT_EQ(beside->behind(), 0);
    for (const auto* table : {"checkpoint", "lease", "dead_letter"})
        EXPECT_EQ(number("select count(*) from projection." + std::string{table} +
                         " where name like '%/%'"),
                  0)
            << table;
    EXPECT_EQ(number("select count(*) from projection.dead_letter where name = 'goal_board@next'"),
              1);
    beside->make_indexes();
    expect_same(*beside);
    ASSERT_TRUE(beside->switch_over(go_on));
    EXPECT_EQ(number("select count(*) from board.smart_goals"), goals);
}

TEST_F(Slices, AStoppedRunGoesOnInTheSlicesItHad) {
    append_goals(goals);
    catch_up_live();
    std::int64_t told = 0;
    {
        auto beside = hold(3);
        ASSERT_TRUE(beside->begin());
        const auto stopped =
            beside->catch_up([&](std::int64_t events) { return (told += events) < goals; });
        ASSERT_FALSE(stopped);
        EXPECT_EQ(stopped.error().why, runtime::replay_stopped);
        EXPECT_EQ(open_slices(), 3);
    }
    append_goals(20);
    catch_up_live();
    auto beside = hold(2);
    const auto begun = beside->begin();
    ASSERT_TRUE(begun);
    EXPECT_TRUE(begun->front().resumed);
    EXPECT_LT(beside->behind(), 3 * (goals + 20));
    std::int64_t slices = 0;
    const auto folded = beside->catch_up([&](std::int64_t) {
        slices = std::max(slices, open_slices());
        return true;
    });
    ASSERT_TRUE(folded) << folded.error().detail;
    EXPECT_EQ(slices, 3) << "as they were begun, whatever the threads";
    EXPECT_EQ(folded->parked, 0);
    EXPECT_EQ(open_slices(), 0);
    expect_same(*beside);
}

TEST_F(Slices, WhatWasParkedBeforeTheSplitStaysParked) {
    const auto sick = support::new_id();
    append(sick, 0, {{"goal.drafted", R"({"nothing":"right"})"}});
    wait();
    catch_up_live();
    {
        auto beside = hold(1);
        ASSERT_TRUE(beside->begin());
        ASSERT_TRUE(beside->catch_up(go_on));
    }
    append(sick, 1, {{"goal.archived", std::string{support::goal_archived}}});
    append_goals(goals);
    catch_up_live();
    auto beside = hold(3);
    ASSERT_TRUE(beside->begin());
    ASSERT_TRUE(beside->catch_up(go_on));
    EXPECT_EQ(number("select events from projection.dead_letter where name = 'goal_board@next'"),
              number("select events from projection.dead_letter where name = 'goal_board'"));
    expect_same(*beside);
}

TEST_F(Slices, AreNotMadeWhereLanesAreEnough) {
    append_goals(1);
    catch_up_live();
    pqxx::work tx{*connection};
    tx.exec(
        "insert into projection.checkpoint (name, lane, position) "
        "select 'even', lane, 100 from log.lane_head union all "
        "select 'uneven', lane, 100 * lane from log.lane_head union all "
        "select 'begun', lane, 0 from log.lane_head");
    EXPECT_FALSE(runtime::lanes_are_uneven(tx, "begun", "even", 2, 100));
    EXPECT_FALSE(runtime::lanes_are_uneven(tx, "begun", "even", 4, 100));
    EXPECT_TRUE(runtime::lanes_are_uneven(tx, "begun", "even", 8, 100));
    EXPECT_TRUE(runtime::lanes_are_uneven(tx, "begun", "uneven", 4, 100));
    EXPECT_FALSE(runtime::lanes_are_uneven(tx, "begun", "uneven", 4, 1000)) << "too few";
    EXPECT_FALSE(runtime::lanes_are_uneven(tx, "begun", "uneven", 1, 100));
}

/// The program, rebuilding in a process of its own with two slices.
pid_t spawn_rebuild(const std::string& url, const std::string& log, const char* throttle) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execl(CAIRN_BINARY, CAIRN_BINARY, "projection", "rebuild", "goal_board", "action_board",
            "--db", url.c_str(), "--config", "none", "--batch", "500", "--threads", "2",
            "--throttle", throttle, "-o", "json", nullptr);
    ::_exit(127);
}

std::string content(const std::string& file) {
    std::ifstream in{file};
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST_F(Slices, AKilledProgramGoesOnInEachOfThem) {
    constexpr int many = 7'000;  // three events each are more than a split is worth
    append_goals(many);
    catch_up_live();
    const auto log = (support::directory() / "slices.log").string();
    const auto done = [&] {
        return number(
            "select coalesce(min(position), 0) from projection.checkpoint where name like "
            "'goal_board@next/%' and position > 0");
    };
    pid_t child = spawn_rebuild(database.url, log, "10000");
    for (int i = 0; i < 400 && done() < 3000; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ASSERT_GE(done(), 3000) << content(log);
    ASSERT_EQ(open_slices(), 2) << "killed in the middle";
    ASSERT_LT(done(), 3 * many);
    child = spawn_rebuild(database.url, log, "0");
    int status = 0;
    ::waitpid(child, &status, 0);
    const auto said = content(log);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << said;
    EXPECT_NE(said.find("going on with revision"), std::string::npos) << said;
    EXPECT_NE(said.find("\"same\":true"), std::string::npos) << said;
    EXPECT_EQ(said.find("\"same\":false"), std::string::npos) << said;
    EXPECT_EQ(number("select count(*) from board.smart_goals"), many);
    EXPECT_EQ(number("select count(*) from board.action_item"), many);
}

}  // namespace
}  // namespace slices_test
