// Read models folded again beside those that serve: the same rows and the same tables, a lost event
// is seen, a killed rebuild goes on, and the switch goes both ways.
#include "src/postgres/appender.hpp"
#include "src/runtime/beside.hpp"
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

namespace pg_rebuild_test {

using runtime::Beside;
using runtime::Place;
using support::go_on;

/// Everything a table of schema board is, as the catalogue describes it.
std::string shape_of_board(const postgres::Database& database) {
    pqxx::connection connection{support::admin_of(database).url};
    pqxx::nontransaction tx{connection};
    std::string out;
    for (const auto& row : tx.exec(R"sql(
             select line from (
                 select format('%s.%s %s %s %s %s', c.oid::regclass, a.attname,
                               format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated,
                               a.attacl) as line
                   from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
                  where c.relnamespace = 'board'::regnamespace and not a.attisdropped
                    and c.relkind in ('r', 'v')
                 union all
                 select pg_get_indexdef(i.indexrelid) from pg_index i
                   join pg_class c on c.oid = i.indrelid
                  where c.relnamespace = 'board'::regnamespace
                 union all
                 select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
                   from pg_constraint where connamespace = 'board'::regnamespace
                 union all
                 select p::text from pg_policies p where p.schemaname = 'board'
                 union all
                 select format('%s %s %s %s %s %s %s', c.oid::regclass, c.relacl, c.reloptions,
                               c.relowner::regrole, c.relpersistence, c.relrowsecurity,
                               c.relforcerowsecurity)
                   from pg_class c where c.relnamespace = 'board'::regnamespace
                 union all
                 select format('%s %s', oid::regclass, pg_get_viewdef(oid)) from pg_class
                  where relnamespace = 'board'::regnamespace and relkind = 'v'
                 union all
                 select format('%s %s %s', hypertable_name, column_name, time_interval)
                   from timescaledb_information.dimensions
                  where hypertable_schema = 'board') all_of_it
              order by line)sql"))
        out += row[0].as<std::string>("") + "\n";
    return out;
}

class Rebuild : public testing::Test {
protected:
    static void SetUpTestSuite() { database_ = support::fresh_database("rebuild_test"); }
    void SetUp() override {
        connection = postgres::connect(database_, postgres::As::projector);
        // Chunks inherit the columns' order, and a rebuild of nothing would prove nothing.
        for (int i = 0; i < 3; ++i) append_goal();
        catch_up_live();
    }

    domain::Uuid append_goal() {
        const auto goal = support::new_id();
        append(goal, 0, "goal.drafted", support::goal_drafted);
        append(goal, 1, "goal.archived", support::goal_archived);
        return goal;
    }
    void append(const domain::Uuid& goal, std::int64_t expected, std::string_view type,
                std::string_view data) {
        auto append = support::append_of({support::new_id()}, goal, expected);
        append.tenant = {goal};  // many tenants, so many lanes
        append.writes.front().stream.category = "goal";
        append.writes.front().events.front().form = {type, 1, std::string{data}};
        EXPECT_TRUE(support::append_now(appender, std::move(append)));
    }
    /// All at once, by tenants of all lanes.
    void append_many(int goals) {
        std::atomic<int> waiting{0};
        for (int i = 0; i < goals; ++i) {
            const auto goal = support::new_id();
            auto one = support::append_of({goal}, goal, 0);
            auto& write = one.writes.front();
            write.stream.category = "goal";
            write.events.front().form = {"goal.drafted", 1, std::string{support::goal_drafted}};
            write.events.push_back(
                {{support::new_id()}, {"goal.archived", 1, std::string{support::goal_archived}}});
            while (waiting > 200) std::this_thread::sleep_for(std::chrono::milliseconds{1});
            ++waiting;
            appender.submit(std::move(one), [&](const auto&) { --waiting; });
        }
        while (waiting > 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    void catch_up_live() {
        for (const auto* projection : {board, actions}) {
            for (int lane = 0; lane < 4; ++lane) {
                for (int i = 0; i < 1000; ++i) {
                    if (runtime::run_batch(*connection, *projection, lane, 2000, {"live", 60})
                            .ran != runtime::Ran::advanced)
                        break;
                }
            }
        }
    }
    std::unique_ptr<Beside> hold(Place place = Place::next) {
        auto held = Beside::hold(database_, {board, actions}, place, {});
        EXPECT_TRUE(held);
        return held ? *std::move(held) : nullptr;
    }
    std::int64_t count(const std::string& table) {
        pqxx::nontransaction tx{*connection};
        return tx.query_value<std::int64_t>("select count(*) from " + table);
    }
    void execute(const std::string& sql) {
        pqxx::work tx{*connection};
        tx.exec(sql);
        tx.commit();
    }
    static bool same(runtime::Together& together) {
        for (const auto* projection : {board, actions}) {
            for (const auto& one : together.tallies(*projection)) {
                if (!one.same()) return false;
            }
        }
        return true;
    }

    static inline postgres::Database database_;
    static inline const projections::Projection* board = projections::find("goal_board");
    static inline const projections::Projection* actions = projections::find("action_board");
    postgres::Appender appender{database_, {}, [](const postgres::Commit&) {}};
    std::unique_ptr<pqxx::connection> connection;
};

TEST_F(Rebuild, GivesTheSameRowsInTheSameTables) {
    const auto before = shape_of_board(database_);
    auto beside = hold();
    ASSERT_TRUE(beside->begin());
    const auto folded = beside->catch_up(go_on);
    ASSERT_TRUE(folded) << folded.error().detail;
    EXPECT_GE(folded->events, 6);
    beside->make_indexes();
    auto together = beside->together(go_on);
    ASSERT_TRUE(together);
    EXPECT_TRUE(same(**together));
    together->reset();
    append_goal();
    catch_up_live();
    const auto rows = count("board.smart_goals");
    const auto switched = beside->switch_over(go_on);
    ASSERT_TRUE(switched) << switched.error().detail;
    EXPECT_EQ(count("board.smart_goals"), rows) << "what came after the comparison is there too";
    EXPECT_EQ(shape_of_board(database_), before);
    append_goal();
    catch_up_live();
    EXPECT_EQ(count("board.smart_goals"), rows + 1);
    EXPECT_EQ(count("board_previous.smart_goals"), rows);
}

TEST_F(Rebuild, AKeyThatWaitsForTheRowsIsMadeBeforeTheSwitchAndSeesADouble) {
    const auto before = shape_of_board(database_);
    const auto keyed = "pg_class where oid = to_regclass('board_next.goal_check_in_pkey')";
    const auto check_in =
        "insert into board_next.goal_check_in select t, t, 1, t, '2026-01-01', 1, 1, '', '', '', "
        "'', t, now() from (values (uuid '01a1fbf3-4a80-7736-b7bd-2fb5b811b5c9')) r (t)";
    auto beside = hold();
    ASSERT_TRUE(beside->begin() && beside->catch_up(go_on));
    EXPECT_EQ(count(keyed), 0) << "inserts alone need no key";
    for (int i = 0; i < 2; ++i) execute(check_in);
    EXPECT_THROW(beside->make_indexes(), pqxx::unique_violation);
    EXPECT_THROW(beside->switch_over(go_on), pqxx::unique_violation);
    EXPECT_EQ(shape_of_board(database_), before) << "what serves goes on";
    execute("delete from board_next.goal_check_in");
    ASSERT_TRUE(beside->switch_over(go_on));
    EXPECT_EQ(shape_of_board(database_), before) << "even where nobody asked for the indexes";
}

TEST_F(Rebuild, EveryProjectionOfTheCatalogueCanStandBeside) {
    const auto before = shape_of_board(database_);
    std::vector<const projections::Projection*> all;
    for (const auto& projection : projections::catalog()) all.push_back(&projection);
    auto held = Beside::hold(database_, all, Place::next, {});
    ASSERT_TRUE(held);
    ASSERT_TRUE((*held)->begin());
    ASSERT_TRUE((*held)->catch_up(go_on));
    (*held)->make_indexes();
    ASSERT_TRUE((*held)->switch_over(go_on));
    EXPECT_EQ(shape_of_board(database_), before);
}

TEST_F(Rebuild, AnEventThatWasLeftOutIsSeen) {
    auto beside = hold(Place::compare);
    ASSERT_TRUE(beside->begin());
    {
        pqxx::work tx{*connection};
        tx.exec(
            "update projection.checkpoint c set position = 2 where name = 'goal_board@compare' "
            "and lane = (select lane from log.lane_head where position >= 2 limit 1)");
        tx.commit();
    }
    ASSERT_TRUE(beside->catch_up(go_on));
    auto together = beside->together(go_on);
    ASSERT_TRUE(together);
    EXPECT_FALSE(same(**together));
    const auto count = (*together)->count("smart_goals");
    EXPECT_EQ(count.missing, 1);
    EXPECT_EQ(count.added + count.changed, 0);
    const auto found = (*together)->differences("smart_goals", 1);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.front().table, "smart_goals");
    EXPECT_NE(found.front().key.find("\"goal\""), std::string::npos);
    EXPECT_TRUE(found.front().beside.empty());
    together->reset();
    beside->discard();
}

TEST_F(Rebuild, AChangedValueIsNamedWithBothSides) {
    auto beside = hold(Place::compare);
    ASSERT_TRUE(beside->begin());
    ASSERT_TRUE(beside->catch_up(go_on));
    execute(
        "update board_compare.smart_goals set title = 'Less' where goal = "
        "(select min(goal::text)::uuid from board_compare.smart_goals)");
    auto together = beside->together(go_on);
    ASSERT_TRUE(together);
    const auto found = (*together)->differences("smart_goals", 5);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].column, "title");
    EXPECT_EQ(found[0].live, "\"More\"");
    EXPECT_EQ(found[0].beside, "\"Less\"");
    EXPECT_EQ((*together)->count("smart_goals").changed, 1);
    together->reset();
    beside->discard();
    EXPECT_THROW(count("board_compare.smart_goals"), pqxx::undefined_table);
}

TEST_F(Rebuild, ASwitchGoesBackAndForthAndTheOlderOneCatchesUp) {
    {
        auto beside = hold();
        ASSERT_TRUE(beside->begin());
        ASSERT_TRUE(beside->switch_over(go_on));
    }
    execute("update board.smart_goals set title = 'of the newer one'");
    append_goal();
    catch_up_live();
    const auto rows = count("board.smart_goals");
    for (const std::int64_t titled : {std::int64_t{0}, rows - 1}) {
        auto back = hold(Place::previous);
        ASSERT_TRUE(back->begin());
        const auto switched = back->switch_over(go_on);
        ASSERT_TRUE(switched) << switched.error().detail;
        EXPECT_EQ(count("board.smart_goals"), rows);
        EXPECT_EQ(count("board.smart_goals where title = 'of the newer one'"), titled);
    }
    execute("update board.smart_goals set title = 'More'");
}

TEST_F(Rebuild, WithoutAPreviousRevisionThereIsNoSwitchBack) {
    const auto database = support::fresh_database("never_rebuilt");
    auto held = Beside::hold(database, {board}, Place::previous, {});
    ASSERT_TRUE(held);
    const auto begun = (*held)->begin();
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().why, runtime::no_previous);
}

TEST_F(Rebuild, TwoDoNotRebuildOneProjection) {
    auto first = hold();
    const auto second = Beside::hold(database_, {board}, Place::next, {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().why, runtime::beside_busy);
    first.reset();
    EXPECT_TRUE(Beside::hold(database_, {board}, Place::next, {}));
}

TEST_F(Rebuild, OneThatIsJustEndingIsWaitedFor) {
    auto first = hold();
    std::jthread ending{[&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{500});
        first.reset();
    }};
    EXPECT_TRUE(Beside::hold(database_, {board}, Place::next, {}));
}

TEST_F(Rebuild, AFoldBesideThatWouldTouchWhatServesIsStopped) {
    auto beside = hold(Place::compare);
    ASSERT_TRUE(beside->begin());
    auto careless = *board;
    careless.name = "goal_board@compare";
    careless.apply = [](pqxx::transaction_base& tx,
                        std::span<const events::Recorded>) -> projections::Applied {
        tx.exec("delete from board.smart_goals");
        return {};
    };
    const auto rows = count("board.smart_goals");
    const runtime::Subject subjects[]{{careless, runtime::heads(*connection)}};
    pqxx::nontransaction{*connection}.exec("delete from projection.lease where name like '%@%'");
    const auto replayed = runtime::replay(
        database_, subjects, {.holder = {"careless", 60}, .board = "board_compare"}, go_on);
    ASSERT_FALSE(replayed);
    EXPECT_NE(replayed.error().detail.find("smart_goals"), std::string::npos);
    EXPECT_EQ(count("board.smart_goals"), rows);
    beside->discard();
}

TEST_F(Rebuild, APoisonedKeyIsParkedBesideToo) {
    const auto sick = support::new_id();
    append(sick, 0, "goal.drafted", R"({"nothing":"right"})");
    catch_up_live();
    auto beside = hold();
    ASSERT_TRUE(beside->begin());
    const auto folded = beside->catch_up(go_on);
    ASSERT_TRUE(folded);
    EXPECT_EQ(folded->parked, 1);
    auto together = beside->together(go_on);
    ASSERT_TRUE(together);
    EXPECT_TRUE(same(**together)) << "other keys never stopped";
    together->reset();
    ASSERT_TRUE(beside->switch_over(go_on));
    EXPECT_EQ(count("projection.dead_letter where name = 'goal_board' and stream = '" +
                    domain::to_text(sick) + "'"),
              1);
    execute("delete from projection.dead_letter");
}

/// The program with these arguments; what it says goes to `log`.
pid_t spawn(std::vector<std::string> arguments, const std::string& url, const std::string& log) {
    const pid_t child = ::fork();
    if (child != 0) return child;
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    arguments.insert(arguments.begin(), CAIRN_BINARY);
    for (const auto* more : {"--db", url.c_str(), "--config", "none", "-o", "json"})
        arguments.emplace_back(more);
    std::vector<char*> bare;
    for (auto& argument : arguments) bare.push_back(argument.data());
    bare.push_back(nullptr);
    ::execv(CAIRN_BINARY, bare.data());
    ::_exit(127);
}

pid_t spawn_rebuild(const std::string& url, const std::string& log, const char* throttle) {
    return spawn({"projection", "rebuild", "goal_board", "--batch", "100", "--throttle", throttle},
                 url, log);
}

int exit_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string content(const std::string& file) {
    std::ifstream in{file};
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

TEST_F(Rebuild, AComparisonThatFindsADifferenceNamesItAndEndsWithThree) {
    const auto log = (support::directory() / "replay.log").string();
    EXPECT_EQ(exit_of(spawn({"replay", "goal_board", "--compare"}, database_.url, log)), 0)
        << content(log);
    EXPECT_NE(content(log).find("\"rows_differing\":0"), std::string::npos) << content(log);
    // Swapped ends of one row's title, so that the same statement takes it back.
    const auto change =
        "update board.smart_goals set title = reverse(title) where goal = "
        "(select min(goal::text)::uuid from board.smart_goals)";
    execute(change);
    EXPECT_EQ(exit_of(spawn({"replay", "goal_board", "--compare"}, database_.url, log)), 3);
    const auto said = content(log);
    for (const auto* part : {"\"rows_differing\":1", "\"title\""})
        EXPECT_NE(said.find(part), std::string::npos) << part << " in " << said;
    // What-if says the same, and only says it.
    EXPECT_EQ(exit_of(spawn({"replay", "goal_board", "--what-if"}, database_.url, log)), 0);
    EXPECT_NE(content(log).find("\"rows_differing\":1"), std::string::npos) << content(log);
    execute(change);
}

/// An earlier test left a poisoned key in the log: whoever meets it says so by its exit status.
void expect_done(int status, const std::string& said) {
    constexpr int partial = 8;
    const bool parked = said.find("\"dead_letters\":0") == std::string::npos;
    EXPECT_EQ(status, parked ? partial : 0) << said;
}

TEST_F(Rebuild, AThrottledOneKeepsToItsRate) {
    append_many(300);
    catch_up_live();
    const auto log = (support::directory() / "throttled.log").string();
    std::int64_t total = 0;
    for (const auto& [lane, position] : runtime::heads(*connection)) total += position;
    const auto started = runtime::steady_micros();
    const auto status = exit_of(spawn({"projection", "rebuild", "goal_board", "--no-switch",
                                       "--batch", "50", "--throttle", "300"},
                                      database_.url, log));
    const auto took = runtime::steady_micros() - started;
    expect_done(status, content(log));
    // The last batch of each connection is not waited for.
    EXPECT_GT(took, (total - 200) * 1'000'000 / 300) << content(log);
}

TEST_F(Rebuild, AKilledOneGoesOnWhereItWas) {
    append_many(2000);
    catch_up_live();
    const auto rows = count("board.smart_goals");
    const auto log = (support::directory() / "rebuild.log").string();
    const auto done = [&] {
        pqxx::nontransaction tx{*connection};
        return tx.query_value<std::int64_t>(
            "select coalesce(sum(position), 0)::bigint from projection.checkpoint "
            "where name = 'goal_board@next'");
    };
    pid_t child = spawn_rebuild(database_.url, log, "1000");
    for (int i = 0; i < 200 && done() < 500; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto before = done();
    ASSERT_GE(before, 500) << content(log);
    ASSERT_LT(before, 4000) << "killed in the middle";
    child = spawn_rebuild(database_.url, log, "0");
    const auto status = exit_of(child);
    const auto said = content(log);
    expect_done(status, said);
    EXPECT_NE(said.find("going on with revision"), std::string::npos) << said;
    EXPECT_NE(said.find("\"same\":true"), std::string::npos) << said;
    const auto at = said.find("\"events\":");
    ASSERT_NE(at, std::string::npos) << said;
    std::int64_t total = 0;
    for (const auto& [lane, position] : runtime::heads(*connection)) total += position;
    EXPECT_LE(std::stoll(said.substr(at + 9)), total - before) << said;
    EXPECT_EQ(count("board.smart_goals"), rows);
}

}  // namespace pg_rebuild_test
