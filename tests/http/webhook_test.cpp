// Webhooks as their receivers see them: signed, at least once, under one id, and nowhere private.
#include "events/document.hpp"
#include "tests/support/webhook_api.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <pqxx/pqxx>
#include <set>
#include <thread>

namespace webhook_test {
namespace {

using support::member;
using support::Received;
using support::Receiver;
using support::Treatment;
using support::WebhookApi;

TEST_F(WebhookApi, SendsWhatMatchesAsASignedCloudEvent) {
    Receiver receiver;
    const auto webhook = made(receiver.url());
    ASSERT_EQ(send("POST", "/v1/metrics", R"({"key":"tips","name":"Tips","unit":"USD"})").status,
              201);
    const auto id = goal();
    const auto got = receiver.wait_for(1);
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].header("content-type"), "application/cloudevents+json");
    EXPECT_EQ(member(got[0].body, "type"), "goal.drafted");
    EXPECT_EQ(member(got[0].body, "subject"), "goal-" + id);
    EXPECT_EQ(got[0].header("webhook-id"), member(got[0].body, "id"));
    EXPECT_TRUE(got[0].header("webhook-signature").starts_with("v1,"));
    const auto delivery = until_has(webhook + "/deliveries", "\"delivered\"");
    EXPECT_EQ(member(delivery, "id"), got[0].header("webhook-id"));
    EXPECT_EQ(member(delivery, "attempts"), "1");
    EXPECT_EQ(member(delivery, "answer_status"), "204");
}

TEST_F(WebhookApi, LeavesPersonalValuesSealed) {
    Receiver receiver;
    made(receiver.url(), R"(["goal.*","user.*"])");
    const auto id = goal();
    send("POST", "/v1/goals/" + id + "/activate");
    ASSERT_EQ(send("POST", "/v1/goals/" + id + "/check-ins",
                   R"({"value":"130","confidence":7,"notes":"Canary Person said yes"})")
                  .status,
              201);
    ASSERT_EQ(send("POST", "/v1/users",
                   R"({"email":"canary@example.com","display_name":"Canary Person",)"
                   R"("role":"staff"})")
                  .status,
              201);
    const auto has = [](const std::vector<Received>& all, const std::string& type) {
        return std::ranges::any_of(
            all, [&](const Received& one) { return member(one.body, "type") == type; });
    };
    std::vector<Received> got;
    for (int i = 0; i < 1000 && !(has(got, "goal.checked-in") && has(got, "user.registered")); ++i)
        got = receiver.wait_for(got.size() + 1);
    EXPECT_TRUE(has(got, "goal.checked-in") && has(got, "user.registered"));
    for (const auto& one : got) {
        EXPECT_FALSE(one.body.contains("Canary") || one.body.contains("canary@")) << one.body;
        if (member(one.body, "type") == "goal.checked-in") {
            EXPECT_TRUE(one.body.contains(R"("notes":{"sealed":true})")) << one.body;
        }
    }
}

TEST_F(WebhookApi, TriesAgainUnderTheSameIdUntilItIsTaken) {
    Receiver receiver{[](const Received&, int count) {
        return count < 2 ? Treatment{.status = 500, .body = "Not\nyet"} : Treatment{};
    }};
    const auto webhook = made(receiver.url());
    goal();
    const auto got = receiver.wait_for(3);
    ASSERT_EQ(got.size(), 3u);
    for (const auto& one : got) {
        EXPECT_EQ(one.header("webhook-id"), got[0].header("webhook-id"));
        EXPECT_EQ(one.body, got[0].body);
    }
    const auto delivery = until_has(webhook + "/deliveries", "\"delivered\"");
    EXPECT_EQ(member(delivery, "attempts"), "3");
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    EXPECT_EQ(receiver.received().size(), 3u) << "what was taken is not sent again";
}

TEST_F(WebhookApi, EightFailuresMakeADeadLetterAndRedeliveryBeginsAnew) {
    std::atomic<bool> mended{false};
    Receiver receiver{[&](const Received&, int) {
        return mended ? Treatment{} : Treatment{.status = 500, .body = "Out of\norder"};
    }};
    const auto webhook = made(receiver.url());
    goal("One");
    goal("Two");
    const auto is_dead = [](const std::string& answer) { return member(answer, "dead") == "2"; };
    until(webhook, is_dead);
    EXPECT_EQ(receiver.received().size(), 16u);
    const auto dead = get(webhook + "/deliveries?status=dead&limit=1");
    EXPECT_EQ(member(dead, "attempts"), "8");
    EXPECT_EQ(member(dead, "answer_status"), "500");
    EXPECT_EQ(member(dead, "excerpt"), "Out of.order");
    EXPECT_TRUE(dead.contains("\"next\":\"/v1/webhooks/")) << dead;

    mended = true;
    const auto one = send("POST", webhook + "/deliveries/" + member(dead, "id") + "/redelivery");
    EXPECT_EQ(member(one.body, "count"), "1");
    const auto delivered = until_has(webhook + "/deliveries?status=delivered", "\"delivered\"");
    EXPECT_EQ(member(delivered, "attempts"), "9");
    EXPECT_EQ(send("POST", webhook + "/redeliveries", R"({"since":"2100-01-01T00:00:00Z"})").body,
              R"({"count":0})");
    EXPECT_EQ(send("POST", webhook + "/redeliveries", R"({"since":"2020-01-01T00:00:00Z"})").body,
              R"({"count":1})");
    until(webhook, [](const std::string& a) { return member(a, "dead") == "0"; });
    for (const std::string action : {"webhook.redeliver", "webhook.redeliver-dead"})
        until_has("/v1/audit/entries?action=" + action, "\"" + action + "\"");
    EXPECT_EQ(receiver.wait_for(18).size(), 18u);
    EXPECT_EQ(send("POST", webhook + "/deliveries/" + webhook.substr(13) + "/redelivery").status,
              404);
    EXPECT_EQ(send("POST", webhook + "/redeliveries", R"({"since":"yesterday"})").status, 422);
}

TEST_F(WebhookApi, AnAddressThatIsGoneIsDisabledAndGoesOnWhereItStood) {
    std::atomic<bool> gone{true};
    Receiver receiver{[&](const Received&, int) { return Treatment{.status = gone ? 410 : 200}; }};
    const auto webhook = made(receiver.url());
    goal("While it is gone");
    const auto disabled = until_has(webhook, "\"disabled\"");
    EXPECT_EQ(member(disabled, "disabled_cause"), "gone");
    EXPECT_TRUE(get("/v1/events?type=webhook.disabled").contains("\"cause\":\"gone\""));
    goal("While it is disabled");
    const auto before = receiver.received().size();
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    EXPECT_EQ(receiver.received().size(), before);
    gone = false;
    ASSERT_EQ(send("POST", webhook + "/enable").status, 200);
    until(webhook + "/deliveries", [](const std::string& answer) {
        return answer.contains("delivered") && !answer.contains("pending");
    });
    std::set<std::string> ids;
    for (const auto& one : receiver.received()) ids.insert(one.header("webhook-id"));
    EXPECT_EQ(ids.size(), 2u) << "both events arrived";
}

TEST_F(WebhookApi, WhatFailsForFiveDaysIsDisabledAndALastSuccessKeepsIt) {
    Receiver receiver{[](const Received& request, int) {
        return Treatment{.status = request.body.contains("goal.drafted") ? 204 : 500};
    }};
    const auto failing = made(receiver.url(), R"(["metric.defined"])");
    const auto working = made(receiver.url(), R"(["metric.defined","goal.drafted"])");
    constexpr int day_seconds = 86'400;
    until_has(failing, "created_at");
    until_has(working, "created_at");
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    const support::MovedBack failing_tried{failing, "tried_since", 9 * day_seconds};
    const support::MovedBack working_tried{working, "tried_since", 9 * day_seconds};
    {
        pqxx::connection admin{support::admin_database().url};
        const auto moved = pqxx::nontransaction{admin}.exec(
            "update feed.webhook set failing_since = now() - interval '6 days' "
            "where webhook in ($1, $2)",
            pqxx::params{failing.substr(failing.rfind('/') + 1),
                         working.substr(working.rfind('/') + 1)});
        ASSERT_EQ(moved.affected_rows(), 2);
    }
    goal();
    until_has(working + "/deliveries", "\"delivered\"");
    ASSERT_EQ(send("POST", "/v1/metrics", R"({"key":"tips","name":"Tips","unit":"USD"})").status,
              201);
    EXPECT_EQ(member(until_has(failing, "\"disabled\""), "disabled_cause"), "failing");
    until_has(working + "/deliveries", "500");
    EXPECT_EQ(member(get(working), "status"), "enabled");
}

TEST_F(WebhookApi, FollowsNoRedirect) {
    Receiver inside;
    Receiver receiver{[&](const Received&, int) {
        return Treatment{.status = 307, .headers = "Location: " + inside.url() + "\r\n"};
    }};
    const auto webhook = made(receiver.url());
    goal();
    until_has(webhook + "/deliveries", "307");
    EXPECT_TRUE(inside.received().empty());
}

TEST_F(WebhookApi, BearsReceiversThatMisbehave) {
    Receiver slow{[](const Received&, int) { return Treatment{.delay_milliseconds = 3000}; }};
    Receiver rude{[](const Received&, int) { return Treatment{.hangs_up = true}; }};
    Receiver huge{[](const Received&, int) {
        return Treatment{.status = 200, .body = "\x01<b>", .body_bytes = 50'000'000};
    }};
    const auto to_slow = made(slow.url()), to_rude = made(rude.url()), to_huge = made(huge.url());
    goal();
    until_has(to_slow + "/deliveries", "\"timeout\"");
    until_has(to_rude + "/deliveries", "\"connection-broken\"");
    const auto delivery = until_has(to_huge + "/deliveries", "\"delivered\"");
    EXPECT_EQ(member(delivery, "excerpt").size(), 500u);
    EXPECT_TRUE(member(delivery, "excerpt").starts_with(".<b>xxx")) << delivery;
    for (const auto& webhook : {to_slow, to_rude, to_huge})
        EXPECT_EQ(send("DELETE", webhook).status, 200);
}

TEST_F(WebhookApi, WaitsAsLongAsTheReceiverAsks) {
    // A ten-thousandth of the schedule's time: 21,600 s are 2.16 s, the first pause half a one.
    Receiver receiver{[](const Received&, int count) {
        return count == 0 ? Treatment{.status = 503, .headers = "Retry-After: 90000\r\n"}
                          : Treatment{};
    }};
    const auto webhook = made(receiver.url());
    goal();
    receiver.wait_for(1);
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(receiver.wait_for(2).size(), 2u);
    EXPECT_GT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{2});
}

TEST_F(WebhookApi, OldAndNewSecretSignAfterARotation) {
    Receiver receiver;
    const std::string body = R"({"url":")" + receiver.url() + "\"}";
    const auto key = domain::to_text(runtime::uuid_v7());
    const auto first =
        client.send("POST", "/v1/webhooks", support::write_headers(tenant, key), body);
    const auto again =
        client.send("POST", "/v1/webhooks", support::write_headers(tenant, key), body);
    const auto webhook = first.header("location");
    const auto secret = member(first.body, "secret");
    EXPECT_TRUE(secret.starts_with("whsec_"));
    EXPECT_EQ(member(again.body, "secret"), secret) << "a repeat is answered the same";
    EXPECT_TRUE(get(webhook + "/secret").contains(secret));
    EXPECT_TRUE(get(webhook + "/secret").contains("\"previous\":null"));
    const auto rotated = send("POST", webhook + "/rotate-secret");
    const auto second = member(rotated.body, "secret");
    EXPECT_NE(second, secret);
    const auto both = get(webhook + "/secret");
    EXPECT_TRUE(both.starts_with(R"({"secret":")" + second) && both.contains(secret)) << both;
    until(webhook, [](const std::string& answer) { return member(answer, "version") == "2"; });
    goal();
    const auto is_goal = [](const Received& one) { return one.body.contains("goal.drafted"); };
    std::vector<Received> got;
    for (int i = 0; i < 100 && std::ranges::none_of(got, is_goal); ++i)
        got = receiver.wait_for(got.size() + 1);
    const auto last = std::ranges::find_if(got, is_goal);
    ASSERT_NE(last, got.end());
    const auto signatures = last->header("webhook-signature");
    EXPECT_EQ(std::ranges::count(signatures, ' '), 1) << signatures;
    const support::MovedBack over{webhook, "previous_until", 1};
    const auto before = receiver.received().size();
    goal("After a day");
    const auto after_a_day = receiver.wait_for(before + 1).at(before);
    EXPECT_FALSE(after_a_day.header("webhook-signature").contains(' ')) << "a day is over";
    EXPECT_TRUE(get("/v1/audit/entries?action=webhook.secret").contains("webhook.secret"));
}

TEST_F(WebhookApi, SecretsAreInNoTable) {
    const auto made_now = create("https://example.com/hook");
    ASSERT_EQ(made_now.status, 201) << made_now.body;
    const auto secret = member(made_now.body, "secret").substr(6, 20);
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    for (const auto* table : {"log.event", "board.webhook", "feed.webhook", "audit.access"})
        EXPECT_EQ(tx.query_value<int>(std::string{"select count(*) from "} + table +
                                      " t where t::text like '%" + secret + "%'"),
                  0)
            << table;
}

TEST_F(WebhookApi, ATestIsSentAtOnceAndTellsWhatCameOfIt) {
    Receiver receiver{[](const Received&, int count) {
        return count == 0 ? Treatment{.status = 202, .body = "thanks"} : Treatment{.status = 404};
    }};
    const auto webhook = made(receiver.url());
    until_has(webhook, "enabled");
    const auto first = send("POST", webhook + "/test");
    EXPECT_TRUE(first.body.contains(R"("delivered":true,"answer_status":202,"failure":null,)"
                                    R"("excerpt":"thanks")"))
        << first.body;
    EXPECT_EQ(member(receiver.wait_for(1)[0].body, "type"), "webhook.test");
    EXPECT_TRUE(send("POST", webhook + "/test").body.contains(R"("delivered":false)"));
    EXPECT_EQ(get(webhook + "/deliveries"), R"({"items":[],"next":null})");
    until_has("/v1/audit/entries?action=webhook.test", "webhook.test");
}

TEST_F(WebhookApi, RefusesAddressesThatItWouldNotSendTo) {
    for (const auto* url : {"file:///etc/passwd", "gopher://example.com/", "http://10.0.0.1/",
                            "https://user@example.com/", "https://169.254.169.254/latest"}) {
        const auto answer = create(url);
        EXPECT_EQ(answer.status, 422) << url;
        EXPECT_TRUE(answer.body.contains("/problems/url-not-allowed")) << answer.body;
    }
    const auto webhook = made("https://example.com/hook");
    EXPECT_EQ(send("PATCH", webhook, R"({"url":"http://192.168.0.1/"})").status, 422);
    EXPECT_EQ(send("POST", "/v1/webhooks", R"({"description":"no address"})").status, 422);
    EXPECT_EQ(send("POST", "/v1/webhooks", R"({"url":null})").status, 422);
    EXPECT_EQ(create("https://example.com/", R"(["Not A Type"])").status, 422);
    EXPECT_EQ(send("PATCH", webhook, R"({"description":"The bar"})").status, 200);
    EXPECT_EQ(member(until_has(webhook, "The bar"), "url"), "https://example.com/hook");
}

TEST_F(WebhookApi, BelongsToItsTenantAndItsOwners) {
    Receiver receiver;
    const auto webhook = made(receiver.url(), "[]");
    until_has(webhook, "enabled");
    goal();
    const auto delivered = until_has(webhook + "/deliveries", "\"delivered\"");
    const auto count = receiver.received().size();
    const auto mine = std::exchange(tenant, support::register_tenant(client));
    goal("Another tenant's");
    for (const auto* what : {"", "/secret", "/deliveries"})
        EXPECT_EQ(client.send("GET", webhook + what, support::read_headers(tenant), "").status, 404)
            << what;
    for (const auto* what : {"/test", "/enable", "/disable", "/rotate-secret"})
        EXPECT_EQ(send("POST", webhook + what).status, 404) << what;
    EXPECT_EQ(send("POST", webhook + "/redeliveries", R"({"since":"2020-01-01T00:00:00Z"})").status,
              404);
    EXPECT_EQ(
        send("POST", webhook + "/deliveries/" + member(delivered, "id") + "/redelivery").status,
        404);
    EXPECT_EQ(send("DELETE", webhook).status, 404);
    EXPECT_FALSE(get("/v1/webhooks").contains("enabled"));
    EXPECT_EQ(receiver.received().size(), count) << "another tenant's events stay there";
    tenant = mine;
    tenant.token = support::app().token({*domain::uuid_from(tenant.id)},
                                        {*domain::uuid_from(tenant.user)}, "manager", 600);
    EXPECT_TRUE(get("/v1/webhooks").contains("enabled"));
    EXPECT_EQ(create(receiver.url()).status, 403);
    EXPECT_EQ(client.send("GET", webhook + "/secret", support::read_headers(tenant), "").status,
              403);
}

TEST_F(WebhookApi, ADeletedOneIsForgotten) {
    Receiver receiver;
    const auto webhook = made(receiver.url());
    goal();
    until_has(webhook + "/deliveries", "\"delivered\"");
    ASSERT_EQ(send("DELETE", webhook).status, 200);
    until_has(webhook, "not-found");
    const auto id = webhook.substr(webhook.rfind('/') + 1);
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    int left = 1;
    for (int i = 0; i < 200 && left > 0; ++i) {
        left = tx.query_value<int>("select count(*) from feed.webhook_delivery where webhook = '" +
                                   id + "'");
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    EXPECT_EQ(left, 0);
}

TEST_F(WebhookApi, ProcessesShareTheWorkAndDeliverEachEventOnce) {
    Receiver receiver;
    auto options = support::app_options();
    options.run_projections = false;
    options.serve_api = false;
    auto second = runtime::App::start(options);
    auto third = runtime::App::start(options);
    ASSERT_TRUE(second && third);
    const auto webhook = made(receiver.url());
    constexpr std::size_t goals = 60;
    for (std::size_t i = 0; i < goals; ++i) goal();
    EXPECT_GE(receiver.wait_for(goals).size(), goals);
    until(webhook, [](const std::string& answer) { return member(answer, "pending") == "0"; });
    std::set<std::string> ids;
    for (const auto& one : receiver.received()) ids.insert(one.header("webhook-id"));
    EXPECT_EQ(ids.size(), goals);
    EXPECT_EQ(receiver.received().size(), goals) << "none twice, as nothing failed";
}

}  // namespace
}  // namespace webhook_test
