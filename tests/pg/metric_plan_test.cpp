// Questions about one metric read its own rows by an index that begins with the tenant, and of the
// hypertable only the chunks of their period, however much else there is.
#include "projections/metric_query.hpp"
#include "projections/metric_series.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/no_keys.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <regex>
#include <set>

namespace metric_plan_test {
namespace {

constexpr int tenants = 10;
constexpr int places = 30;

class MetricPlan : public testing::Test {
protected:
    static void SetUpTestSuite() {
        database_ = support::fresh_database("metric_plan");
        pqxx::connection admin{support::admin_of(database_).url};
        pqxx::nontransaction tx{admin};
        for (int i = 0; i < tenants; ++i) {
            tenant_ = {support::new_id()};
            const pqxx::params whose{domain::to_text(tenant_), domain::to_text(metric_)};
            tx.exec(R"sql(
                insert into board.metric
                    (tenant, metric, key, version, archived, name, kind, unit, additivity,
                     aggregation, good_direction, gap_policy, dimensions, precision, formula,
                     created_at, updated_at)
                values ($1, $2, 'revenue', 1, false, 'Revenue', 'simple', 'USD', 'full', 'sum',
                        'up', 'gap', '[]', 2, '', now(), now()))sql",
                    whose);
            tx.exec(R"sql(
                insert into board.business_metrics
                    (tenant, metric, location, variant, at, day, value, position, unit)
                select $1, $2, '', 0, at, at::date, 1, 1, 'USD'
                  from generate_series(timestamptz '2024-01-01Z', '2024-12-31Z', '1 hour') at)sql",
                    whose);
            tx.exec(R"sql(
                insert into board.metric_rollup
                    (tenant, metric, grain, bucket, location, variant, count, sum, min, max, first,
                     first_at, last, last_at)
                select $1, $2, 1, at, '', 0, 1, 1, 1, 1, 1, at, 1, at
                  from generate_series(timestamptz '2024-01-01Z', '2024-12-31Z', '1 day') at)sql",
                    whose);
        }
        // So many others that reading them all is no plan.
        const pqxx::params whose{domain::to_text(tenant_)};
        tx.exec(R"sql(
            insert into board.metric
                (tenant, metric, key, version, archived, name, kind, unit, additivity, aggregation,
                 good_direction, gap_policy, dimensions, precision, formula, created_at, updated_at)
            select $1, gen_random_uuid(), 'other' || n, 1, false, 'Other', 'simple', 'USD', 'full',
                   'sum', 'up', 'gap', '[]', 2, '', now(), now()
              from generate_series(1, 2000) n)sql",
                whose);
        tx.exec(R"sql(
            insert into board.metric_series (tenant, metric, location, variant, dimensions)
            select tenant, metric, '', 0, '{}' from board.metric where tenant = $1)sql",
                whose);
        // A stock of many places, each counted once a month.
        const pqxx::params stock{domain::to_text(tenant_), domain::to_text(stock_), places};
        tx.exec(R"sql(
            insert into board.metric
                (tenant, metric, key, version, archived, name, kind, unit, additivity, aggregation,
                 good_direction, gap_policy, dimensions, precision, formula, created_at, updated_at)
            values ($1, $2, 'stock' || left($3::text, 0), 1, false, 'Stock', 'simple', 'count',
                    'not_over_time', 'last', 'up', 'carry', '[]', 2, '', now(), now()))sql",
                stock);
        tx.exec(R"sql(
            insert into board.metric_series (tenant, metric, location, variant, dimensions)
            select $1, $2, 'p' || n, 0, '{}' from generate_series(1, $3::int) n)sql",
                stock);
        tx.exec(R"sql(
            insert into board.metric_rollup
                (tenant, metric, grain, bucket, location, variant, count, sum, min, max, first,
                 first_at, last, last_at)
            select $1, $2, 1, at, 'p' || n, 0, 1, 1, 1, 1, 1, at, 1, at
              from generate_series(timestamptz '2024-01-01Z', '2024-12-31Z', '1 month') at,
                   generate_series(1, $3::int) n)sql",
                stock);
        tx.exec("vacuum analyze board.metric");
        tx.exec("vacuum analyze board.metric_series");
        tx.exec("vacuum analyze board.metric_rollup");
        tx.exec("analyze board.business_metrics");
    }

    /// The plans of everything that a question ran, functions inside it too.
    static std::string plans_of(projections::Query query, domain::Uuid metric,
                                const std::string& from, const std::string& to) {
        pqxx::connection connection{support::admin_of(database_).url};
        std::string plans;
        connection.set_notice_handler([&](pqxx::zview told) { plans += told; });
        pqxx::nontransaction tx{connection};
        tx.exec(
            "load 'auto_explain'; set auto_explain.log_min_duration = 0; "
            "set auto_explain.log_analyze = on; set auto_explain.log_timing = off; "
            "set auto_explain.log_nested_statements = on; set client_min_messages = log");
        tx.exec("set role cairn_reader; set cairn.tenant = '" + domain::to_text(tenant_) + "'");
        support::NoKeys keys;
        const projections::Ask ask{.tenant = tenant_,
                                   .user = {},
                                   .today = *domain::date_from("2025-01-01"),
                                   .keys = keys,
                                   .path = {{"metric", domain::to_text(metric)}},
                                   .filters = {{"from", {from}}, {"to", {to}}}};
        // A statement's plan is its own for five runs; what serves is the one after them.
        for (int run = 0; run < 8; ++run) {
            plans.clear();
            const auto answer = query(tx, ask);
            EXPECT_TRUE(answer) << answer.error().detail;
        }
        return plans;
    }

    static inline postgres::Database database_;
    static inline domain::TenantId tenant_;
    static inline const domain::Uuid metric_ = support::new_id();
    static inline const domain::Uuid stock_ = support::new_id();
};

TEST_F(MetricPlan, ASeriesReadsItsOwnRowsByTheTenantsIndex) {
    const auto plans = plans_of(projections::metric::series, metric_, "2024-02-01", "2024-05-01");
    EXPECT_TRUE(std::regex_search(
        plans, std::regex{"Index Scan using metric_rollup_pkey on metric_rollup r[^\n]*rows=90 "
                          "loops=1\\)\\s*Index Cond: \\(\\(tenant = [^\n]*metric = [^\n]*grain = "
                          "[^\n]*bucket >= [^\n]*bucket < "}))
        << plans;
    EXPECT_FALSE(plans.contains("Seq Scan on metric_rollup")) << plans;
    EXPECT_FALSE(plans.contains("Rows Removed by Filter")) << plans;
    EXPECT_FALSE(plans.contains("business_metrics")) << plans;
}

TEST_F(MetricPlan, AStockThatIsCarriedIsFoundBeforeThePeriodByOneRowAPlace) {
    const auto plans = plans_of(projections::metric::series, stock_, "2024-07-05", "2024-07-12");
    EXPECT_TRUE(std::regex_search(
        plans, std::regex{"Index Scan Backward using metric_rollup_pkey on metric_rollup b[^\n]*"
                          "rows=1 loops=30\\)"}))
        << plans;
    EXPECT_FALSE(plans.contains("Seq Scan on metric_rollup")) << plans;
    EXPECT_FALSE(plans.contains("Rows Removed by Filter")) << plans;
}

TEST_F(MetricPlan, PointsReadOnlyTheChunksOfTheirPeriod) {
    pqxx::connection admin{support::admin_of(database_).url};
    pqxx::nontransaction{admin}.exec(
        "insert into board.metric_series (tenant, metric, location, variant, dimensions) "
        "values ($1, $2, '', 0, '{}') on conflict do nothing",
        pqxx::params{domain::to_text(tenant_), domain::to_text(metric_)});
    const auto plans = plans_of(projections::metric::points, metric_, "2024-02-05", "2024-02-07");
    std::set<std::string> chunks;
    static const std::regex chunk{"_hyper_[0-9]+_[0-9]+_chunk"};
    for (std::sregex_iterator at{plans.begin(), plans.end(), chunk}, end; at != end; ++at)
        chunks.insert(at->str());
    EXPECT_TRUE(chunks.size() == 1 || chunks.size() == 2) << plans;
    EXPECT_TRUE(std::regex_search(
        plans, std::regex{"Index Scan using [^\n]* on _hyper_[^\n]*loops=1\\)\\s*Index "
                          "Cond: \\(\\(tenant = "}))
        << plans;
    EXPECT_FALSE(plans.contains("Seq Scan on _hyper_")) << plans;
    EXPECT_FALSE(plans.contains("Rows Removed by Filter")) << plans;
}

}  // namespace
}  // namespace metric_plan_test
