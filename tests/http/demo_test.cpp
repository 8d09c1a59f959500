// The demo as it is loaded: what is known of its numbers is true of the roll-ups too.
#include "src/postgres/connect.hpp"
#include "src/runtime/demo.hpp"
#include "src/runtime/demo_business.hpp"
#include "src/runtime/demo_plan.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include <algorithm>
#include <ranges>
#include <thread>

namespace demo_test {
namespace {

/// Guests that the till tells of a day.
std::int64_t covers_told_on(std::string_view day) {
    for (const auto& series : runtime::demo::make_business(runtime::demo::golden_seed).series) {
        if (series.metric != "covers") continue;
        for (const auto& one : series.values) {
            if (domain::to_text(one.day) == day) return one.value.units();
        }
    }
    return 0;
}

class Demo : public testing::Test {
protected:
    runtime::App& app = support::app();
    domain::Result<runtime::DemoTenant> demo = runtime::load_demo(app);
    std::unique_ptr<pqxx::connection> connection =
        postgres::connect(support::database(), postgres::As::projector);

    /// The rows of a question about the tenant, `value value|…`.
    std::string answer(const std::string& sql) {
        std::string text;
        pqxx::nontransaction tx{*connection};
        for (const auto& row : tx.exec(sql, pqxx::params{domain::to_text(demo->tenant)})) {
            for (const auto& field : row)
                text += field.as<std::string>() + (field.num() + 1 == row.size() ? "|" : " ");
        }
        return text;
    }
    /// The same, once it is as expected, or after twenty seconds.
    std::string answer(const std::string& sql, const std::string& expected) {
        auto text = answer(sql);
        for (int tenths = 0; tenths < 200 && text != expected; ++tenths) {
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
            text = answer(sql);
        }
        return text;
    }
};

TEST_F(Demo, HoursAddUpToTheirDaysThroughTheRollUps) {
    ASSERT_TRUE(demo) << demo.error().detail;
    ASSERT_TRUE(runtime::load_demo(app)) << "again is harmless";
    // Hours of a day, days of two series that have so many, and whether their sums are those of
    // the daily series.
    const std::string expected = "23 4 true|24 232 true|25 4 true|";
    EXPECT_EQ(answer(R"sql(
        select h.count, count(*), case when bool_and(h.sum = d.sum) then 'true' else 'false' end
          from board.metric mh
          join board.metric md on md.tenant = mh.tenant and mh.key = md.key || '_hourly'
          join board.metric_rollup h on h.tenant = mh.tenant and h.metric = mh.metric
                                    and h.grain = 1
          join board.metric_rollup d on d.tenant = md.tenant and d.metric = md.metric
                                    and d.grain = 1 and d.bucket = h.bucket
         where mh.tenant = $1 group by h.count order by h.count)sql",
                     expected),
              expected);
}

TEST_F(Demo, RefundsAreTakenFromSalesAndNotFromCovers) {
    ASSERT_TRUE(demo) << demo.error().detail;
    const std::string batch = "6 6 out-of-range|";
    EXPECT_EQ(answer(R"sql(
        select b.accepted, b.rejected, min(r.code)
          from board.metric_batch b
          join board.metric_reject r on r.tenant = b.tenant and r.batch = b.batch
         where b.tenant = $1 group by b.batch, b.accepted, b.rejected)sql",
                     batch),
              batch);
    const std::string sales = "6 -249.00|";
    EXPECT_EQ(answer(R"sql(
        select count(*), sum(p.value) from board.business_metrics p
          join board.metric m on m.tenant = p.tenant and m.metric = p.metric
         where p.tenant = $1 and m.key = 'shop_revenue' and p.value < 0)sql",
                     sales),
              sales);
}

/// Every series as it is told: sums for what adds up, means for what does not.
TEST_F(Demo, DailyValuesAreThoseOfTheBusiness) {
    ASSERT_TRUE(demo) << demo.error().detail;
    const auto business = runtime::demo::make_business(runtime::demo::golden_seed);
    std::string expected;
    for (const auto& series : business.series) {
        for (const auto& one : series.values)
            expected +=
                series.metric + " " + domain::to_text(one.day) + " " + one.value.text() + "|";
    }
    const auto sorted = [](const std::string& rows) {
        std::vector<std::string> all;
        for (const auto row : std::views::split(rows, '|'))
            all.emplace_back(row.begin(), row.end());
        std::ranges::sort(all);
        return all;
    };
    const std::string daily = R"sql(
        select m.key, r.bucket::date, round(r.sum, scale(p.value))
          from board.metric m
          join board.metric_rollup r on r.tenant = m.tenant and r.metric = m.metric and r.grain = 1
          join lateral (select value from board.business_metrics p
                         where p.tenant = m.tenant and p.metric = m.metric limit 1) p on true
         where m.tenant = $1 and m.kind = 'simple' and m.key not like '%\_hourly'
           and m.key not like 'item\_%')sql";
    const auto wanted = sorted(expected);
    auto told = sorted(answer(daily));
    for (int seconds = 0; seconds < 20 && told.size() != wanted.size(); ++seconds) {
        std::this_thread::sleep_for(std::chrono::seconds{1});
        told = sorted(answer(daily));
    }
    ASSERT_EQ(told.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) ASSERT_EQ(told[i], wanted[i]);
}

TEST_F(Demo, GoalsOfMetricsAreCheckedInAsTheTruthSays) {
    ASSERT_TRUE(demo) << demo.error().detail;
    const auto business = runtime::demo::make_business(runtime::demo::golden_seed);
    std::map<std::string, std::string> rows;
    for (const auto& plan : runtime::demo::plans_of(business)) {
        if (!plan.active) continue;
        const auto ending = runtime::demo::ending_of(business, plan);
        const auto last = runtime::demo::readings_of(business, plan).back();
        rows[plan.measure.metric] = std::to_string(ending.readings) + " " +
                                    domain::to_text(last.as_of) + " " + ending.final_value.text();
    }
    std::string expected;
    for (const auto& [metric, row] : rows) expected += metric + " " + row + "|";
    // The last reading is the clock's own, which may correct what it read while points came in.
    EXPECT_EQ(answer(R"sql(
        select g.metric, count(distinct c.as_of), max(c.as_of),
               round((array_agg(c.value order by c.as_of desc, c.version desc))[1],
                     max(m.precision)::int)
          from board.smart_goals g
          join board.goal_check_in c on c.tenant = g.tenant and c.goal = g.goal
          join board.metric m on m.tenant = g.tenant and m.key = g.metric
         where g.tenant = $1 and c.source = 'metric'
         group by g.metric order by g.metric collate "C")sql",
                     expected),
              expected);
}

TEST_F(Demo, LateDaysAreInAndARevertTakesTheDoubleDayBack) {
    ASSERT_TRUE(demo) << demo.error().detail;
    EXPECT_EQ(answer(R"sql(
        select count(*) from board.metric_rollup r
          join board.metric m on m.tenant = r.tenant and m.metric = r.metric
         where r.tenant = $1 and r.grain = 1 and m.key = 'restaurant_revenue')sql",
                     "731|"),
              "731|");
    const std::string day = R"sql(
        select r.count, r.sum from board.metric_rollup r
          join board.metric m on m.tenant = r.tenant and m.metric = r.metric
         where r.tenant = $1 and r.grain = 1 and m.key = 'covers'
           and r.bucket::date = '2024-07-18')sql";
    const auto told = covers_told_on("2024-07-18");
    const auto twice = "2 " + std::to_string(told) + "|";
    EXPECT_EQ(answer(day, twice), twice);
    // The only batch of three points.
    const auto batch =
        answer("select batch from board.metric_batch where tenant = $1 and accepted = 3");
    ASSERT_EQ(batch.size(), 37u) << batch;
    support::HttpClient client{app.port()};
    const support::Tenant owner{{}, {}, app.token(demo->tenant, demo->owner, "owner", 60)};
    const auto reverted =
        client.send("POST", "/v1/metrics/batches/" + batch.substr(0, 36) + "/revert",
                    support::write_headers(owner), R"({"reason":"The till sent it twice."})");
    ASSERT_EQ(reverted.status, 200) << reverted.body;
    const auto once = "1 " + std::to_string(told / 2) + "|";
    EXPECT_EQ(answer(day, once), once);
}

TEST_F(Demo, ContrastTenantsAreThere) {
    ASSERT_TRUE(demo) << demo.error().detail;
    const std::string all = "bookings 731|covers 35|orders 431|";
    EXPECT_EQ(answer(R"sql(
        select m.key, count(*) from board.tenant t
          join board.metric m on m.tenant = t.tenant
          join board.metric_rollup r on r.tenant = m.tenant and r.metric = m.metric and r.grain = 1
         where t.tenant <> $1 and t.name in ('Five Weeks Bistro', 'Patchy Corner Shop',
                                             'Eight Bookings Plumbing')
         group by m.key order by m.key)sql",
                     all),
              all);
}

}  // namespace
}  // namespace demo_test
