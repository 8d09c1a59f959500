// The books of webhooks: nothing is passed over, nothing is queued twice, and nothing grows for
// ever.
#include "src/postgres/appender.hpp"
#include "src/postgres/webhooks.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <pqxx/pqxx>
#include <thread>

namespace {

class WebhookBooks : public testing::Test {
protected:
    static void SetUpTestSuite() { database = support::fresh_database("webhook_books"); }

    static inline postgres::Database database;
    const domain::TenantId tenant{support::new_id()};
    const domain::Uuid webhook = support::new_id();
    postgres::Appender appender{database, {}, [](int, std::int64_t) {}};
    std::unique_ptr<pqxx::connection> worker = postgres::connect(database, postgres::As::projector);

    void SetUp() override {
        run("delete from board.webhook");
        run("delete from feed.webhook");
        run("insert into board.webhook values ('" + domain::to_text(tenant) + "', '" +
            domain::to_text(webhook) +
            "', 1, 0, 'http://127.0.0.1:1/', '', '{}', '{}', true, null, false, "
            "'01890a5d-ac96-774b-bcce-b302099a8057', null, null, now(), now(), now())");
        pqxx::nontransaction tx{*worker};
        EXPECT_EQ(postgres::keep_webhook_books(tx), 1);
    }
    std::string run(const std::string& sql) {
        pqxx::connection admin{support::admin_of(database).url};
        pqxx::work tx{admin};
        const auto rows = tx.exec(sql);
        tx.commit();
        return rows.empty() || rows.columns() == 0 ? std::string{} : rows[0][0].as<std::string>("");
    }
    void append(int count) {
        for (int i = 0; i < count; ++i)
            ASSERT_TRUE(
                support::append_now(appender, support::append_of(tenant, support::new_id(), 0)));
    }
    void queue() {
        pqxx::nontransaction tx{*worker};
        for (int i = 0; i < 50 && postgres::queue_webhook_deliveries(tx); ++i) {}
    }
    std::vector<postgres::WebhookDelivery> lease(int max, int each_max, int seconds = 60) {
        pqxx::nontransaction tx{*worker};
        return postgres::lease_webhook_deliveries(tx, holder, seconds, max, each_max);
    }
    const domain::Uuid holder = support::new_id();
};

TEST_F(WebhookBooks, ManyWhoQueueAtOnceQueueEveryEventOnce) {
    constexpr int writers = 2, events_each = 150, queuers = 3;
    std::atomic<int> writing{writers}, failures{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < writers; ++i)
        threads.emplace_back([&] {
            append(events_each);
            --writing;
        });
    for (int i = 0; i < queuers; ++i)
        threads.emplace_back([&] {
            const auto connection = postgres::connect(database, postgres::As::projector);
            pqxx::nontransaction tx{*connection};
            while (writing > 0) {
                try {
                    postgres::queue_webhook_deliveries(tx);
                } catch (const pqxx::failure&) {
                    ++failures;
                }
            }
        });
    for (auto& thread : threads) thread.join();
    queue();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(run("select count(*) from feed.webhook_delivery"),
              std::to_string(writers * events_each));
    EXPECT_EQ(run("select count(*) from log.event e where e.tenant = '" + domain::to_text(tenant) +
                  "' and not exists (select from feed.webhook_delivery d where d.event = e.id)"),
              "0");
}

TEST_F(WebhookBooks, LooksFurtherThanOneStatementDoes) {
    append(3);
    run("update feed.webhook set read_position = 0");
    run("update board.webhook set types = '{test.*}', streams = '{}'");
    queue();
    EXPECT_EQ(run("select count(*) from feed.webhook_delivery"), "3");
    run("delete from feed.webhook_delivery");
    run("update feed.webhook set read_position = 0");
    run("update board.webhook set types = '{tes.*,test}'");
    queue();
    EXPECT_EQ(run("select count(*) from feed.webhook_delivery"), "0") << "a prefix ends at a dot";
    EXPECT_NE(run("select read_position from feed.webhook"), "0");
}

TEST_F(WebhookBooks, LeasesAFewOfEachAndOnlyOnce) {
    append(12);
    queue();
    EXPECT_EQ(lease(100, 8).size(), 8u) << "of one webhook";
    EXPECT_EQ(lease(100, 8).size(), 0u) << "they are out";
    EXPECT_EQ(lease(2, 10).size(), 2u) << "no more than asked for";
    EXPECT_EQ(lease(100, 20).size(), 2u) << "only those that nobody has";
    run("update feed.webhook_delivery set leased_until = now() where leased_until is not null");
    EXPECT_EQ(lease(100, 20).size(), 12u) << "leases end";
}

TEST_F(WebhookBooks, WhoseLeaseEndedNotesNothing) {
    append(1);
    queue();
    const auto leased = lease(1, 1);
    ASSERT_EQ(leased.size(), 1u);
    const auto note = [&](const domain::Uuid& by) {
        pqxx::nontransaction tx{*worker};
        postgres::note_webhook_attempts(tx, by,
                                        {{.tenant = tenant,
                                          .webhook = {webhook},
                                          .position = leased[0].event.position,
                                          .delivered = true,
                                          .status = 204}},
                                        1000);
    };
    note(support::new_id());
    EXPECT_EQ(run("select status from feed.webhook_delivery"), "pending");
    note(holder);
    EXPECT_EQ(run("select status from feed.webhook_delivery"), "delivered");
}

TEST_F(WebhookBooks, IsReadNoFurtherWhileTooMuchWaits) {
    run("insert into feed.webhook_delivery (tenant, webhook, position, event, status, type, "
        "queued_at) select tenant, webhook, -i, gen_random_uuid(), 'pending', 'x', now() "
        "from feed.webhook, generate_series(1, 10000) i");
    append(1);
    queue();
    EXPECT_EQ(run("select count(*) from feed.webhook_delivery where position > 0"), "0");
    run("delete from feed.webhook_delivery where position = -1");
    queue();
    EXPECT_EQ(run("select count(*) from feed.webhook_delivery where position > 0"), "1");
}

TEST_F(WebhookBooks, FinishedDeliveriesGoAfterTheirDays) {
    append(3);
    queue();
    run("update feed.webhook_delivery set status = 'dead', finished_at = now() - interval '31 "
        "days'");
    run("update feed.webhook_delivery set finished_at = now() - interval '29 days' where position "
        "= "
        "(select max(position) from feed.webhook_delivery)");
    run("update feed.webhook_delivery set status = 'pending' where position = "
        "(select min(position) from feed.webhook_delivery)");
    pqxx::nontransaction tx{*worker};
    EXPECT_EQ(postgres::retire_webhook_deliveries(tx, 30), 1);
    EXPECT_EQ(run("select count(*) from feed.webhook_delivery"), "2");
}

}  // namespace
