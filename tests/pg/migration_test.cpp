// The schema goes up, down and up again, and comes out the same.
#include "src/postgres/migrations.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>

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
                            'audit')
                   and c.relkind = 'r'
                 union all
                 select pg_get_indexdef(indexrelid) from pg_index i join pg_class c
                     on c.oid = i.indrelid
                  where c.relnamespace::regnamespace::text
                        in ('cairn', 'log', 'board', 'projection', 'keys', 'integrity', 'feed',
                            'audit')
                 union all
                 select format('%s %s %s %s', polrelid::regclass, polname, polcmd,
                               pg_get_expr(polqual, polrelid)) from pg_policy
                 union all
                 select format('%s %s', oid::regprocedure, md5(prosrc)) from pg_proc
                  where pronamespace::regnamespace::text
                        in ('cairn', 'log', 'board', 'projection', 'keys', 'integrity', 'feed',
                            'audit')
                 union all
                 select format('%s %s', c.oid::regclass, c.relacl) from pg_class c
                  where c.relnamespace::regnamespace::text
                        in ('cairn', 'log', 'board', 'projection', 'keys', 'integrity', 'feed',
                            'audit')) all_of_it
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
    const auto down = postgres::migrate_down(admin, count, quiet);
    ASSERT_TRUE(down) << down.error().detail;
    EXPECT_EQ(*down, count);
    EXPECT_EQ(schema_of(database), "");
    const auto up = postgres::migrate_up(admin, quiet);
    ASSERT_TRUE(up) << up.error().detail;
    EXPECT_EQ(schema_of(database), before);
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
