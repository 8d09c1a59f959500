// The books of webhooks: nothing is passed over, nothing is queued twice, and nothing grows for
// ever.
#include "src/postgres/appender.hpp"
#include "src/postgres/webhooks.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <pqxx/pqxx>
#include <set>
#include <thread>

namespace webhook_books_test {
namespace {

class WebhookBooks : public testing::Test {
protected:
    static void SetUpTestSuite() { database = support::fresh_database("webhook_books"); }

    static inline postgres::Database database;
    const domain::TenantId tenant{support::new_id()};
    const domain::Uuid webhook = support::new_id();
    postgres::Appender appender{database, {}, [](const postgres::Commit&) {}};
    std::unique_ptr<pqxx::connection> worker = postgres::connect(database, postgres::As::projector);

    void SetUp() override {
        run("delete from board.webhook");
        run("delete from feed.webhook_delivery");
        run("delete from feed.webhook");
        open_webhook(tenant, webhook);
    }
    void open_webhook(domain::TenantId of, const domain::Uuid& id) {
        run("insert into board.webhook values ('" + domain::to_text(of) + "', '" +
            domain::to_text(id) +
            "', 1, 0, 'http://127.0.0.1:1/', '', '{}', '{}', true, null, false, "
            "'01890a5d-ac96-774b-bcce-b302099a8057', null, null, now(), now(), now())");
        pqxx::nontransaction tx{*worker};
        EXPECT_GE(postgres::open_webhook_books(tx), 1);
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
    std::vector<postgres::WebhookDelivery> lease(int max, int each_max, int tenant_max = 100) {
        pqxx::nontransaction tx{*worker};
        return postgres::lease_webhook_deliveries(
            tx, {holder, 60, max, each_max, tenant_max, data_bytes_max}, place);
    }
    /// Deliveries of events that are in no log, due or not.
    void insert_deliveries(const std::string& status, int from, int to) {
        run("insert into feed.webhook_delivery (tenant, webhook, position, event, status, type, "
            "next_attempt_at, queued_at, finished_at) select tenant, webhook, i, "
            "gen_random_uuid(), '" +
            status + "', 'x', now() + interval '1 hour', now(), now() from feed.webhook, " +
            "generate_series(" + std::to_string(from) + ", " + std::to_string(to) + ") i");
    }
    std::string deliveries(const std::string& where = "true") {
        return run("select count(*) from feed.webhook_delivery where " + where);
    }
    static constexpr int data_bytes_max = 1000;
    postgres::WebhookPlace place;
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
    append(5);
    constexpr int many = 2345;
    run("insert into log.event (position, version, occurred_at, recorded_at, tenant, stream, id, "
        "actor, correlation, causation, command, lane, schema, actor_kind, category, type, "
        "traceparent, hash, data) select h.position + i, 1, e.occurred_at, e.recorded_at, "
        "e.tenant, gen_random_uuid(), gen_random_uuid(), e.actor, e.correlation, e.causation, "
        "e.command, e.lane, e.schema, e.actor_kind, e.category, e.type, e.traceparent, e.hash, "
        "e.data from (select * from log.event where tenant = '" +
        domain::to_text(tenant) +
        "' limit 1) e join log.lane_head h on h.lane = e.lane, generate_series(1, " +
        std::to_string(many) + ") i");
    {
        pqxx::nontransaction tx{*worker};
        EXPECT_TRUE(postgres::queue_webhook_deliveries(tx));
    }
    EXPECT_EQ(deliveries(), "1000") << "one statement looks at no more";
    queue();
    EXPECT_EQ(deliveries(), std::to_string(many + 5));
    EXPECT_EQ(run("select count(*) from log.event e where e.tenant = '" + domain::to_text(tenant) +
                  "' and not exists (select from feed.webhook_delivery d where d.event = e.id)"),
              "0");
    run("delete from log.event where tenant = '" + domain::to_text(tenant) +
        "' and position > (select position from log.lane_head h where h.lane = event.lane)");
}

TEST_F(WebhookBooks, QueuesWhatMatchesItsPatterns) {
    append(3);
    run("update board.webhook set types = '{test.*}', streams = '{}'");
    queue();
    EXPECT_EQ(deliveries(), "3");
    run("delete from feed.webhook_delivery");
    run("update feed.webhook set read_position = 0");
    run("update board.webhook set types = '{tes.*,test}'");
    queue();
    EXPECT_EQ(deliveries(), "0") << "a prefix ends at a dot";
    EXPECT_NE(run("select read_position from feed.webhook"), "0");
}

TEST_F(WebhookBooks, EventsOfOthersLeaveItsRowAlone) {
    const domain::TenantId other{support::new_id()};
    append(1);
    queue();
    const auto row = run("select xmin::text || ctid::text from feed.webhook");
    ASSERT_TRUE(support::append_now(appender, support::append_of(other, support::new_id(), 0)));
    queue();
    EXPECT_EQ(run("select xmin::text || ctid::text from feed.webhook"), row);
}

TEST_F(WebhookBooks, LeasesAFewOfEachAndOnlyOnce) {
    append(12);
    queue();
    EXPECT_EQ(lease(100, 8).size(), 8u) << "of one webhook";
    EXPECT_EQ(lease(100, 8).size(), 0u) << "they are out";
    EXPECT_EQ(lease(2, 10).size(), 2u) << "no more than asked for";
    EXPECT_EQ(lease(100, 20).size(), 2u) << "only those that nobody has";
    run("update feed.webhook_delivery set next_attempt_at = now() where lease is not null");
    EXPECT_EQ(lease(100, 20).size(), 12u) << "leases end";
}

TEST_F(WebhookBooks, TenantsTakeTurnsAndNoneTakesEverything) {
    const domain::TenantId other{support::new_id()};
    open_webhook(tenant, support::new_id());
    open_webhook(other, support::new_id());
    append(20);
    for (int i = 0; i < 3; ++i)
        ASSERT_TRUE(support::append_now(appender, support::append_of(other, support::new_id(), 0)));
    queue();
    const auto of = [](const std::vector<postgres::WebhookDelivery>& all, domain::TenantId whose) {
        return std::ranges::count(all, whose, [](const auto& one) { return one.event.tenant; });
    };
    const auto first = lease(6, 8, 10);
    EXPECT_EQ(of(first, tenant), 3);
    EXPECT_EQ(of(first, other), 3);
    std::ptrdiff_t more = 0;
    for (int i = 0; i < 5; ++i) more += of(lease(100, 8, 10), tenant);
    EXPECT_EQ(more, 7) << "ten of its two webhooks at a time";
}

TEST_F(WebhookBooks, TheWalkGoesOnWhereItEndedAndComesToAll) {
    for (int i = 0; i < 4; ++i) open_webhook(tenant, support::new_id());
    append(1);
    queue();
    std::set<domain::Uuid> met;
    for (int i = 0; i < 5; ++i)
        for (const auto& one : lease(1, 1)) met.insert(one.to.webhook.value);
    EXPECT_EQ(met.size(), 5u);
}

TEST_F(WebhookBooks, WhatWasRefusedOrLeftIsGivenBack) {
    append(2);
    queue();
    const auto leased = lease(10, 10);
    ASSERT_EQ(leased.size(), 2u);
    pqxx::nontransaction tx{*worker};
    EXPECT_EQ(postgres::webhook_overdue_seconds(tx), 0) << "nothing waits for a worker";
    postgres::release_webhook_deliveries(tx, holder,
                                         {{tenant, {webhook}, leased[0].event.position}}, -3);
    EXPECT_EQ(deliveries("lease is null"), "1");
    EXPECT_GT(postgres::webhook_overdue_seconds(tx), 2);
    postgres::release_webhook_lease(tx, support::new_id());
    EXPECT_EQ(deliveries("lease is null"), "1") << "another's";
    postgres::release_webhook_lease(tx, holder);
    EXPECT_EQ(deliveries("lease is null and next_attempt_at <= now() and attempts = 0"), "2");
}

TEST_F(WebhookBooks, AnEventThatIsLargeComesWithoutItsData) {
    ASSERT_TRUE(support::append_now(
        appender, support::append_of(tenant, support::new_id(), 0, std::string(2000, 'x'))));
    append(1);
    queue();
    const auto leased = lease(10, 10);
    ASSERT_EQ(leased.size(), 2u);
    for (const auto& one : leased)
        EXPECT_EQ(one.event.data == "{}", one.too_large) << one.event.data.substr(0, 50);
    EXPECT_EQ(std::ranges::count(leased, true, &postgres::WebhookDelivery::too_large), 1);
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
    insert_deliveries("pending", -10'000, -1);
    append(1);
    queue();
    EXPECT_EQ(deliveries("position > 0"), "0");
    EXPECT_EQ(run("select room from feed.webhook"), "0");
    run("delete from feed.webhook_delivery where position = -1");
    queue();
    EXPECT_EQ(deliveries("position > 0"), "0") << "it is not counted in each round";
    run("update feed.webhook set counted_at = counted_at - interval '6 seconds'");
    queue();
    EXPECT_EQ(deliveries("position > 0"), "1");
    append(1);
    queue();
    EXPECT_EQ(deliveries("position > 0"), "1") << "there was room for one";
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
    EXPECT_FALSE(postgres::retire_webhook_deliveries(tx, 30));
    EXPECT_EQ(deliveries(), "2");
}

TEST_F(WebhookBooks, WhatIsManyGoesInPortions) {
    insert_deliveries("delivered", 1, 12'000);
    run("update feed.webhook_delivery set finished_at = now() - interval '31 days'");
    pqxx::nontransaction tx{*worker};
    EXPECT_TRUE(postgres::retire_webhook_deliveries(tx, 30));
    EXPECT_EQ(deliveries(), "2000");
    EXPECT_FALSE(postgres::retire_webhook_deliveries(tx, 30));
    insert_deliveries("dead", 1, 12'000);
    run("update board.webhook set deleted = true");
    EXPECT_TRUE(postgres::drop_webhook_books(tx));
    EXPECT_EQ(deliveries(), "2000");
    EXPECT_EQ(run("select count(*) from feed.webhook"), "1") << "while it has deliveries";
    EXPECT_FALSE(postgres::drop_webhook_books(tx));
    EXPECT_EQ(deliveries(), "0");
    EXPECT_EQ(run("select count(*) from feed.webhook"), "0");
}

TEST_F(WebhookBooks, DeadLettersAndThoseThatWaitAreFoundByTheirIndexes) {
    insert_deliveries("delivered", 1, 20'000);
    insert_deliveries("dead", 20'001, 20'010);
    insert_deliveries("pending", 20'011, 20'020);
    run("analyze feed.webhook_delivery");
    const auto plan = [this](const std::string& query) {
        pqxx::connection admin{support::admin_of(database).url};
        pqxx::nontransaction tx{admin};
        std::string lines;
        for (const auto& row : tx.exec("explain " + query))
            lines += row[0].as<std::string>() + "\n";
        return lines;
    };
    const auto of = " from feed.webhook_delivery d where d.tenant = '" + domain::to_text(tenant) +
                    "' and d.webhook = '" + domain::to_text(webhook) + "' and d.status = ";
    for (const auto& [query, index] : std::initializer_list<std::pair<std::string, std::string>>{
             {"select count(*)" + of + "'dead'", "webhook_delivery_dead"},
             {"select *" + of + "'dead' order by position desc limit 51", "webhook_delivery_dead"},
             {"select count(*)" + of + "'pending'", "webhook_delivery_due"},
             {"select tenant, webhook, count(*) from feed.webhook_delivery where status = 'dead' "
              "group by tenant, webhook",
              "webhook_delivery_dead"}})
        EXPECT_TRUE(plan(query).contains(index)) << query << "\n" << plan(query);
}

}  // namespace
}  // namespace webhook_books_test
