// The whole API over a real socket, against the real database.
#include "src/http/problem.hpp"
#include "src/http/route.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

namespace api_test {
namespace {

using support::Headers;
using support::HttpClient;
using support::member;
using support::read_headers;
using support::Tenant;
using support::write_headers;

class Api : public testing::Test {
protected:
    HttpClient client{support::app().port()};
    Tenant tenant = support::register_tenant(client);

    support::Response post(const std::string& path, const std::string& body, Headers more = {}) {
        auto headers = write_headers(tenant);
        headers.insert(headers.end(), more.begin(), more.end());
        return client.send("POST", path, headers, body);
    }
    support::Response get(const std::string& path, Headers more = {}) {
        auto headers = read_headers(tenant);
        headers.insert(headers.end(), more.begin(), more.end());
        return client.send("GET", path, headers, "");
    }
    /// Reads at or after what `write` did.
    support::Response get_after(const support::Response& write, const std::string& path) {
        return get(path, {{"Consistency-Token", write.header("consistency-token")}});
    }
    std::string new_goal() { return member(post("/v1/goals", support::goal_body()).body, "id"); }
};

TEST_F(Api, TheMainJobFromDraftToOutcome) {
    const auto drafted = post("/v1/goals", support::goal_body());
    ASSERT_EQ(drafted.status, 201) << drafted.body;
    EXPECT_EQ(drafted.header("etag"), "\"1\"");
    const auto path = drafted.header("location");
    EXPECT_EQ(path, "/v1/goals/" + member(drafted.body, "id"));
    const auto active = post(path + "/activate", "{}", {{"If-Match", "\"1\""}});
    ASSERT_EQ(active.status, 200) << active.body;
    const auto check_in =
        post(path + "/check-ins", R"({"value":"150","confidence":8,"notes":"Lunch goes well"})");
    ASSERT_EQ(check_in.status, 201) << check_in.body;
    auto goal = get_after(check_in, path);
    ASSERT_EQ(goal.status, 200) << goal.body;
    EXPECT_EQ(member(goal.body, "current_value"), "150");
    EXPECT_EQ(member(goal.body, "notes"), "Lunch goes well");
    EXPECT_EQ(member(goal.body, "lifecycle"), "active");
    EXPECT_EQ(member(goal.body, "progress"), "0.375");
    EXPECT_EQ(goal.header("etag"), "\"" + member(check_in.body, "version") + "\"");
    const auto done = post(path + "/complete", R"({"final_value":"205","learnings":"Cards work"})",
                           {{"Prefer", "return=representation, wait=5"}});
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(done.header("preference-applied"), "return=representation");
    EXPECT_EQ(member(done.body, "target_achieved"), "true") << done.body;
    EXPECT_EQ(member(done.body, "learnings"), "Cards work");
    const auto history = get(path + "/history?limit=2");
    ASSERT_EQ(history.status, 200) << history.body;
    EXPECT_NE(history.body.find("goal.drafted"), std::string::npos);
    EXPECT_FALSE(history.header("link").empty());
    const auto before = get(path + "?as_of=1");
    EXPECT_EQ(member(before.body, "lifecycle"), "draft") << before.body;
    const auto archived = client.send("DELETE", path, write_headers(tenant), "");
    EXPECT_EQ(archived.status, 200) << archived.body;
    EXPECT_EQ(member(get_after(archived, path).body, "status"), "archived");
}

TEST_F(Api, SixteenPostsOfOneKeyHaveOneEffect) {
    const auto headers = write_headers(tenant, "one-key-for-all");
    std::vector<std::thread> threads;
    std::vector<support::Response> answers(16);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        threads.emplace_back([&, i] {
            HttpClient own{support::app().port()};
            answers[i] = own.send("POST", "/v1/goals", headers, support::goal_body());
        });
    }
    for (auto& thread : threads) thread.join();
    std::set<std::string> ids, bodies;
    for (const auto& answer : answers) {
        EXPECT_EQ(answer.status, 201) << answer.body;
        ids.insert(member(answer.body, "id"));
        bodies.insert(answer.body);
    }
    EXPECT_EQ(ids.size(), 1u);
    EXPECT_EQ(bodies.size(), 1u) << "sixteen answers, one and the same";
    const auto list = get_after(answers[0], "/v1/goals");
    std::size_t goals = 0;
    for (auto at = list.body.find("\"measurable\""); at != std::string::npos;
         at = list.body.find("\"measurable\"", at + 1))
        ++goals;
    EXPECT_EQ(goals, 1u) << list.body;
    const auto other = client.send("POST", "/v1/goals", headers, support::goal_body("Another"));
    EXPECT_EQ(other.status, 422);
    EXPECT_EQ(member(other.body, "code"), "idempotency-key-reused");
}

TEST_F(Api, ARepeatIsAnsweredWithTheFirstOutcomeWhateverHappenedSince) {
    const auto path = "/v1/goals/" + new_goal();
    const auto headers = write_headers(tenant, "complete-once");
    ASSERT_EQ(post(path + "/activate", "").status, 200);
    const auto first = client.send("POST", path + "/complete", headers, "{}");
    ASSERT_EQ(first.status, 200) << first.body;
    ASSERT_EQ(client.send("DELETE", path, write_headers(tenant), "").status, 200);
    const auto again = client.send("POST", path + "/complete", headers, "{}");
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(again.header("idempotent-replayed"), "true");
    EXPECT_EQ(again.body, first.body);
}

TEST_F(Api, AStaleVersionIsToldWhatItHasNotSeen) {
    const auto path = "/v1/goals/" + new_goal();
    ASSERT_EQ(post(path + "/activate", "").status, 200);
    const auto stale = post(path + "/check-ins", R"({"value":"130"})", {{"If-Match", "\"1\""}});
    EXPECT_EQ(stale.status, 412) << stale.body;
    EXPECT_EQ(member(stale.body, "code"), "version-conflict");
    EXPECT_NE(stale.body.find("goal.activated"), std::string::npos) << stale.body;
    EXPECT_EQ(post(path + "/check-ins", R"({"value":"130"})", {{"If-Match", "*"}}).status, 201);
}

TEST_F(Api, TwentyParallelCheckInsWithoutAVersionAllSucceed) {
    const auto path = "/v1/goals/" + new_goal();
    ASSERT_EQ(post(path + "/activate", "").status, 200);
    std::vector<std::thread> threads;
    std::atomic<int> succeeded{0};
    for (int i = 0; i < 20; ++i) {
        threads.emplace_back([&] {
            HttpClient own{support::app().port()};
            succeeded +=
                own.send("POST", path + "/check-ins", write_headers(tenant), R"({"confidence":7})")
                    .status == 201;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(succeeded, 20);
}

TEST_F(Api, AForeignIdIsAsMissingAsNone) {
    HttpClient other_client{support::app().port()};
    const auto other = support::register_tenant(other_client);
    const auto foreign = new_goal();
    const auto missing = domain::to_text(runtime::uuid_v7());
    for (const auto& route : http::routes()) {
        std::string path{route.path};
        if (path.find("{goal}") == std::string::npos && path.find("{user}") == std::string::npos)
            continue;
        const auto fill = [&](std::string with) {
            std::string out = path;
            for (const auto* name : {"{goal}", "{user}", "{milestone}", "{item}"}) {
                const auto at = out.find(name);
                if (at != std::string::npos) out.replace(at, std::string{name}.size(), with);
            }
            return out;
        };
        const auto* command = std::get_if<http::Command>(&route.does);
        const std::string body{command == nullptr ? "" : command->example};
        const auto ask = [&](const std::string& id) {
            return other_client.send(
                std::string{route.method}, fill(id),
                command == nullptr ? read_headers(other) : write_headers(other), body);
        };
        const auto there = ask(path.find("{user}") == std::string::npos ? foreign : tenant.user);
        const auto nowhere = ask(missing);
        EXPECT_EQ(there.status, 404) << route.method << " " << path << there.body;
        EXPECT_EQ(nowhere.status, 404) << route.method << " " << path << nowhere.body;
        EXPECT_EQ(member(there.body, "code"), member(nowhere.body, "code")) << path;
        EXPECT_EQ(there.body.size(), nowhere.body.size()) << path;
    }
}

TEST_F(Api, EveryDocumentedExampleWorks) {
    const auto goal = "/v1/goals/" + new_goal();
    std::string milestone, item, user, batch, benchmark, closure, rule, webhook, webhook_body;
    const auto filled = [&](std::string path) {
        for (const auto& [name, value] :
             std::vector<std::pair<std::string, std::string>>{{"/v1/goals/{goal}", goal},
                                                              {"{milestone}", milestone},
                                                              {"{item}", item},
                                                              {"{location}", "main"},
                                                              {"{metric}", "revenue"},
                                                              {"{batch}", batch},
                                                              {"{benchmark}", benchmark},
                                                              {"{closure}", closure},
                                                              {"{rule}", rule},
                                                              {"{webhook}", webhook},
                                                              {"{user}", user}}) {
            const auto at = path.find(name);
            if (at != std::string::npos) path.replace(at, name.size(), value);
        }
        return path;
    };
    for (const auto& route : http::routes()) {
        const auto* command = std::get_if<http::Command>(&route.does);
        if (command == nullptr || route.access == http::Access::open) continue;
        // Anomalies are made by data, not by a command.
        if (command->name.starts_with("anomaly.")) continue;
        if (command->name == "goal.abandon" || command->name == "goal.reopen") {
            ASSERT_NE(post(goal + "/reopen", "{}").status, 500);
        }
        auto headers = write_headers(tenant);
        for (auto& [name, value] : headers) {
            if (name == "Content-Type") value = command->media.front();
        }
        const auto answer = client.send(std::string{route.method}, filled(std::string{route.path}),
                                        headers, std::string{command->example});
        // An active goal's measure and timeframe need a reason, a closed goal none: both say so.
        const bool fine = answer.status == 200 || answer.status == 201 || answer.status == 409;
        EXPECT_TRUE(fine) << route.method << " " << route.path << "\n" << answer.body;
        if (command->name == "milestone.add") milestone = member(answer.body, "id");
        if (command->name == "action-item.add") item = member(answer.body, "id");
        if (command->name == "metric.ingest") batch = member(answer.body, "id");
        if (command->name == "benchmark.register") benchmark = member(answer.body, "id");
        if (command->name == "closure.plan") closure = member(answer.body, "id");
        if (command->name == "alert-rule.set") rule = member(answer.body, "id");
        if (command->name == "webhook.create") {
            webhook = member(answer.body, "id");
            webhook_body = command->example;
        }
        if (command->name == "webhook.delete")
            webhook = member(post("/v1/webhooks", webhook_body).body, "id");
        if (command->name == "user.register") user = member(answer.body, "id");
    }
}

TEST_F(Api, EveryWrongInputGetsItsFourHundred) {
    const std::string deep(40, '[');
    const std::vector<std::pair<std::string, int>> bodies{
        {"{", 400},
        {"[]", 422},
        {"\"x\"", 422},
        {"null", 422},
        {"{\"title\":1}", 422},
        {"{\"title\":\"\"}", 422},
        {"{\"title\":\"a\\u0000b\"}", 400},
        {"{\"title\":\"\xff\xfe\"}", 400},
        {"{\"title\":\"a\",\"title\":\"b\"}", 400},
        {"{\"title\":\"a\",\"unknown\":1}", 422},
        {deep, 400},
        {"\xEF\xBB\xBF{}", 400},
        {"{\"title\":\"a\"} x", 400},
        {"{\"title\":1e999}", 400},
        {R"({"title":"a","specific":{"owner":"no uuid"}})", 422},
        {R"({"title":"a","measurable":{"metric":"m","direction":"increase","baseline":"1e400",)"
         R"("target_value":"2","unit":"u"}})",
         422},
        {R"({"title":"a","measurable":{"metric":"m","direction":"sideways","baseline":"1",)"
         R"("target_value":"2","unit":"u"}})",
         422},
        {R"({"title":"a","time_bound":{"start_date":"2026-02-30","target_date":"2026-03-01"}})",
         422},
        {"{\"title\":\"" + std::string(300, 'x') + "\"}", 422},
    };
    for (const auto& [body, status] : bodies) {
        const auto answer = post("/v1/goals", body);
        EXPECT_EQ(answer.status, status) << body.substr(0, 80) << "\n" << answer.body;
        EXPECT_EQ(answer.header("content-type"), "application/problem+json") << body.substr(0, 80);
    }
    EXPECT_EQ(post("/v1/goals", "{\"title\":\"" + std::string(2 << 20, 'x') + "\"}").status, 413);
    EXPECT_EQ(get("/v1/goals").status, 200);
}

TEST_F(Api, AllFaultsComeAtOnceWithTheirPointers) {
    const auto answer = post("/v1/goals", R"({"title":7,"specific":{"focus_area":[]},"x":1})");
    EXPECT_EQ(answer.status, 422);
    for (const auto* pointer : {"#/title", "#/specific/focus_area", "#/x"})
        EXPECT_NE(answer.body.find(pointer), std::string::npos) << pointer << answer.body;
}

TEST_F(Api, HeadersAreHeldToTheirForm) {
    const auto with = [&](Headers headers) {
        headers.emplace_back("Authorization", "Bearer " + tenant.token);
        headers.emplace_back("Content-Type", "application/json");
        return client.send("POST", "/v1/goals", headers, support::goal_body()).status;
    };
    EXPECT_EQ(with({}), 400);
    EXPECT_EQ(with({{"Idempotency-Key", "a b"}}), 400);
    EXPECT_EQ(with({{"Idempotency-Key", std::string(200, 'k')}}), 400);
    EXPECT_EQ(with({{"Idempotency-Key", "k1"}, {"If-Match", "W/\"1\""}}), 400);
    EXPECT_EQ(with({{"Idempotency-Key", "k1"}, {"If-Match", "\"1\""}, {"Expected-Version", "2"}}),
              400);
    EXPECT_EQ(client
                  .send("POST", "/v1/goals",
                        {{"Authorization", "Bearer " + tenant.token},
                         {"Idempotency-Key", "k2"},
                         {"Content-Type", "text/plain"}},
                        "{}")
                  .status,
              415);
    EXPECT_EQ(get("/v1/goals?limit=0").status, 400);
    EXPECT_EQ(get("/v1/goals?limit=501").status, 400);
    EXPECT_EQ(get("/v1/goals?nonsense=1").status, 400);
    EXPECT_EQ(get("/v1/goals?cursor=abc").status, 400);
    EXPECT_EQ(get("/v1/goals", {{"Consistency-Token", "\"c1.forged\""}}).status, 400);
    EXPECT_EQ(get("/v1/goals/").status, 404);
    EXPECT_EQ(client.send("PUT", "/v1/goals", write_headers(tenant), "{}").status, 405);
}

TEST_F(Api, WithoutATokenOrWithAWrongOneNothingIsSaid) {
    const std::vector<std::string> tokens{"", "x", "a.b.c", tenant.token.substr(1),
                                          tenant.token + "x"};
    for (const auto& token : tokens) {
        const auto answer =
            client.send("GET", "/v1/goals", {{"Authorization", "Bearer " + token}}, "");
        EXPECT_EQ(answer.status, 401) << token;
        EXPECT_EQ(answer.header("www-authenticate"), "Bearer");
    }
    EXPECT_EQ(client.send("GET", "/v1/goals", {}, "").status, 401);
}

TEST_F(Api, ATokenWhoseBitsAreFlippedIsRefused) {
    auto token = tenant.token;
    for (std::size_t i = 0; i + 1 < token.size(); i += 7) {
        auto flipped = token;
        flipped[i] = flipped[i] == 'A' ? 'B' : 'A';
        if (flipped == token) continue;
        EXPECT_EQ(client.send("GET", "/v1/me", {{"Authorization", "Bearer " + flipped}}, "").status,
                  401)
            << i;
    }
}

TEST_F(Api, PagesFollowEachOtherWithoutGapsOrRepeats) {
    support::Response last;
    for (int i = 0; i < 7; ++i) last = post("/v1/goals", support::goal_body());
    std::set<std::string> seen;
    std::string next = "/v1/goals?limit=3";
    int pages = 0;
    while (next != "null" && !next.empty() && pages < 10) {
        const auto page = get_after(last, next);
        ASSERT_EQ(page.status, 200) << page.body;
        const std::string_view before = "{\"id\":\"";
        for (auto at = page.body.find(before); at != std::string::npos;
             at = page.body.find(before, at + 1))
            EXPECT_TRUE(seen.insert(page.body.substr(at + before.size(), 36)).second);
        next = member(page.body, "next");
        ++pages;
    }
    EXPECT_EQ(seen.size(), 7u);
    EXPECT_EQ(pages, 3);
}

TEST_F(Api, ValidateOnlyDecidesAndAppendsNothing) {
    const auto key = write_headers(tenant, "dry");
    const auto dry = client.send("POST", "/v1/goals?validate_only=true", key, support::goal_body());
    EXPECT_EQ(dry.status, 200) << dry.body;
    EXPECT_EQ(member(dry.body, "validated_only"), "true");
    EXPECT_NE(dry.body.find("goal.drafted"), std::string::npos);
    EXPECT_EQ(client.send("POST", "/v1/goals", key, support::goal_body()).status, 201);
}

TEST_F(Api, RolesMayDoWhatTheyMay) {
    const auto token = [&](const char* role) {
        return support::app().token({*domain::uuid_from(tenant.id)},
                                    {*domain::uuid_from(tenant.user)}, role, 600);
    };
    const auto draft_as = [&](const char* role) {
        const Tenant as{tenant.id, tenant.user, token(role)};
        return client.send("POST", "/v1/goals", write_headers(as), support::goal_body()).status;
    };
    EXPECT_EQ(draft_as("owner"), 201);
    EXPECT_EQ(draft_as("manager"), 201);
    for (const auto* role : {"staff", "adviser", "viewer"}) EXPECT_EQ(draft_as(role), 403);
    const Tenant viewer{tenant.id, tenant.user, token("viewer")};
    EXPECT_EQ(client.send("GET", "/v1/goals", read_headers(viewer), "").status, 200);
}

TEST_F(Api, PeopleAreKnownByTheirAddressOnce) {
    const std::string body =
        R"({"email":"Cook@example.com","display_name":"B. Cook","role":"staff"})";
    const auto made = post("/v1/users", body);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(post("/v1/users", body).status, 409);
    const auto user = get_after(made, made.header("location"));
    EXPECT_EQ(member(user.body, "email"), "Cook@example.com") << user.body;
    EXPECT_EQ(member(get_after(made, "/v1/me").body, "display_name"), "Canary Owner");
}

TEST_F(Api, PersonalDataIsNowhereInPlainSql) {
    const auto path = "/v1/goals/" + new_goal();
    ASSERT_EQ(post(path + "/activate", "").status, 200);
    const auto check_in = post(path + "/check-ins", R"({"notes":"CANARY-notes-4711"})");
    ASSERT_EQ(check_in.status, 201);
    ASSERT_EQ(member(get_after(check_in, path).body, "notes"), "CANARY-notes-4711");
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    for (const auto* table : {"log.event", "log.command", "log.claim", "board.goal_check_in",
                              "board.smart_goals", "board.person", "keys.data_key"}) {
        for (const auto* canary : {"CANARY-notes", "Canary Owner", "owner@example.com"}) {
            const auto found = tx.exec("select count(*) from " + std::string{table} +
                                       " t where t::text ilike '%" + canary + "%'");
            EXPECT_EQ(found.one_field().as<int>(), 0) << table << " " << canary;
        }
    }
}

TEST_F(Api, EveryProblemCodeIsDocumented) {
    std::set<std::string> codes;
    for (const auto& doc : http::all_problems()) {
        EXPECT_TRUE(codes.insert(std::string{doc.code}).second) << doc.code;
        EXPECT_EQ(client.send("GET", "/problems/" + std::string{doc.code}, {}, "").status, 200);
    }
    for (const auto* code : {"not-found", "validation-failed", "version-conflict", "overloaded"})
        EXPECT_TRUE(codes.contains(code)) << code;
}

TEST_F(Api, TheAdminListenerTellsLifeReadinessAndMetrics) {
    HttpClient admin{support::app().admin_port()};
    EXPECT_EQ(admin.send("GET", "/livez", {}, "").status, 200);
    EXPECT_EQ(admin.send("GET", "/readyz", {}, "").status, 200);
    const auto metrics = admin.send("GET", "/metrics", {}, "");
    EXPECT_NE(metrics.body.find("cairn_events_appended_total"), std::string::npos);
    EXPECT_EQ(metrics.body.find("Canary"), std::string::npos);
    EXPECT_EQ(client.send("GET", "/openapi.json", {}, "").status, 200);
}

}  // namespace
}  // namespace api_test
