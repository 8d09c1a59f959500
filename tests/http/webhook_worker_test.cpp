// The worker by itself: how it stops, and what of a large event it sends.
#include "src/postgres/key_ring.hpp"
#include "src/postgres/webhooks.hpp"
#include "src/runtime/webhook_worker.hpp"
#include "src/security/secrets.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/receiver.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <pqxx/pqxx>
#include <thread>

namespace webhook_worker_test {
namespace {

using support::Received;
using support::Receiver;
using support::Treatment;

class WebhookWorking : public testing::Test {
protected:
    static void SetUpTestSuite() { database = support::fresh_database("webhook_working"); }

    static inline postgres::Database database;
    const domain::TenantId tenant{support::new_id()};
    const domain::Uuid webhook = support::new_id();
    security::Secrets secrets = *security::load_secrets(support::directory() / "secrets");
    postgres::KeyRing keys{database, secrets.wrapping};
    postgres::Appender appender{database, {}, [](const postgres::Commit&) {}};

    /// A courier and a worker, as one process has them.
    struct Process {
        net::Courier courier;
        runtime::WebhookWorker worker;
        Process(WebhookWorking& test, runtime::WebhookOptions options)
            : courier{{.rules = net::Rules{{"127.0.0.1"}}}},
              worker{test.database, test.appender, test.keys, test.secrets, courier, options} {}
    };

    std::string run(const std::string& sql) {
        pqxx::connection admin{support::admin_of(database).url};
        pqxx::work tx{admin};
        const auto rows = tx.exec(sql);
        tx.commit();
        return rows.empty() || rows.columns() == 0 ? std::string{} : rows[0][0].as<std::string>("");
    }
    void send_to(const std::string& url) {
        run("insert into board.webhook values ('" + domain::to_text(tenant) + "', '" +
            domain::to_text(webhook) + "', 1, 0, '" + url +
            "', '', '{}', '{}', true, null, false, '01890a5d-ac96-774b-bcce-b302099a8057', null, "
            "null, now(), now(), now())");
    }
    void append(const std::string& text) {
        ASSERT_TRUE(
            support::append_now(appender, support::append_of(tenant, support::new_id(), 0, text)));
    }
    std::string status() {
        return run(
            "select string_agg(status || coalesce(lease::text, ''), ' ') from "
            "feed.webhook_delivery where tenant = '" +
            domain::to_text(tenant) + "'");
    }
    bool becomes(const std::string& wanted) {
        for (int i = 0; i < 100 && status() != wanted; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        return status() == wanted;
    }
    static runtime::WebhookOptions quick() {
        return {.look_every = std::chrono::milliseconds{50}, .pause_factor = 0.001};
    }
};

TEST_F(WebhookWorking, AStopWaitsForWhatIsUnderWayAndNotesIt) {
    Receiver slow{[](const Received&, int) { return Treatment{.delay_milliseconds = 1200}; }};
    send_to(slow.url());
    append("x");
    {
        Process first{*this, quick()};
        ASSERT_EQ(slow.wait_for(1).size(), 1u);
    }
    EXPECT_EQ(status(), "delivered");
    Process second{*this, quick()};
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    EXPECT_EQ(slow.received().size(), 1u) << "once";
}

TEST_F(WebhookWorking, WhatAStopDoesNotWaitForIsSentByTheNextAtOnce) {
    Receiver slow{[](const Received&, int count) {
        return Treatment{.delay_milliseconds = count == 0 ? 3000 : 0};
    }};
    send_to(slow.url());
    append("x");
    {
        auto options = quick();
        options.stop_seconds = 0;
        Process first{*this, options};
        ASSERT_EQ(slow.wait_for(1).size(), 1u);
    }
    EXPECT_EQ(status(), "pending") << "no lease is left";
    Process second{*this, quick()};
    EXPECT_TRUE(becomes("delivered"));
    EXPECT_EQ(slow.received().size(), 2u);
}

TEST_F(WebhookWorking, ALargeEventIsSentAsAReference) {
    constexpr std::size_t large = 300 * 1024;
    Receiver receiver;
    send_to(receiver.url());
    append(std::string(large, 'x'));
    Process process{*this, quick()};
    const auto got = receiver.wait_for(1);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_LT(got[0].body.size(), 2000u);
    EXPECT_TRUE(got[0].body.contains(R"("dataref":"/v1/events?limit=1&after=)")) << got[0].body;
    EXPECT_TRUE(becomes("delivered"));
}

TEST_F(WebhookWorking, WhatTheCourierHasNoRoomForIsGivenBackAtOnce) {
    Receiver slow{[](const Received&, int) { return Treatment{.delay_milliseconds = 1500}; }};
    send_to(slow.url());
    for (int i = 0; i < 3; ++i) append("x");
    net::Courier courier{{.rules = net::Rules{{"127.0.0.1"}}, .each_host_max = 1}};
    runtime::WebhookWorker worker{database, appender, keys, secrets, courier, quick()};
    ASSERT_EQ(slow.wait_for(1).size(), 1u);
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    EXPECT_EQ(run("select count(*) from feed.webhook_delivery where lease is not null and "
                  "tenant = '" +
                  domain::to_text(tenant) + "'"),
              "1");
    EXPECT_TRUE(becomes("delivered delivered delivered"));
    EXPECT_EQ(slow.received().size(), 3u);
}

}  // namespace
}  // namespace webhook_worker_test
