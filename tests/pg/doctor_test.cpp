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
        const auto all = cli::hold_ups(tx);
        const auto at = std::ranges::find(all, check, &cli::Finding::check);
        EXPECT_NE(at, all.end()) << check;
        return at == all.end() ? cli::Finding{} : *at;
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
                              "prepared transactions", "dead rows"})
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
