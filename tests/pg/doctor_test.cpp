// The doctor names what holds things up.
#include "src/cli/findings.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <pqxx/pqxx>
#include <thread>

namespace doctor_test {
namespace {

class Doctor : public testing::Test {
protected:
    static void SetUpTestSuite() {
        admin_ = support::admin_of(support::fresh_database("doctor_test"));
    }
    static cli::Finding found(const std::string& check) {
        pqxx::connection connection{admin_.url};
        pqxx::nontransaction tx{connection};
        auto all = cli::hold_ups(tx);
        std::ranges::move(cli::tenant_hold_ups(tx, 180), std::back_inserter(all));
        const auto at = std::ranges::find(all, check, &cli::Finding::check);
        EXPECT_NE(at, all.end()) << check;
        return at == all.end() ? cli::Finding{} : *at;
    }
    static void execute(const std::string& sql) {
        pqxx::connection connection{admin_.url};
        pqxx::nontransaction{connection}.exec(sql);
    }
    /// Waits until the check complains: its thresholds are seconds.
    static cli::Finding complaint(const std::string& check) {
        for (int i = 0; i < 150; ++i) {
            auto one = found(check);
            if (one.level != "ok") return one;
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        }
        return found(check);
    }

    static inline postgres::Database admin_;
};

TEST_F(Doctor, FindsNothingInAFreshDatabase) {
    for (const auto* check : {"long transactions", "idle in transaction", "lock queue", "indexes",
                              "prepared transactions", "dead rows", "parked deliveries",
                              "consumers", "audit retention"})
        EXPECT_EQ(found(check).level, "ok") << check << ": " << found(check).detail;
}

TEST_F(Doctor, NamesWhoWaitsAndWhoHoldsTheLock) {
    pqxx::connection holder{admin_.url}, waiter{admin_.url};
    pqxx::work holding{holder};
    holding.exec("lock table board.tenant in access exclusive mode");
    std::jthread waits{[&] {
        pqxx::work waiting{waiter};
        EXPECT_THROW(waiting.exec("set local lock_timeout = '6s'; select * from board.tenant"),
                     pqxx::sql_error);
    }};
    const auto finding = complaint("lock queue");
    EXPECT_NE(finding.detail.find("board.tenant"), std::string::npos) << finding.detail;
    EXPECT_NE(finding.detail.find("held by pid " + std::to_string(holder.backendpid())),
              std::string::npos)
        << finding.detail;
    EXPECT_FALSE(finding.hint.empty());
}

TEST_F(Doctor, NamesWhoIsIdleInATransaction) {
    pqxx::connection idler{admin_.url};
    pqxx::work idle{idler};
    idle.exec("select txid_current()");
    const auto finding = complaint("idle in transaction");
    EXPECT_NE(finding.detail.find("pid " + std::to_string(idler.backendpid())), std::string::npos);
    EXPECT_NE(finding.detail.find("vacuum waits"), std::string::npos) << finding.detail;
}

TEST_F(Doctor, NamesAnIndexThatIsInvalid) {
    pqxx::connection connection{admin_.url};
    {
        pqxx::nontransaction tx{connection};
        tx.exec(
            "update pg_index set indisvalid = false "
            "where indexrelid = 'board.smart_goals_updated'::regclass");
    }
    EXPECT_NE(found("indexes").detail.find("smart_goals_updated"), std::string::npos);
    pqxx::nontransaction tx{connection};
    tx.exec(
        "update pg_index set indisvalid = true "
        "where indexrelid = 'board.smart_goals_updated'::regclass");
}

TEST_F(Doctor, NamesATableWithoutAKeyAndABadIndexInEverySchemaOfOurs) {
    for (const auto* schema :
         {"log", "board", "projection", "keys", "feed", "audit", "integrity", "relay"}) {
        const auto table = std::string{schema} + ".keyless";
        execute("create table " + table + " (n int); create index bad on " + table + " (n)");
        EXPECT_NE(found("indexes").detail.find(table + " has no primary key"), std::string::npos)
            << table;
        execute("alter table " + table +
                " add primary key (n); update pg_index set indisvalid = "
                "false where indexrelid = '" +
                schema + ".bad'::regclass");
        EXPECT_NE(found("indexes").detail.find(std::string{schema} + ".bad on " + table),
                  std::string::npos)
            << table;
        execute("drop table " + table);
    }
}

TEST_F(Doctor, NamesConsumersThatWaitForSomebody) {
    const std::string tenant = "01a1fbf3-4a80-7736-b7bd-2fb5b811b5c9";
    const auto deliver = [&](const std::string& consumer, const std::string& columns,
                             const std::string& rows) {
        execute("insert into feed.delivery (tenant, consumer, position, stream, category" +
                columns.substr(0, columns.find('=')) + ") select '" + tenant + "', '" + consumer +
                "', n, gen_random_uuid(), 'goal'" + columns.substr(columns.find('=') + 1) +
                " from generate_series(1, " + rows + ") n");
    };
    for (const auto* name : {"idle", "stuck", "slow"})
        execute(
            "insert into feed.consumer (tenant, name, filter, read_position, lease_seconds, "
            "failures_max) values ('" +
            tenant + "', '" + name + "', '{}', 0, 30, 5)");
    deliver("idle", "=", "9999");
    EXPECT_EQ(found("parked deliveries").level, "ok");
    EXPECT_EQ(found("consumers").level, "ok");
    deliver("stuck", ", parked_at=, now()", "2");
    deliver("slow", "=", "10000");
    const auto parked = found("parked deliveries"), full = found("consumers");
    execute("delete from feed.consumer");
    EXPECT_EQ(parked.level, "warn");
    EXPECT_TRUE(parked.detail.starts_with("stuck of tenant " + tenant + ": 2 of 2 streams since"))
        << parked.detail;
    EXPECT_FALSE(parked.hint.empty());
    EXPECT_EQ(full.detail, "slow of tenant " + tenant);
    EXPECT_FALSE(full.hint.empty());
}

TEST_F(Doctor, NamesTheOldestAuditEntryThatIsKeptTooLong) {
    const auto head = [](const std::string& days) {
        execute(
            "insert into audit.head (tenant, sequence, oldest_at, hash, seal) select "
            "gen_random_uuid(), 1, now() - interval '" +
            days +
            " days', h, h from "
            "(values (decode(repeat('00', 32), 'hex'))) as v (h)");
    };
    head("180");
    EXPECT_EQ(found("audit retention").level, "ok") << "a day is retired when it is over";
    head("183");
    head("190");
    const auto finding = found("audit retention");
    execute("delete from audit.head");
    EXPECT_EQ(finding.level, "warn");
    EXPECT_NE(finding.detail.find(", and 1 more tenants"), std::string::npos) << finding.detail;
}

TEST_F(Doctor, NamesASlotThatNobodyReads) {
    pqxx::connection connection{admin_.url};
    pqxx::nontransaction tx{connection};
    const auto level = tx.query_value<std::string>("show wal_level");
    if (level == "minimal") GTEST_SKIP() << "this cluster has no slots";
    tx.exec("select pg_create_physical_replication_slot('doctor_test', true)");
    const auto finding = found("replication slots");
    tx.exec("select pg_drop_replication_slot('doctor_test')");
    EXPECT_NE(finding.detail.find("doctor_test (inactive)"), std::string::npos) << finding.detail;
}

}  // namespace
}  // namespace doctor_test
