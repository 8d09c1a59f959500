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

}  // namespace
}  // namespace metric_rollup_test
