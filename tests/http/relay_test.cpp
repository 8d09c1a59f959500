// A server with a relay: what a user does reaches the broker, and nothing personal with it.
#include "tests/support/broker.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <thread>

namespace http_relay_test {
namespace {

namespace fs = std::filesystem;
using support::HttpClient;
using support::member;

bool is_stored(const fs::path& directory, const std::string& text) {
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
        if (!entry.is_regular_file()) continue;
        std::ostringstream bytes;
        bytes << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
        if (bytes.str().contains(text)) return true;
    }
    return false;
}

TEST(RelayedServer, WhatAUserDoesReachesTheBrokerWithoutPersonalValues) {
    support::Broker broker{support::directory() / "nats-http"};
    broker.start();
    auto options = support::app_options();
    options.database = support::fresh_database("relay_http");
    options.secrets_directory = support::directory() / "relay-http-secrets";
    options.relay.broker.url = broker.url();
    options.relay.broker.stream = "EVENTS";
    options.relay.broker.subjects = "cairn.>";
    auto app = runtime::App::start(options);
    ASSERT_TRUE(app) << app.error().detail;
    HttpClient client{(*app)->port()};
    const auto tenant = support::register_tenant(client);
    const auto drafted = client.send("POST", "/v1/goals", support::write_headers(tenant),
                                     support::goal_body("A title is business"));
    const auto goal = "/v1/goals/" + member(drafted.body, "id");
    ASSERT_EQ(client.send("POST", goal + "/activate", support::write_headers(tenant), "{}").status,
              200);
    ASSERT_EQ(client
                  .send("POST", goal + "/check-ins", support::write_headers(tenant),
                        R"({"value":"130","notes":"CANARY-notes"})")
                  .status,
              201);
    const auto subject = "cairn." + tenant.id + ".goal.goal.checked-in";
    const auto checked_in = [&]() -> std::string {
        for (const auto& message : broker.messages("EVENTS")) {
            if (message.subject == subject) return message.body;
        }
        return {};
    };
    for (int tries = 0; tries < 200 && checked_in().empty(); ++tries)
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    EXPECT_TRUE(checked_in().contains(R"("notes":{"sealed":true})")) << checked_in();
    EXPECT_EQ(member(checked_in(), "type"), "goal.checked-in");
    HttpClient admin{(*app)->admin_port()};
    const auto metrics = admin.send("GET", "/metrics", {}, "").body;
    EXPECT_TRUE(metrics.contains("cairn_relay_published_total ")) << metrics;
    EXPECT_FALSE(metrics.contains("cairn_relay_published_total 0\n")) << metrics;
    EXPECT_TRUE(metrics.contains("cairn_relay_failing 0\n")) << metrics;
    app->reset();
    broker.stop(SIGTERM);
    // The search finds what is there, and nothing personal is.
    EXPECT_TRUE(is_stored(broker.store(), "A title is business"));
    EXPECT_TRUE(is_stored(broker.store(), tenant.user));
    for (const auto* value : {"owner@example.com", "Canary Owner", "CANARY-notes"})
        EXPECT_FALSE(is_stored(broker.store(), value)) << value;
}

}  // namespace
}  // namespace http_relay_test
