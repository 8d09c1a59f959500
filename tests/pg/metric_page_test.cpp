// Pages of points are the listing of all of them cut into pieces, however points are stored, and a
// page of a dense metric reads little more than it shows.
#include "projections/metric_query.hpp"
#include "src/runtime/metric_upkeep.hpp"
#include "tests/support/metric_story.hpp"

#include <regex>

namespace metric_page_test {
namespace {

using support::Story;

/// As the API lists points, from every row and every segment, by SQL that shares nothing with it.
constexpr const char* listing = R"sql(
    select to_char(p.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, p.day,
           p.location, p.value::text, p.variant
      from (select metric, location, variant, at, day, value from board.business_metrics
             union all
            select s.metric, s.location, s.variant, u.at, u.day, u.value
              from board.metric_segment s
             cross join lateral cairn.unpacked(s.from_at, s.stride, s.drift, s.day_shift, s.value,
                                               s.position) u) p
     where p.metric = $1 and p.at >= $2 and p.at < $3 and ($4::text is null or p.location = $4)
     order by p.at, p.location, p.variant)sql";

class MetricPage : public support::MetricStories {
protected:
    MetricPage()
        : MetricStories{support::fresh_database(
              "page_" +
              std::to_string(testing::UnitTest::GetInstance()->current_test_info()->line()))},
          admin_{support::admin_of(database_).url} {}

    void exec(const std::string& sql) { pqxx::nontransaction{admin_}.exec(sql); }

    void add_metric(domain::TenantId tenant, domain::MetricId metric) {
        pqxx::nontransaction{admin_}.exec(
            R"sql(
            insert into board.metric
                (tenant, metric, key, version, archived, name, kind, unit, additivity, aggregation,
                 good_direction, gap_policy, dimensions, precision, formula, created_at, updated_at)
            values ($1, $2, $3, 1, false, 'Revenue', 'simple', 'USD', 'full', 'sum', 'up', 'gap',
                    '[]', 2, '', now(), now()))sql",
            pqxx::params{domain::to_text(tenant), domain::to_text(metric),
                         "m" + domain::to_text(metric).substr(24)});
    }

    struct Question {
        domain::TenantId tenant;
        domain::MetricId metric;
        std::string from, to, location;
    };

    std::string all_of(const Question& asked) {
        pqxx::nontransaction tx{admin_};
        std::string out;
        for (const auto& row :
             tx.exec(listing, pqxx::params{domain::to_text(asked.metric), asked.from, asked.to,
                                           asked.location == "*" ? std::nullopt
                                                                 : std::optional{asked.location}}))
            out += row[0].as<std::string>() + "," + row[1].as<std::string>() + "," +
                   row[2].as<std::string>() + "," + row[3].as<std::string>() + "\n";
        return out;
    }

    /// What follows pages says, as the request role.
    std::string paged(const Question& asked, int limit) {
        pqxx::work tx{admin_};
        tx.exec("set local role cairn_reader; set local cairn.tenant = '" +
                domain::to_text(asked.tenant) + "'");
        std::string out, cursor;
        for (int pages = 0; pages < 5'000; ++pages) {
            const auto answer = projections::metric::points(tx, ask(asked, limit, cursor));
            if (!answer) {
                ADD_FAILURE() << answer.error().detail;
                return out;
            }
            static const std::regex row{
                R"r("at":"([^"]*)","day":"([^"]*)","location":"([^"]*)".*?"value":"([^"]*)")r"};
            for (std::sregex_iterator at{answer->json.begin(), answer->json.end(), row}, end;
                 at != end; ++at)
                out += (*at)[1].str() + "," + (*at)[2].str() + "," + (*at)[3].str() + "," +
                       (*at)[4].str() + "\n";
            if (answer->next.empty()) return out;
            cursor = answer->next;
        }
        ADD_FAILURE() << "pages without end";
        return out;
    }

    projections::Ask ask(const Question& asked, int limit, std::string cursor = {}) {
        projections::Ask ask{.tenant = asked.tenant,
                             .user = {},
                             .today = {},
                             .keys = keys,
                             .path = {},
                             .filters = {}};
        ask.path = {{"metric", domain::to_text(asked.metric)}};
        ask.filters = {{"from", {asked.from}}, {"to", {asked.to}}};
        if (asked.location != "*") ask.filters["location"] = {asked.location};
        ask.limit = limit;
        ask.cursor = std::move(cursor);
        return ask;
    }

    pqxx::connection admin_;
};

TEST_F(MetricPage, PagesAreTheWholeListingHoweverItIsStored) {
    std::vector<Story> all(6);
    for (auto& run : all) {
        for (const auto metric : run.metrics) add_metric(run.tenant, metric);
    }
    for (const auto* cold :
         {"2025-02-01T00:00:00Z", "2025-03-09T07:30:00Z", "2025-06-01T00:00:00Z"}) {
        for (auto& run : all) {
            for (int i = 0; i < 4; ++i) step(run);
        }
        project();
        const auto packed = runtime::pack_cold_points(database_, *domain::instant_from(cold),
                                                      [](auto, auto) { return true; });
        ASSERT_TRUE(packed) << packed.error().detail;
        for (const auto& run : all) {
            for (const auto metric : run.metrics) {
                for (const auto* location : {"*", "", "main"}) {
                    const Question asked{run.tenant, metric, "2025-01-01T00:00:00Z",
                                         "2026-01-01T00:00:00Z", location};
                    EXPECT_EQ(paged(asked, static_cast<int>(1 + below(40))), all_of(asked));
                }
            }
        }
    }
    pqxx::nontransaction tx{admin_};
    EXPECT_GT(number(tx, "select count(*) from board.metric_segment"), 5);
    EXPECT_GT(number(tx, "select count(*) from board.business_metrics"), 100);
}

TEST_F(MetricPage, APageOfADenseMetricReadsLittleMoreThanItShows) {
    const domain::TenantId tenant{support::new_id()};
    const domain::MetricId metric{support::new_id()};
    add_metric(tenant, metric);
    const auto whose = "'" + domain::to_text(tenant) + "', '" + domain::to_text(metric) + "'";
    exec("insert into log.tenant_lane (tenant, lane) values ('" + domain::to_text(tenant) +
         "', 1) on conflict do nothing");
    exec("insert into board.metric_series (tenant, metric, location, variant, dimensions) select " +
         whose + ", 'p' || n, 0, '{}' from generate_series(1, 100) n");
    // Two days of minutes of a hundred places: 288,000 points, of which one day is packed.
    exec(
        "insert into board.business_metrics (tenant, metric, location, variant, at, day, value, "
        "position, unit) select " +
        whose +
        ", 'p' || n, 0, at, (at at time zone 'UTC')::date, n, 1, 'USD' from "
        "generate_series(timestamptz '2025-02-03Z', '2025-02-04 23:59Z', '1 minute') at, "
        "generate_series(1, 100) n");
    exec(
        "insert into board.metric_rollup (tenant, metric, grain, bucket, location, variant, "
        "count, sum, min, max, first, first_at, last, last_at) select " +
        whose +
        ", 0, at, 'p' || n, 0, 60, 1, 1, 1, 1, at, 1, at from "
        "generate_series(timestamptz '2025-02-03Z', '2025-02-04 23:59Z', '1 hour') at, "
        "generate_series(1, 100) n");
    ASSERT_TRUE(runtime::pack_cold_points(database_, *domain::instant_from("2025-02-04T00:00:00Z"),
                                          [](auto, auto) { return true; }));
    exec("vacuum analyze board.metric_rollup");
    exec("analyze board.business_metrics; analyze board.metric_segment");
    std::string plans;
    admin_.set_notice_handler([&](pqxx::zview told) { plans += told; });
    exec(
        "load 'auto_explain'; set auto_explain.log_min_duration = 0; "
        "set auto_explain.log_analyze = on; set auto_explain.log_timing = off; "
        "set auto_explain.log_nested_statements = on; set client_min_messages = log");
    constexpr int limit = 50;
    for (const auto* from : {"2025-02-03T10:20:30Z", "2025-02-04T10:20:30Z"}) {
        for (const auto* location : {"*", "p7"}) {
            pqxx::work tx{admin_};
            tx.exec("set local role cairn_reader; set local cairn.tenant = '" +
                    domain::to_text(tenant) + "'");
            const auto read = [&] {
                return number(tx, R"sql(
                    select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)
                      from pg_stat_xact_all_tables
                     where relname like '\_hyper\_%' or relname like 'metric\_%')sql");
            };
            const auto before = read();
            plans.clear();
            const auto page = projections::metric::points(
                tx, ask({tenant, metric, from, "2025-02-05T00:00:00Z", location}, limit));
            ASSERT_TRUE(page) << page.error().detail;
            // Most of a day lies behind the page: 80,000 points, of which it shows fifty.
            EXPECT_LT(read() - before, 20'000) << from << " " << location << plans;
        }
    }
}

}  // namespace
}  // namespace metric_page_test
