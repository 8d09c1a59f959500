// Durable consumers: each stream in order, to one member at a time, and nothing lost on the way.
#include "events/document.hpp"
#include "tests/http/raw_client.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <set>
#include <thread>

#include "src/runtime/clock.hpp"

namespace consumer_test {
namespace {

using support::HttpClient;
using support::member;
using support::Tenant;

struct Given {
    std::string stream, position;
    std::int64_t version{};
};
struct Batch {
    std::string lease;
    std::vector<Given> events;
};

class ConsumerApi : public testing::Test {
protected:
    HttpClient client{support::app().port()};
    Tenant tenant = support::register_tenant(client);
    std::map<int, std::pair<domain::Uuid, std::int64_t>> streams;  ///< id and version

    void SetUp() override {
        ASSERT_EQ(put("orders", R"({"filter":{"types":["test.*"]},"start":"beginning",)"
                                R"("lease_seconds":30,"failures_max":3})")
                      .status,
                  200);
    }
    support::Response put(const std::string& name, const std::string& body) {
        return client.send("PUT", "/v1/consumers/" + name, support::write_headers(tenant), body);
    }
    support::Response post(const std::string& what, const std::string& body) {
        return post_by(client, what, body);
    }
    support::Response post_by(HttpClient& by, const std::string& what, const std::string& body) {
        return by.send("POST", "/v1/consumers/orders/" + what, support::write_headers(tenant),
                       body);
    }
    support::Response get(const std::string& what = {}) {
        return client.send("GET", "/v1/consumers/orders" + what, support::read_headers(tenant), "");
    }
    void append(int stream) {
        auto& [id, version] =
            streams.try_emplace(stream, support::new_id(), std::int64_t{0}).first->second;
        ASSERT_TRUE(support::append_now(
            support::app().appender(),
            support::append_of({*domain::uuid_from(tenant.id)}, id, version++)));
    }
    Batch fetch(int max, int wait = 0) { return fetch_by(client, max, wait); }
    Batch fetch_by(HttpClient& by, int max, int wait = 0) {
        const auto answer = post_by(
            by, "fetch",
            R"({"max":)" + std::to_string(max) + R"(,"wait":)" + std::to_string(wait) + "}");
        EXPECT_EQ(answer.status, 200) << answer.body;
        const auto document = events::Document::parse(answer.body);
        Batch batch{member(answer.body, "lease"), {}};
        for (const auto& item : document->root().find("items")->items()) {
            const auto event = *item.find("event");
            batch.events.push_back({std::string{*event.find("stream")->text()},
                                    std::string{*event.find("position")->text()},
                                    *event.find("version")->integer()});
        }
        return batch;
    }
    static int followers() {
        HttpClient admin{support::app().admin_port()};
        const auto metrics = admin.send("GET", "/metrics", {}, "").body;
        const std::string name = "\ncairn_feed_followers ";
        return std::stoi(metrics.substr(metrics.find(name) + name.size()));
    }
    /// A member asks for events that are not there yet, and leaves.
    void leave_waiting(int seconds) {
        const auto body = R"({"max":10,"wait":)" + std::to_string(seconds) + "}";
        std::string request = "POST /v1/consumers/orders/fetch HTTP/1.1\r\nHost: localhost\r\n";
        for (const auto& [name, value] : support::write_headers(tenant))
            request += name + ": " + value + "\r\n";
        request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
        while (followers() > 0) std::this_thread::sleep_for(std::chrono::milliseconds{20});
        http::test::RawClient leaving{support::app().port()};
        ASSERT_TRUE(leaving.send(request));
        while (followers() == 0) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    support::Response ack(const Batch& batch) {
        return post("ack", R"({"lease":")" + batch.lease + "\"}");
    }
    support::Response nack(const Batch& batch, const std::string& position, int delay = 0) {
        return post("nack", R"({"lease":")" + batch.lease + R"(","positions":[")" + position +
                                R"("],"delay_seconds":)" + std::to_string(delay) + "}");
    }
};

TEST_F(ConsumerApi, KeepsItsCursorAndGivesOnlyWhatMatches) {
    for (int i = 0; i < 3; ++i) append(1);
    const auto first = fetch(2);
    ASSERT_EQ(first.events.size(), 2u);
    EXPECT_EQ(first.events[0].version, 1);
    EXPECT_EQ(first.events[1].version, 2);
    EXPECT_EQ(fetch(10).events.size(), 0u) << "the third waits for the two of its stream";
    EXPECT_EQ(member(get().body, "leased"), "2");
    EXPECT_EQ(ack(first).status, 200);
    const auto second = fetch(10);
    ASSERT_EQ(second.events.size(), 1u);
    EXPECT_EQ(second.events[0].version, 3);
    ack(second);
    const auto shown = get().body;
    EXPECT_EQ(member(shown, "pending"), "0");
    EXPECT_EQ(member(shown, "position"), member(shown, "head"));
    EXPECT_EQ(put("orders", R"({"lease_seconds":5})").status, 200);
    EXPECT_EQ(fetch(10).events.size(), 0u) << "settings change, the cursor stays";
}

TEST_F(ConsumerApi, OneStreamIsNeverOutAtTwoMembers) {
    for (int i = 0; i < 4; ++i) {
        append(1);
        append(2);
    }
    const auto one = fetch(1), two = fetch(10);
    ASSERT_EQ(one.events.size(), 1u);
    ASSERT_EQ(two.events.size(), 4u) << "all of the other stream";
    for (const auto& event : two.events) EXPECT_NE(event.stream, one.events[0].stream);
    EXPECT_NE(one.lease, two.lease);
}

TEST_F(ConsumerApi, CompetingMembersDoEveryEventOnceAndInOrder) {
    constexpr int keys = 12, each = 25;
    for (int i = 0; i < each; ++i) {
        for (int key = 0; key < keys; ++key) append(key);
    }
    std::mutex mutex;
    std::map<std::string, std::int64_t> done;
    std::set<std::string> out;
    int count = 0;
    std::vector<std::string> faults;
    std::vector<std::thread> members;
    for (int m = 0; m < 4; ++m) {
        members.emplace_back([&, m] {
            HttpClient own{support::app().port()};
            for (int rounds = 0; rounds < 2000; ++rounds) {
                const auto batch = fetch_by(own, 7 + m);
                std::set<std::string> mine;
                {
                    const std::lock_guard lock{mutex};
                    if (count == keys * each) return;
                    for (const auto& event : batch.events) mine.insert(event.stream);
                    for (const auto& stream : mine) {
                        if (!out.insert(stream).second) faults.push_back("out twice: " + stream);
                    }
                }
                // Members are of different speed: who would be given what another holds is faster.
                std::this_thread::sleep_for(std::chrono::milliseconds{(m * 7 + rounds) % 25});
                {
                    const std::lock_guard lock{mutex};
                    for (const auto& event : batch.events) {
                        if (++done[event.stream] != event.version)
                            faults.push_back("order: " + event.stream);
                        ++count;
                    }
                    for (const auto& stream : mine) out.erase(stream);
                }
                if (!batch.events.empty())
                    post_by(own, "ack", R"({"lease":")" + batch.lease + "\"}");
            }
        });
    }
    for (auto& thread : members) thread.join();
    EXPECT_TRUE(faults.empty()) << faults.front();
    EXPECT_EQ(count, keys * each);
}

TEST_F(ConsumerApi, ALeaseThatRanOutIsGivenToAnotherAndTheLateAckIsTold) {
    put("orders", R"({"filter":{"types":["test.*"]},"lease_seconds":1,"failures_max":3})");
    append(1);
    append(1);
    const auto lost = fetch(10);
    ASSERT_EQ(lost.events.size(), 2u);
    const auto again = fetch(10, 5);
    ASSERT_EQ(again.events.size(), 2u) << "a waiting member gets them when the lease has run out";
    EXPECT_EQ(again.events[0].version, 1);
    const auto late = post("ack", R"({"lease":")" + lost.lease + R"(","positions":[")" +
                                      lost.events[0].position + R"("]})");
    EXPECT_NE(late.body.find(R"("acked":[],"stale":[")" + lost.events[0].position),
              std::string::npos)
        << late.body;
    EXPECT_NE(ack(again).body.find(again.events[1].position), std::string::npos);
}

TEST_F(ConsumerApi, AnEventThatFailsTooOftenIsParkedWithWhatFollowsIt) {
    append(1);
    append(1);
    append(2);
    auto batch = fetch(10);
    ASSERT_EQ(batch.events.size(), 3u);
    const auto bad = batch.events[0].position;
    EXPECT_EQ(post("ack", R"({"lease":")" + batch.lease + R"(","positions":[")" +
                              batch.events[2].position + R"("]})")
                  .status,
              200);
    auto answer = nack(batch, bad);
    EXPECT_NE(answer.body.find(R"("parked":[])"), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find(batch.events[1].position), std::string::npos)
        << "what follows it comes back too";
    for (int failures = 1; failures < 3; ++failures) {
        batch = fetch(10);
        ASSERT_EQ(batch.events.size(), 2u);
        answer = nack(batch, bad);
    }
    EXPECT_NE(answer.body.find(R"("parked":[")" + bad), std::string::npos) << answer.body;
    EXPECT_EQ(fetch(10).events.size(), 0u);
    append(2);
    EXPECT_EQ(fetch(10).events.size(), 1u) << "other streams go on";
    const auto parked = get("/parked").body;
    EXPECT_EQ(member(parked, "position"), bad);
    EXPECT_EQ(member(parked, "waiting"), "1");
    EXPECT_EQ(member(parked, "reason"), "nack");

    EXPECT_EQ(member(post("parked/retry", "{}").body, "count"), "1");
    batch = fetch(1);
    ASSERT_EQ(batch.events.size(), 1u);
    EXPECT_EQ(batch.events[0].position, bad);
    for (int failures = 0; failures < 3; ++failures) {
        if (failures > 0) batch = fetch(1);
        nack(batch, bad);
    }
    EXPECT_EQ(member(post("parked/skip", R"({"positions":[")" + bad + "\"]}").body, "count"), "1");
    batch = fetch(10);
    ASSERT_EQ(batch.events.size(), 1u);
    EXPECT_EQ(batch.events[0].version, 2);
}

TEST_F(ConsumerApi, ADelayHoldsTheStreamBack) {
    append(1);
    append(1);
    append(2);
    const auto batch = fetch(2);
    nack(batch, batch.events[0].position, 60);
    const auto rest = fetch(10);
    ASSERT_EQ(rest.events.size(), 1u);
    EXPECT_NE(rest.events[0].stream, batch.events[0].stream);
}

TEST_F(ConsumerApi, AWaitingMemberIsWokenByACommit) {
    fetch(1);
    std::thread writer{[&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{200});
        append(1);
    }};
    const auto begun = std::chrono::steady_clock::now();
    HttpClient own{support::app().port()};
    EXPECT_EQ(fetch_by(own, 10, 10).events.size(), 1u);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{3});
    writer.join();
}

TEST_F(ConsumerApi, WhoLeavesWhileWaitingIsLeasedNothing) {
    leave_waiting(15);
    append(1);
    // The wait is over, and whatever it set off: only then is there somebody to compete with.
    while (followers() > 0) std::this_thread::sleep_for(std::chrono::milliseconds{5});
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    EXPECT_EQ(member(get().body, "leased"), "0");
    EXPECT_EQ(fetch(10).events.size(), 1u) << "nobody else has it";
}

TEST_F(ConsumerApi, AWaitEndsWithItsClient) {
    const auto begun = std::chrono::steady_clock::now();
    leave_waiting(15);
    while (followers() > 0) std::this_thread::sleep_for(std::chrono::milliseconds{20});
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{8});
}

TEST_F(ConsumerApi, WhatTheTrailWithholdsIsGivenBackWithoutAFailure) {
    ASSERT_EQ(put("orders", R"({"filter":{"types":["user.*"]},"lease_seconds":3600})").status, 200);
    auto options = support::app_options();
    options.run_projections = false;
    options.audit.queue_max = 0;
    auto full = runtime::App::start(options);
    ASSERT_TRUE(full);
    HttpClient there{(*full)->port()};
    const auto withheld = post_by(there, "fetch", "{}");
    EXPECT_EQ(withheld.status, 503) << withheld.body;
    EXPECT_EQ(member(withheld.body, "code"), "audit-unavailable");
    const auto answer = post("fetch", R"({"wait":2})");
    ASSERT_EQ(answer.status, 200);
    EXPECT_EQ(member(answer.body, "type"), "user.registered") << answer.body;
    EXPECT_EQ(member(answer.body, "failures"), "0") << answer.body;
}

TEST_F(ConsumerApi, WhatMakesNoSenseIsRefused) {
    for (const auto& [what, body] :
         {std::pair{"fetch", R"({"max":0})"},
          {"fetch", R"({"max":501})"},
          {"fetch", R"({"colour":1})"},
          {"ack", "{}"},
          {"ack", R"({"lease":"x"})"},
          {"nack", R"({"lease":"01890a5d-ac96-774b-bcce-b302099a8057","reason":"Dear Ann!"})"},
          {"parked/skip", "{}"},
          {"ack", R"({"lease":"01890a5d-ac96-774b-bcce-b302099a8057",)"
                  R"("positions":["x"]})"}})
        EXPECT_EQ(post(what, body).status, 422) << what << body;
    EXPECT_EQ(post("fetch", "{").status, 400);
    EXPECT_EQ(put("A", "{}").status, 404);
    EXPECT_EQ(put("other", R"({"filter":{"types":["*"]}})").status, 422);
    EXPECT_EQ(put("other", R"({"start":"never"})").status, 422);
    EXPECT_EQ(get("/nothing").status, 404);
}

TEST_F(ConsumerApi, AnotherTenantsConsumerIsNotThere) {
    append(1);
    const auto batch = fetch(1);
    const auto other = support::register_tenant(client);
    const auto answer =
        client.send("GET", "/v1/consumers/orders", support::read_headers(other), "");
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(client
                  .send("POST", "/v1/consumers/orders/ack", support::write_headers(other),
                        R"({"lease":")" + batch.lease + "\"}")
                  .status,
              404);
    EXPECT_EQ(
        client.send("DELETE", "/v1/consumers/orders", support::write_headers(other), "").status,
        200);
    EXPECT_EQ(get().status, 200) << "still there";
    EXPECT_EQ(
        client.send("DELETE", "/v1/consumers/orders", support::write_headers(tenant), "").status,
        200);
    EXPECT_EQ(get().status, 404);
}

}  // namespace
}  // namespace consumer_test
