// The database itself keeps tenants apart, whatever our code does.
#include "src/postgres/appender.hpp"
#include "src/postgres/connect.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>

namespace isolation_test {
namespace {

using postgres::As;

std::vector<std::string> tenant_tables() {
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    std::vector<std::string> names;
    for (const auto& [name] : tx.query<std::string>(R"sql(
             select format('%I.%I', n.nspname, c.relname)
               from pg_class c join pg_namespace n on n.oid = c.relnamespace
               join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant'
              where n.nspname in ('log', 'board', 'keys', 'feed', 'audit')
                and c.relkind in ('r', 'p')
              order by 1)sql"))
        names.push_back(name);
    return names;
}

TEST(Isolation, EveryTenantTableForcesRowSecurity) {
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    const auto tables = tenant_tables();
    EXPECT_GE(tables.size(), 10u);
    for (const auto& table : tables) {
        const auto [enabled, forced] =
            tx.exec(
                  "select relrowsecurity, relforcerowsecurity from pg_class "
                  "where oid = $1::regclass",
                  pqxx::params{table})
                .one_row()
                .as<bool, bool>();
        EXPECT_TRUE(enabled && forced) << table;
    }
}

TEST(Isolation, TheTenantLeadsEveryPrimaryAndUniqueKey) {
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    for (const auto& [table, first] : tx.query<std::string, std::string>(R"sql(
             select c.oid::regclass::text, a.attname
               from pg_index i join pg_class c on c.oid = i.indrelid
               join pg_namespace n on n.oid = c.relnamespace
               join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
              where i.indisunique and n.nspname in ('log', 'board', 'keys', 'feed', 'audit')
                and exists (select from pg_attribute t
                             where t.attrelid = c.oid and t.attname = 'tenant'))sql")) {
        // (lane, position) is no key that a tenant could probe: both are given by the log.
        if (table == "log.event" && first == "lane") continue;
        EXPECT_EQ(first, "tenant") << table;
    }
}

TEST(Isolation, TheRequestRoleSeesItsTenantOnlyAndNothingWithoutOne) {
    postgres::Appender appender{support::database(), {}, [](const postgres::Commit&) {}};
    const domain::TenantId mine{support::new_id()}, other{support::new_id()};
    for (const auto tenant : {mine, other})
        ASSERT_TRUE(
            support::append_now(appender, support::append_of(tenant, support::new_id(), 0)));
    auto connection = postgres::connect(support::database(), As::reader);
    {
        pqxx::work tx{*connection};
        tx.exec("set local cairn.tenant = '" + domain::to_text(mine) + "'");
        EXPECT_EQ(tx.exec("select count(*) from log.event").one_field().as<int>(), 1);
        EXPECT_EQ(tx.exec("select count(*) from log.event where tenant = $1",
                          pqxx::params{domain::to_text(other)})
                      .one_field()
                      .as<int>(),
                  0);
    }
    pqxx::work tx{*connection};
    EXPECT_THROW(tx.exec("select count(*) from log.event"), pqxx::insufficient_privilege);
}

TEST(Isolation, ATenantThatWasSetDoesNotSurviveItsTransaction) {
    auto connection = postgres::connect(support::database(), As::reader);
    {
        pqxx::work tx{*connection};
        tx.exec("set local cairn.tenant = '" + domain::to_text(support::new_id()) + "'");
        tx.exec("select count(*) from log.event");
        tx.commit();
    }
    pqxx::work tx{*connection};
    EXPECT_THROW(tx.exec("select count(*) from log.event"), pqxx::insufficient_privilege);
}

TEST(Isolation, WhatIsNoTenantShowsNothing) {
    for (const auto* wrong : {"x", " ", "00000000-0000-0000-0000-00000000000g"}) {
        auto connection = postgres::connect(support::database(), As::reader);
        pqxx::work tx{*connection};
        tx.exec(std::string{"set local cairn.tenant = '"} + wrong + "'");
        EXPECT_THROW(tx.exec("select count(*) from log.event"), pqxx::data_exception) << wrong;
    }
}

TEST(Isolation, PlansTakeTheTenantInAsAnExpression) {
    auto connection = postgres::connect(support::database(), As::reader);
    pqxx::work tx{*connection};
    tx.exec("set local cairn.tenant = '" + domain::to_text(support::new_id()) + "'");
    std::string plan;
    for (const auto& row : tx.exec("explain (verbose) select * from board.smart_goals"))
        plan += row[0].as<std::string>() + "\n";
    EXPECT_TRUE(plan.contains("current_setting('cairn.tenant'")) << plan;
    EXPECT_FALSE(plan.contains("cairn.tenant()")) << plan;
}

TEST(Isolation, NobodyChangesTheLog) {
    for (const auto as : {As::appender, As::reader, As::projector, As::keyring, As::auditor}) {
        for (const auto* statement :
             {"update log.event set type = 'x'", "delete from log.event", "truncate log.event",
              "insert into log.event select * from log.event limit 0",
              "update log.lane_head set position = 0", "delete from log.command"}) {
            auto connection = postgres::connect(support::database(), as);
            pqxx::work tx{*connection};
            EXPECT_THROW(tx.exec(statement), pqxx::insufficient_privilege)
                << postgres::role_of(as) << ": " << statement;
        }
    }
}

TEST(Isolation, TheAppenderReadsNoPayloadAndTheAuditorNeither) {
    for (const auto as : {As::appender, As::auditor}) {
        auto connection = postgres::connect(support::database(), as);
        pqxx::work tx{*connection};
        EXPECT_THROW(tx.exec("select data from log.event limit 1"), pqxx::insufficient_privilege)
            << postgres::role_of(as);
    }
}

TEST(Isolation, OnlyTheKeyRingReadsKeys) {
    for (const auto as : {As::appender, As::reader, As::projector, As::auditor}) {
        auto connection = postgres::connect(support::database(), as);
        pqxx::work tx{*connection};
        EXPECT_THROW(tx.exec("select * from keys.data_key"), pqxx::insufficient_privilege)
            << postgres::role_of(as);
    }
}

}  // namespace
}  // namespace isolation_test
