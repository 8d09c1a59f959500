// The schema goes up, down and up again, and comes out the same, and so do the read models.
#include "projections/projection.hpp"
#include "src/postgres/migrations.hpp"
#include "src/runtime/replay.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>

namespace migration_test {
namespace {

void quiet(const std::string&) {}

/// Everything that our schemas hold, as the catalogue describes it.
std::string schema_of(const postgres::Database& database) {
    pqxx::connection connection{support::admin_of(database).url};
    pqxx::nontransaction tx{connection};
    std::string out;
    for (const auto& row : tx.exec(R"sql(
             select line from (
                 select format('%s.%s %s %s', c.oid::regclass, a.attname,
                               format_type(a.atttypid, a.atttypmod), a.attnotnull) as line
                   from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
                  where c.relnamespace::regnamespace::text
                        in ('cairn', 'log', 'board', 'projection', 'keys', 'integrity', 'feed',
                            'audit', 'relay', 'board_next', 'board_previous',
                            'board_compare', 'board_swap')
                   and c.relkind = 'r'
                 union all
                 select pg_get_indexdef(indexrelid) from pg_index i join pg_class c
                     on c.oid = i.indrelid
                  where c.relnamespace::regnamespace::text
                        in ('cairn', 'log', 'board', 'projection', 'keys', 'integrity', 'feed',
                            'audit', 'relay', 'board_next', 'board_previous',
                            'board_compare', 'board_swap')
                 union all
                 select format('%s %s %s %s', polrelid::regclass, polname, polcmd,
                               pg_get_expr(polqual, polrelid)) from pg_policy
                 union all
                 select format('%s %s %s %s', oid::regprocedure, md5(pg_get_functiondef(oid)),
                               proacl, obj_description(oid, 'pg_proc')) from pg_proc
                  where pronamespace::regnamespace::text
                        in ('cairn', 'log', 'board', 'projection', 'keys', 'integrity', 'feed',
                            'audit', 'relay', 'board_next', 'board_previous',
                            'board_compare', 'board_swap')
                 union all
                 select format('schema %s %s', nspname, nspacl) from pg_namespace
                  where nspname in ('cairn', 'log', 'board', 'projection', 'keys', 'integrity',
                                    'feed', 'audit', 'relay', 'board_next', 'board_previous',
                                    'board_compare', 'board_swap')
                 union all
                 select format('%s %s', c.oid::regclass, c.relacl) from pg_class c
                  where c.relnamespace::regnamespace::text
                        in ('cairn', 'log', 'board', 'projection', 'keys', 'integrity', 'feed',
                            'audit', 'relay', 'board_next', 'board_previous',
                            'board_compare', 'board_swap')) all_of_it
              order by line)sql"))
        out += row[0].as<std::string>("") + "\n";
    return out;
}

TEST(Migration, UpDownUpGivesTheSameSchema) {
    const auto database = support::fresh_database("up_down_up");
    const auto admin = support::admin_of(database);
    const auto before = schema_of(database);
    EXPECT_GT(before.size(), 1000u);
    const auto count = static_cast<int>(postgres::migration_files().size());
    // The newest alone, then all of them.
    ASSERT_TRUE(postgres::migrate_down(admin, 1, quiet));
    EXPECT_NE(schema_of(database), before);
    ASSERT_TRUE(postgres::migrate_up(admin, quiet));
    EXPECT_EQ(schema_of(database), before);
    const auto down = postgres::migrate_down(admin, count, quiet);
    ASSERT_TRUE(down) << down.error().detail;
    EXPECT_EQ(*down, count);
    EXPECT_EQ(schema_of(database), "");
    const auto up = postgres::migrate_up(admin, quiet);
    ASSERT_TRUE(up) << up.error().detail;
    EXPECT_EQ(schema_of(database), before);
}

/// The rows of every table that projections write, as one digest each; empty tables are left out.
std::map<std::string, std::string> rows_of(const postgres::Database& database) {
    pqxx::connection connection{support::admin_of(database).url};
    pqxx::nontransaction tx{connection};
    std::map<std::string, std::string> all;
    for (const auto& projection : projections::catalog()) {
        for (const auto table : projection.tables) {
            const auto rows = tx.exec(
                                    "select count(*), md5(string_agg(t::text, '|' order by "
                                    "t::text)) from " +
                                    std::string{table} + " t")
                                  .one_row();
            if (rows[0].as<int>() > 0) all[std::string{table}] = rows[1].as<std::string>();
        }
    }
    return all;
}

/// Runs a server until every projection has come to the end of the log.
void serve(const postgres::Database& database,
           const std::function<void(support::HttpClient&)>& use) {
    auto options = support::app_options();
    options.database = database;
    options.secrets_directory = support::directory() / "migration-secrets";
    auto app = runtime::App::start(options);
    ASSERT_TRUE(app) << app.error().detail;
    support::HttpClient client{(*app)->port()};
    use(client);
    pqxx::connection connection{support::admin_of(database).url};
    for (const auto& [lane, head] : runtime::heads(connection)) {
        for (const auto& projection : projections::catalog())
            EXPECT_TRUE((*app)->projector().wait_for(projection.name, lane, head, 60'000))
                << projection.name;
    }
}

TEST(Migration, BoardsThatWereTakenBackAreFilledAgain) {
    const auto database = support::fresh_database("boards_again");
    const auto admin = support::admin_of(database);
    const auto since = [](std::string_view first) {
        return static_cast<int>(std::ranges::count_if(
            postgres::migration_files(),
            [&](const postgres::SqlFile& file) { return file.name >= first; }));
    };
    serve(database, [](support::HttpClient& client) {
        const auto tenant = support::register_tenant(client);
        const auto post = [&](const std::string& path, const std::string& body) {
            const auto done = client.send("POST", path, support::write_headers(tenant), body);
            EXPECT_LT(done.status, 300) << path << " " << done.body;
        };
        post("/v1/goals", support::goal_body());
        post("/v1/metrics", R"({"key":"walk_ins","name":"Walk-ins","unit":"count"})");
        post("/v1/metrics/points",
             R"({"series":[{"metric":"walk_ins","points":[["2026-01-10T12:00:00Z","7"]]}]})");
        post("/v1/webhooks", R"({"url":"https://127.0.0.1:9/","filter":{"types":["goal.*"]}})");
    });
    const auto before = rows_of(database);
    for (const auto* table :
         {"board.smart_goals", "board.tenant", "board.metric_rollup", "board.webhook"})
        EXPECT_TRUE(before.contains(table)) << table;
    const auto down = postgres::migrate_down(admin, since("0007_goal_board"), quiet);
    ASSERT_TRUE(down) << down.error().detail;
    {
        // Nothing is left that speaks of what is gone.
        pqxx::connection connection{admin.url};
        pqxx::nontransaction tx{connection};
        for (const auto* book : {"checkpoint", "lease", "dead_letter", "state"})
            EXPECT_EQ(tx.query_value<int>(std::string{"select count(*) from projection."} + book),
                      0)
                << book;
    }
    ASSERT_TRUE(postgres::migrate_up(admin, quiet));
    EXPECT_TRUE(rows_of(database).empty());
    serve(database, [](support::HttpClient&) {});
    EXPECT_EQ(rows_of(database), before);
    // One board alone, beside others that stay.
    ASSERT_TRUE(postgres::migrate_down(admin, since("0021_webhook"), quiet));
    ASSERT_TRUE(postgres::migrate_up(admin, quiet));
    EXPECT_FALSE(rows_of(database).contains("board.webhook"));
    serve(database, [](support::HttpClient&) {});
    EXPECT_EQ(rows_of(database), before);
}

TEST(Migration, ASecondRunDoesNothingAndVerifyAgrees) {
    const auto admin = support::admin_of(support::fresh_database("twice"));
    const auto again = postgres::migrate_up(admin, quiet);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, 0);
    EXPECT_TRUE(postgres::migration_verify(admin));
}

TEST(Migration, AChangedFileIsRefused) {
    const auto admin = support::admin_of(support::fresh_database("drift"));
    {
        pqxx::connection connection{admin.url};
        pqxx::nontransaction tx{connection};
        tx.exec("update cairn_migration.applied set checksum = 'x' where name = '0004_log'");
    }
    const auto up = postgres::migrate_up(admin, quiet);
    ASSERT_FALSE(up);
    EXPECT_EQ(up.error().why, postgres::migration_drift);
    EXPECT_FALSE(postgres::migration_verify(admin));
}

}  // namespace
}  // namespace migration_test
