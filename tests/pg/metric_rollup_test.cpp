// Roll-ups equal a recomputation from the points that count, after random batches, corrections,
// reverts and late data across both clock changes.
#include "tests/support/metric_story.hpp"

namespace metric_rollup_test {
namespace {

using support::Story;

constexpr int runs = 1000;

class MetricRollup : public support::MetricStories {
protected:
    static void SetUpTestSuite() { fresh_ = support::fresh_database("metric_rollup"); }
    MetricRollup() : MetricStories{fresh_} {}

    static inline postgres::Database fresh_;
};

TEST_F(MetricRollup, EqualsARecomputationAfterCorrectionsAndReverts) {
    std::vector<Story> all(runs);
    // Projecting between the steps makes corrections meet rows of earlier runs of the projection.
    for (int round = 0; round < 3; ++round) {
        for (auto& run : all) {
            step(run);
            step(run);
        }
        project();
    }
    pqxx::connection admin{support::admin_of(database_).url};
    pqxx::nontransaction tx{admin};
    tx.exec("set timezone = 'UTC'");
    load_truth(tx, all);
    EXPECT_GT(number(tx, "select count(*) from truth"), runs * 10);
    EXPECT_GT(number(tx, "select count(*) from board.metric_superseded"), runs / 10);
    EXPECT_EQ(number(tx, support::differing_points), 0);
    EXPECT_EQ(number(tx, support::differing_buckets), 0);
    EXPECT_EQ(number(tx, "select count(*) from projection.dead_letter"), 0);
}

/// A piece of the index that many series stand in is read once for all of them.
TEST_F(MetricRollup, EqualsARecomputationWhereManySeriesShareTheirDays) {
    constexpr int series_count = 50;
    std::vector<Story> all(1);
    auto& run = all.front();
    for (int n = 0; n < 3; ++n) {
        Story::Sent sent{{support::new_id()}, {part(run, {})}, false};
        auto& fact = sent.parts.front();
        fact.metric = run.metrics[0];
        fact.batch = sent.id;
        fact.series.clear();
        std::vector<domain::metric_batch::Point> points;
        for (std::uint32_t series = 0; series < series_count; ++series) {
            fact.series.push_back({"", {{"item", std::to_string(series)}}});
            for (auto point : fact.points) {
                point.series = series;
                points.push_back(point);
            }
        }
        fact.points = std::move(points);
        fact.duplicate = domain::metric_batch::settle(fact.points);
        append(run, sent.id, 0, {fact});
        run.sent.push_back(std::move(sent));
        project();
    }
    run.sent[1].reverted = true;
    append(run, run.sent[1].id, 1, {domain::metric_batch::Reverted{run.sent[1].id, "test"}});
    project();
    pqxx::connection admin{support::admin_of(database_).url};
    pqxx::nontransaction tx{admin};
    tx.exec("set timezone = 'UTC'");
    load_truth(tx, all);
    const auto of_run = [&](std::string sql) {
        const auto board = std::string{"board.metric_rollup r"};
        sql.replace(sql.find(board), board.size(),
                    "(select * from board.metric_rollup where tenant = '" +
                        domain::to_text(run.tenant) + "') r");
        return number(tx, sql);
    };
    EXPECT_GT(number(tx, "select count(*) from truth"), series_count);
    EXPECT_EQ(of_run(support::differing_buckets), 0);
}

}  // namespace
}  // namespace metric_rollup_test
