// The job that pg_cron keeps for the night's upkeep, and that pg_cron runs such a job.
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>

namespace upkeep_job_test {
namespace {

/// The nightly job under another name, each second, on a channel that no server listens to.
class EachSecond {
public:
    EachSecond() {
        pqxx::nontransaction tx{admin_};
        job_ = tx.query_value<std::int64_t>(R"sql(
            select cron.schedule('cairn-upkeep-test', '1 second', command || '_test')
              from cron.job where jobname = 'cairn-upkeep')sql");
    }
    ~EachSecond() {
        try {
            pqxx::nontransaction{admin_}.exec("select cron.unschedule($1::bigint)",
                                              pqxx::params{job_});
        } catch (const std::exception& error) {
            ADD_FAILURE() << error.what();
        }
    }
    EachSecond(const EachSecond&) = delete;
    EachSecond& operator=(const EachSecond&) = delete;

private:
    pqxx::connection admin_{support::admin_database().url};
    std::int64_t job_{};
};

TEST(UpkeepJob, IsThereOnceAndRunsAtNight) {
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    const auto [jobs, schedule, command, active] = tx.query1<int, std::string, std::string, bool>(
        "select count(*) over (), schedule, command, active from cron.job "
        "where jobname = 'cairn-upkeep' and database = current_database()");
    EXPECT_EQ(jobs, 1);
    EXPECT_EQ(schedule, "17 3 * * *");
    EXPECT_EQ(command, "notify cairn_upkeep");
    EXPECT_TRUE(active);
}

TEST(UpkeepJob, PgCronTellsWhoeverListens) {
    int told = 0;
    pqxx::connection listener{support::admin_database().url};
    listener.listen("cairn_upkeep_test", [&](const pqxx::notification&) { ++told; });
    const EachSecond job;
    constexpr int tries_max = 15;
    for (int i = 0; i < tries_max && told == 0; ++i) listener.await_notification(1);
    EXPECT_GT(told, 0);
}

}  // namespace
}  // namespace upkeep_job_test
