// The demo as it is loaded: what is known of its numbers is true of the roll-ups too.
#include "src/postgres/connect.hpp"
#include "src/runtime/demo.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include <thread>

namespace {

class Demo : public testing::Test {
protected:
    runtime::App& app = support::app();
    domain::Result<runtime::DemoTenant> demo = runtime::load_demo(app);
    std::unique_ptr<pqxx::connection> connection =
        postgres::connect(support::database(), postgres::As::projector);

    /// The rows of a question about the tenant, `value value|…`, once they are as expected, or
    /// after twenty seconds.
    std::string answer(const std::string& sql, const std::string& expected) {
        std::string text;
        for (int tenths = 0; tenths < 200 && text != expected; ++tenths) {
            if (tenths > 0) std::this_thread::sleep_for(std::chrono::milliseconds{100});
            text.clear();
            pqxx::nontransaction tx{*connection};
            for (const auto& row : tx.exec(sql, pqxx::params{domain::to_text(demo->tenant)})) {
                for (const auto& field : row)
                    text += field.as<std::string>() + (field.num() + 1 == row.size() ? "|" : " ");
            }
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

}  // namespace
