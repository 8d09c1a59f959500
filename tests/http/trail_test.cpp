// The audit trail over a real socket: who read whose values, who was refused, and why.
#include "src/runtime/clock.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <pqxx/pqxx>
#include <thread>

namespace http_trail_test {
namespace {

using support::Headers;
using support::HttpClient;
using support::member;
using support::Tenant;

class TrailApi : public testing::Test {
protected:
    HttpClient client{support::app().port()};
    Tenant tenant = support::register_tenant(client);

    support::Response get(const std::string& path, Headers more = {}, std::string token = {}) {
        Headers headers{{"Authorization", "Bearer " + (token.empty() ? tenant.token : token)}};
        headers.insert(headers.end(), more.begin(), more.end());
        return client.send("GET", path, headers, "");
    }
    support::Response send(const std::string& method, const std::string& path,
                           const std::string& body) {
        return client.send(method, path, support::write_headers(tenant), body);
    }
    /// Asks until the answer is as wanted: entries and read models follow a little later.
    support::Response until(const std::string& path,
                            const std::function<bool(const support::Response&)>& is) {
        constexpr int tries_max = 200;
        support::Response answer;
        for (int i = 0; i < tries_max; ++i) {
            answer = get(path);
            if (is(answer)) return answer;
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
        ADD_FAILURE() << path << " stays " << answer.body;
        return answer;
    }
    support::Response entries(const std::string& filter, const std::string& wanted) {
        return until("/v1/audit/entries?" + filter,
                     [&](const auto& answer) { return answer.body.contains(wanted); });
    }
    std::string token_of(const std::string& role) {
        return support::app().token({*domain::uuid_from(tenant.id)}, {runtime::uuid_v7()}, role,
                                    600);
    }
    void wait_for_people() {
        until("/v1/me", [](const auto& answer) { return answer.status == 200; });
    }
};

TEST_F(TrailApi, WhoReadWhoseValuesIsRecordedAndTheValuesAreNot) {
    wait_for_people();
    const auto users = get("/v1/users", {{"Purpose", "support"}});
    ASSERT_EQ(users.status, 200);
    ASSERT_TRUE(users.body.contains("Canary Owner")) << users.body;
    const auto found = entries("action=user.list&outcome=allowed", "user.list");
    EXPECT_EQ(found.status, 200);
    EXPECT_EQ(member(found.body, "purpose"), "support");
    EXPECT_EQ(member(found.body, "role"), "owner");
    EXPECT_EQ(member(found.body, "request_id"), users.header("request-id"));
    EXPECT_TRUE(found.body.contains("\"subjects\":[\"" + tenant.user + "\"]")) << found.body;
    EXPECT_TRUE(found.body.contains(R"("fields":["user.display_name","user.email"])"))
        << found.body;
    EXPECT_EQ(member(found.body, "source").size(), 32u);
    for (const auto* value : {"Canary", "owner@example.com", "127.0.0.1"})
        EXPECT_FALSE(found.body.contains(value)) << found.body;
    EXPECT_TRUE(get("/v1/audit/entries?subject=" + tenant.user).body.contains("user.list"));
    EXPECT_EQ(get("/v1/audit/entries?actor=" + domain::to_text(runtime::uuid_v7())).body,
              R"({"items":[],"next":null})");
    // The one whose values they are sees it without being an owner; others see nothing of it.
    const auto mine = support::app().token({*domain::uuid_from(tenant.id)},
                                           {*domain::uuid_from(tenant.user)}, "viewer", 600);
    EXPECT_TRUE(get("/v1/me/accesses", {}, mine).body.contains("user.list"));
    EXPECT_EQ(get("/v1/me/accesses", {}, token_of("staff")).body, R"({"items":[],"next":null})");
    // Reading the trail is an entry too.
    EXPECT_EQ(member(entries("action=audit.entries", "audit.entries").body, "purpose"), "audit");
    EXPECT_EQ(get("/v1/users", {{"Purpose", "because I can"}}).status, 400);
}

TEST_F(TrailApi, TheRefusedAreRecordedAndMayNotLook) {
    const auto staff = token_of("staff");
    const auto refused = get("/v1/audit/entries", {}, staff);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(get("/v1/correlations/" + tenant.id, {}, staff).status, 403);
    const auto found = entries("outcome=refused&action=audit.entries", "audit.entries");
    EXPECT_EQ(member(found.body, "code"), "forbidden") << found.body;
    EXPECT_EQ(member(found.body, "role"), "staff");
    EXPECT_EQ(member(found.body, "status"), "403");
    // What is missing and what is another's are alike, here as in the answer.
    HttpClient other_client{support::app().port()};
    const auto other = support::register_tenant(other_client);
    EXPECT_EQ(get("/v1/users/" + other.user).status, 404);
    const auto missing = entries("outcome=refused&action=user.get", "user.get");
    EXPECT_EQ(member(missing.body, "code"), "not-found") << missing.body;
    EXPECT_EQ(member(missing.body, "resource"), other.user);
    EXPECT_TRUE(missing.body.contains(R"("subjects":[])")) << missing.body;
    // The other tenant has nothing of it.
    const auto theirs =
        other_client.send("GET", "/v1/audit/entries?limit=500", support::read_headers(other), "");
    EXPECT_EQ(theirs.status, 200);
    EXPECT_FALSE(theirs.body.contains("user.get")) << theirs.body;
    EXPECT_FALSE(theirs.body.contains(tenant.user)) << theirs.body;
    // Without a token there is no tenant whose trail it would be.
    EXPECT_EQ(client.send("GET", "/v1/audit/entries", {}, "").status, 401);
}

TEST_F(TrailApi, PlainReadsAreNotRecordedAndCommandsAre) {
    ASSERT_EQ(get("/v1/goals").status, 200);
    const auto drafted = send("POST", "/v1/goals", support::goal_body());
    ASSERT_EQ(drafted.status, 201);
    const auto id = member(drafted.body, "id");
    EXPECT_EQ(send("POST", "/v1/goals/" + id + "/check-ins", R"({"value":"1"})").status, 409);
    const auto refused = entries("outcome=refused", "goal.check-in");
    EXPECT_EQ(member(refused.body, "code"), "goal-not-active") << refused.body;
    EXPECT_EQ(member(refused.body, "resource"), id);
    const auto done = entries("action=goal.draft", "goal.draft");
    EXPECT_EQ(member(done.body, "command_id"), member(drafted.body, "command_id"));
    EXPECT_EQ(member(done.body, "request_id"), drafted.header("request-id"));
    EXPECT_FALSE(get("/v1/audit/entries?limit=500").body.contains("goal.list"));
}

TEST_F(TrailApi, TheTrailIsExportedPageByPage) {
    for (int i = 0; i < 3; ++i)
        ASSERT_EQ(send("POST", "/v1/goals", support::goal_body()).status, 201);
    until("/v1/audit/entries?action=goal.draft", [](const auto& answer) {
        return answer.body.find("goal.draft") != answer.body.rfind("goal.draft");
    });
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
    const auto csv = get("/v1/audit/entries?action=goal.draft&limit=2", {{"Accept", "text/csv"}});
    EXPECT_EQ(csv.header("content-type"), "text/csv; charset=utf-8");
    EXPECT_TRUE(csv.body.starts_with("sequence,at,request_id,")) << csv.body;
    EXPECT_EQ(std::ranges::count(csv.body, '\n'), 3);
    const auto link = csv.header("link");
    ASSERT_TRUE(link.ends_with(">; rel=\"next\"")) << link;
    const auto rest = get(link.substr(1, link.find('>') - 1), {{"Accept", "text/csv"}});
    EXPECT_EQ(std::ranges::count(rest.body, '\n'), 2) << rest.body;
    EXPECT_TRUE(rest.header("link").empty());
    const auto lines =
        get("/v1/audit/entries?action=goal.draft", {{"Accept", "application/x-ndjson"}});
    EXPECT_EQ(lines.header("content-type"), "application/x-ndjson");
    EXPECT_EQ(std::ranges::count(lines.body, '\n'), 3);
    EXPECT_TRUE(lines.body.starts_with("{\"sequence\":")) << lines.body;
    EXPECT_EQ(get("/v1/audit/entries?from=2000-01-01&to=2000-01-02").body,
              R"({"items":[],"next":null})");
    for (const auto* wrong : {"actor=me", "from=soon", "outcome=perhaps", "who=me"})
        EXPECT_EQ(get(std::string{"/v1/audit/entries?"} + wrong).status, 400) << wrong;
}

TEST_F(TrailApi, TheTreeOfARequestReachesTheCheckInThatTheClockMade) {
    ASSERT_EQ(
        send("POST", "/v1/metrics", R"({"key":"guests","name":"Guests","unit":"count"})").status,
        201);
    const auto today = domain::day_in_zone(runtime::now(), "America/New_York").value();
    const auto start = today + -20;
    const auto drafted =
        send("POST", "/v1/goals",
             R"({"title":"More guests","specific":{"description":"Fill the house."},"measurable":)"
             R"({"metric":"guests","direction":"increase","baseline":"10","target_value":"100",)"
             R"("unit":"count"},"time_bound":{"start_date":")" +
                 domain::to_text(start) + R"(","target_date":")" + domain::to_text(today + 200) +
                 R"(","cadence":"weekly"}})");
    ASSERT_EQ(drafted.status, 201) << drafted.body;
    const auto goal = "/v1/goals/" + member(drafted.body, "id");
    ASSERT_EQ(send("POST", goal + "/activate", "{}").status, 200);
    std::string pairs;
    for (int i = 0; i < 15; ++i)
        pairs += (i == 0 ? "[\"" : ",[\"") + domain::to_text(start + i) + "\",3]";
    const auto points = send("POST", "/v1/metrics/points",
                             R"({"series":[{"metric":"guests","points":[)" + pairs + "]}]}");
    ASSERT_EQ(points.status, 201) << points.body;
    const auto request = points.header("request-id").substr(4);
    // Both weeks that are complete, each with a check-in of its own.
    const auto tree = until("/v1/correlations/" + request, [](const auto& answer) {
        const std::string_view fact = "goal.checked-in";
        const auto first = answer.body.find(fact);
        return first != std::string::npos && answer.body.find(fact, first + 1) != std::string::npos;
    });
    EXPECT_EQ(member(tree.body, "correlation_id"), request);
    EXPECT_EQ(member(tree.body, "truncated"), "false");
    const auto ingested = tree.body.find("metric-batch.ingested");
    const auto caused = tree.body.find("\"caused\":[{", ingested);
    EXPECT_LT(ingested, caused);
    EXPECT_LT(caused, tree.body.find("\"kind\":\"system\""));
    EXPECT_LT(caused, tree.body.find("goal.checked-in")) << tree.body;
    // The command's own id leads to the same tree, and another tenant's to nothing.
    EXPECT_EQ(get("/v1/correlations/" + member(points.body, "command_id")).body, tree.body);
    HttpClient other_client{support::app().port()};
    const auto other = support::register_tenant(other_client);
    EXPECT_EQ(
        other_client.send("GET", "/v1/correlations/" + request, support::read_headers(other), "")
            .status,
        404);
}

TEST_F(TrailApi, NotesInAnAnswerToACommandAreReadsToo) {
    const auto drafted = send("POST", "/v1/goals", support::goal_body());
    const auto goal = "/v1/goals/" + member(drafted.body, "id");
    ASSERT_EQ(send("POST", goal + "/activate", "{}").status, 200);
    auto headers = support::write_headers(tenant);
    headers.emplace_back("Prefer", "return=representation, wait=5");
    const auto checked = client.send("POST", goal + "/check-ins", headers,
                                     R"({"value":"130","notes":"CANARY-notes"})");
    ASSERT_TRUE(checked.body.contains("CANARY-notes")) << checked.body;
    const auto found = entries("action=goal.check-in", "goal.check-in");
    EXPECT_TRUE(found.body.contains("\"subjects\":[\"" + tenant.user + "\"]")) << found.body;
    EXPECT_TRUE(found.body.contains("goal.notes")) << found.body;
    EXPECT_FALSE(found.body.contains("CANARY")) << found.body;
    ASSERT_EQ(get(goal + "/history").status, 200);
    EXPECT_TRUE(entries("action=goal.history", "goal.notes").body.contains(tenant.user));
}

TEST_F(TrailApi, WhatADumpShowsIsRecorded) {
    support::EventStream dump{support::app().port(), "/v1/events", tenant.token, {}, 0,
                              "application/x-ndjson"};
    std::string lines;
    while (const auto line = dump.line()) lines += *line + "\n";
    ASSERT_TRUE(dump.complete());
    ASSERT_TRUE(lines.contains("Canary Owner")) << lines;
    const auto found = entries("action=event.feed", "event.feed");
    EXPECT_TRUE(dump.head().contains(member(found.body, "request_id"))) << dump.head();
    EXPECT_TRUE(found.body.contains("\"subjects\":[\"" + tenant.user + "\"]")) << found.body;
    EXPECT_TRUE(found.body.contains(R"("fields":["user.display_name","user.email"])"))
        << found.body;
    EXPECT_FALSE(found.body.contains("Canary")) << found.body;
}

TEST_F(TrailApi, WhatALiveStreamShowsIsRecordedOncePerPersonAndWhile) {
    const auto drafted = send("POST", "/v1/goals", support::goal_body());
    const auto goal = "/v1/goals/" + member(drafted.body, "id");
    ASSERT_EQ(send("POST", goal + "/activate", "{}").status, 200);
    support::EventStream stream{support::app().port(), "/v1/events?type=goal.checked-in",
                                tenant.token};
    ASSERT_EQ(stream.status(), 200);
    ASSERT_EQ(stream.next()->type, "caught-up");
    for (const auto* value : {"130", "131", "132"}) {
        ASSERT_EQ(send("POST", goal + "/check-ins",
                       R"({"value":")" + std::string{value} + R"(","notes":"CANARY-live"})")
                      .status,
                  201);
        const auto event = stream.next_fact();
        ASSERT_TRUE(event && event->data.contains("CANARY-live"));
    }
    const auto found = entries("action=event.feed", "goal.notes");
    EXPECT_TRUE(found.body.contains("\"subjects\":[\"" + tenant.user + "\"]")) << found.body;
    EXPECT_EQ(found.body.find("event.feed"), found.body.rfind("event.feed")) << found.body;
    // Who joins later reads the same from the log: another stream, another entry.
    support::EventStream later{support::app().port(), "/v1/events?type=goal.checked-in&after=0",
                               tenant.token};
    ASSERT_TRUE(later.next_fact()->data.contains("CANARY-live"));
    const auto both = until("/v1/audit/entries?action=event.feed", [](const auto& answer) {
        return answer.body.find("goal.notes") != answer.body.rfind("goal.notes");
    });
    EXPECT_FALSE(both.body.contains("CANARY")) << both.body;
}

TEST_F(TrailApi, WhatCannotBeRecordedIsInNoStream) {
    auto options = support::app_options();
    options.run_projections = false;
    options.audit.queue_max = 0;
    auto full = runtime::App::start(options);
    ASSERT_TRUE(full);
    const auto port = (*full)->port();
    support::EventStream dump{port, "/v1/events", tenant.token, {}, 0, "application/x-ndjson"};
    ASSERT_EQ(dump.status(), 200);
    while (const auto line = dump.line()) EXPECT_FALSE(line->contains("Canary")) << *line;
    EXPECT_FALSE(dump.complete());
    const auto cut_of = [](support::EventStream& stream) {
        while (const auto event = stream.next()) {
            EXPECT_FALSE(event->data.contains("Canary")) << event->data;
            EXPECT_FALSE(event->data.contains("CANARY")) << event->data;
            if (event->type == "cut") return member(event->data, "reason");
        }
        return std::string{"no cut"};
    };
    support::EventStream backlog{port, "/v1/events?after=0", tenant.token};
    EXPECT_EQ(cut_of(backlog), "audit-unavailable");
    // Live, with nothing behind it.
    const auto drafted = send("POST", "/v1/goals", support::goal_body());
    const auto goal = "/v1/goals/" + member(drafted.body, "id");
    ASSERT_EQ(send("POST", goal + "/activate", "{}").status, 200);
    support::EventStream live{port, "/v1/events?type=goal.checked-in", tenant.token};
    ASSERT_EQ(live.next()->type, "caught-up");
    const auto before = live.last_id();
    ASSERT_EQ(send("POST", goal + "/check-ins", R"({"value":"130","notes":"CANARY-live"})").status,
              201);
    EXPECT_EQ(cut_of(live), "audit-unavailable");
    // Who comes back to a server that can record it gets what was withheld.
    support::EventStream back{support::app().port(), "/v1/events?type=goal.checked-in",
                              tenant.token, live.last_id()};
    const auto event = back.next_fact();
    ASSERT_TRUE(event);
    EXPECT_TRUE(event->data.contains("CANARY-live")) << event->data << before;
}

TEST_F(TrailApi, WithAFullQueuePersonalValuesAreWithheldAndTheRestGoesOn) {
    wait_for_people();
    auto options = support::app_options();
    options.run_projections = false;
    options.audit.queue_max = 0;
    auto full = runtime::App::start(options);
    ASSERT_TRUE(full);
    HttpClient there{(*full)->port()};
    const auto headers = support::read_headers(tenant);
    for (const auto* path : {"/v1/me", "/v1/users"}) {
        const auto answer = there.send("GET", path, headers, "");
        EXPECT_EQ(answer.status, 503) << path;
        EXPECT_EQ(member(answer.body, "code"), "audit-unavailable");
        EXPECT_EQ(answer.header("retry-after"), "1");
        EXPECT_FALSE(answer.body.contains("Canary")) << answer.body;
    }
    EXPECT_EQ(there.send("GET", "/v1/goals", headers, "").status, 200);
    EXPECT_EQ(there.send("POST", "/v1/goals", support::write_headers(tenant), support::goal_body())
                  .status,
              201);
    HttpClient admin{(*full)->admin_port()};
    const auto metrics = admin.send("GET", "/metrics", {}, "").body;
    EXPECT_TRUE(metrics.contains("cairn_audit_withheld_total 2\n")) << metrics;
    EXPECT_TRUE(metrics.contains("cairn_audit_dropped_total 1\n")) << metrics;
}

}  // namespace
}  // namespace http_trail_test
