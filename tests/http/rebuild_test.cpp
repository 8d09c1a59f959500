// Everything is rebuilt, switched and switched back while clients write and read: no request fails,
// and nothing is compared that differs.
#include "src/runtime/beside.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/together.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <thread>

namespace {

using support::HttpClient;

/// What clients met, from all of their threads.
struct Met {
    std::atomic<int> requests{0}, failed{0};
    std::atomic<std::int64_t> slowest_micros{0};
    std::mutex mutex;
    std::string first_failure;

    void count(const support::Response& response, std::int64_t micros, const std::string& what) {
        ++requests;
        auto slowest = slowest_micros.load();
        while (micros > slowest && !slowest_micros.compare_exchange_weak(slowest, micros)) {}
        if (response.status >= 200 && response.status < 300) return;
        if (failed++ > 0) return;
        const std::lock_guard lock{mutex};
        first_failure = what + " " + std::to_string(response.status) + " " + response.body;
    }
};

void timed(HttpClient& client, Met& met, const std::string& method, const std::string& path,
           const support::Headers& headers, const std::string& body) {
    const auto started = runtime::steady_micros();
    const auto response = client.send(method, path, headers, body);
    met.count(response, runtime::steady_micros() - started, method + " " + path);
}

void write_goals(const support::Tenant& tenant, std::atomic<bool>& stop, Met& met) {
    HttpClient client{support::app().port()};
    for (int i = 0; !stop; ++i) {
        auto headers = support::write_headers(tenant);
        timed(client, met, "POST", "/v1/goals", headers, support::goal_body());
        const auto at = "2026-01-" + std::to_string(10 + i % 20) + "T12:00:00Z";
        headers = support::write_headers(tenant);
        timed(client, met, "POST", "/v1/metrics/points", headers,
              R"({"series":[{"metric":"walk_ins","points":[[")" + at + R"(",")" +
                  std::to_string(i) + R"("]]}]})");
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
}

void read_boards(const support::Tenant& tenant, std::atomic<bool>& stop, Met& met) {
    HttpClient client{support::app().port()};
    const auto headers = support::read_headers(tenant);
    while (!stop) {
        timed(client, met, "GET", "/v1/goals?limit=5", headers, "");
        timed(client, met, "GET", "/v1/metrics/walk_ins/series?from=2026-01-10&to=2026-01-31",
              headers, "");
        timed(client, met, "GET", "/v1/tenant", headers, "");
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

bool go_on(std::int64_t) { return true; }

TEST(RebuildUnderLoad, NoRequestFailsWhileEverythingIsRebuiltAndSwitched) {
    HttpClient client{support::app().port()};
    const auto tenant = support::register_tenant(client);
    const auto defined = client.send("POST", "/v1/metrics", support::write_headers(tenant),
                                     R"({"key":"walk_ins","name":"Walk-ins","unit":"count"})");
    ASSERT_EQ(defined.status, 201);
    auto after = support::read_headers(tenant);
    after.emplace_back("Consistency-Token", defined.header("consistency-token"));
    ASSERT_EQ(client.send("GET", "/v1/metrics/walk_ins", after, "").status, 200);
    ASSERT_EQ(client.send("GET", "/v1/tenant", after, "").status, 200);
    std::vector<const projections::Projection*> all;
    for (const auto& projection : projections::catalog()) all.push_back(&projection);
    Met written, read;
    std::atomic<bool> stop{false};
    std::vector<std::jthread> clients;
    for (int i = 0; i < 2; ++i) clients.emplace_back([&] { write_goals(tenant, stop, written); });
    for (int i = 0; i < 2; ++i) clients.emplace_back([&] { read_boards(tenant, stop, read); });
    std::int64_t switch_millis = 0, back_millis = 0;
    const auto ran = [&] {
        auto held = runtime::Beside::hold(support::database(), all, runtime::Place::next, {});
        ASSERT_TRUE(held) << held.error().detail;
        auto& beside = **held;
        ASSERT_TRUE(beside.begin());
        const auto folded = beside.catch_up(go_on);
        ASSERT_TRUE(folded) << folded.error().detail;
        beside.make_indexes();
        auto together = beside.together(go_on);
        ASSERT_TRUE(together) << together.error().detail;
        for (const auto* projection : all) {
            for (const auto& one : (*together)->tallies(*projection)) {
                EXPECT_TRUE(one.same())
                    << one.table << ": " << one.rows << " and " << one.rows_beside << " rows";
                if (one.same()) continue;
                for (const auto& found : (*together)->differences(one.table, 3))
                    ADD_FAILURE() << found.table << " " << found.key << " " << found.column << " "
                                  << found.live << " | " << found.beside;
            }
        }
        together->reset();
        const auto switched = beside.switch_over(go_on);
        ASSERT_TRUE(switched) << switched.error().detail;
        switch_millis = switched->millis;
        held->reset();
        auto back = runtime::Beside::hold(support::database(), all, runtime::Place::previous, {});
        ASSERT_TRUE(back);
        ASSERT_TRUE((*back)->begin());
        const auto returned = (*back)->switch_over(go_on);
        ASSERT_TRUE(returned) << returned.error().detail;
        back_millis = returned->millis;
    };
    ran();
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    stop = true;
    clients.clear();
    std::printf(
        "%d writes, slowest %.1f ms; %d reads, slowest %.1f ms; switches %lld and %lld ms\n",
        written.requests.load(), static_cast<double>(written.slowest_micros) / 1000,
        read.requests.load(), static_cast<double>(read.slowest_micros) / 1000,
        static_cast<long long>(switch_millis), static_cast<long long>(back_millis));
    EXPECT_EQ(written.failed, 0) << written.first_failure;
    EXPECT_EQ(read.failed, 0) << read.first_failure;
    EXPECT_GT(written.requests, 20);
    EXPECT_GT(read.requests, 20);
    // Read-your-writes holds on the tables that serve now.
    HttpClient later{support::app().port()};
    const auto made =
        later.send("POST", "/v1/goals", support::write_headers(tenant), support::goal_body());
    ASSERT_EQ(made.status, 201);
    auto headers = support::read_headers(tenant);
    headers.emplace_back("Consistency-Token", made.header("consistency-token"));
    EXPECT_EQ(later.send("GET", made.header("location"), headers, "").status, 200);
}

}  // namespace
