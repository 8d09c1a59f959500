// What is told of a batch is the same however its events fall into the projection's runs.
#include "src/runtime/projection_batch.hpp"
#include "tests/support/metric_story.hpp"

namespace metric_batch_test {
namespace {

namespace batch = domain::metric_batch;
using support::Story;

class MetricBatch : public support::MetricStories {
protected:
    static void SetUpTestSuite() { fresh_ = support::fresh_database("metric_batch"); }
    MetricBatch() : MetricStories{fresh_} {}

    /// Every batch with its rejects, after its events went in so many a run.
    static std::string told_after_runs_of(int events) {
        {
            pqxx::connection admin{support::admin_of(fresh_).url};
            pqxx::work tx{admin};
            for (const auto table : projections::find("metric_board")->tables)
                tx.exec("truncate " + std::string{table});
            tx.exec("delete from projection.checkpoint");
            tx.exec("delete from projection.lease");
            tx.commit();
        }
        auto connection = postgres::connect_folding(fresh_);
        for (int lane = 0; lane < 4; ++lane) {
            for (int i = 0; i < 100; ++i) {
                if (runtime::run_batch(*connection, *projections::find("metric_board"), lane,
                                       events, {"test", 60})
                        .ran != runtime::Ran::advanced)
                    break;
            }
        }
        pqxx::connection admin{support::admin_of(fresh_).url};
        pqxx::nontransaction tx{admin};
        EXPECT_EQ(number(tx, "select count(*) from projection.dead_letter"), 0);
        return tx
            .exec(
                "select string_agg(b::text || ' ' || coalesce(r.all_of_it, '-'), e'\\n' "
                "       order by b.recorded_at, b.batch) "
                "  from board.metric_batch b "
                "  left join lateral (select string_agg(r::text, ' ' order by place) as all_of_it "
                "                       from board.metric_reject r "
                "                      where (r.tenant, r.batch) = (b.tenant, b.batch)) r on true")
            .one_field()
            .as<std::string>("");
    }

    static inline postgres::Database fresh_;
};

TEST_F(MetricBatch, IsToldTheSameWhereverItsEventsPartIntoRuns) {
    Story run;
    const batch::Reject negative{3, "sales", "out-of-range", "Below 0."},
        strange{9, "sails", "unknown-metric", "No such metric."};
    for (const bool reverted : {false, true}) {
        const domain::BatchId id{support::new_id()};
        auto first = part(run, id), second = part(run, id);
        first.source = second.source = batch::Source::csv;
        append(run, id, 0, {first, second, batch::RowsRejected{id, 2, {negative, strange}}});
        if (reverted) append(run, id, 3, {batch::Reverted{id, "a test"}});
    }
    // Of a longer input: nothing but rejects, taken back or not.
    for (const bool reverted : {false, true}) {
        const domain::BatchId id{support::new_id()};
        append(run, id, 0, {batch::RowsRejected{id, 2, {negative, strange}, batch::Source::csv}});
        if (reverted) append(run, id, 1, {batch::Reverted{id, "a test"}});
    }
    const auto whole = told_after_runs_of(1000);
    EXPECT_EQ(std::ranges::count(whole, '\n'), 3);
    EXPECT_FALSE(whole.contains(",api,")) << whole;
    EXPECT_FALSE(whole.contains("1970-")) << "when it came: " << whole;
    EXPECT_TRUE(whole.contains("Below 0.") && whole.contains("csv")) << whole;
    for (const int events : {1, 2, 3}) EXPECT_EQ(told_after_runs_of(events), whole) << events;
}

}  // namespace
}  // namespace metric_batch_test
