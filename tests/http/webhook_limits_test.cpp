// What a tenant may have of webhooks, and who sees their addresses.
#include "tests/support/webhook_api.hpp"

#include <algorithm>

namespace webhook_limits_test {
namespace {

using support::HttpClient;
using support::member;
using support::Received;
using support::Receiver;
using support::Treatment;
using WebhookLimits = support::WebhookApi;

TEST_F(WebhookLimits, OneTestOfATenantAtATime) {
    Receiver slow{[](const Received&, int) { return Treatment{.delay_milliseconds = 700}; }};
    const auto webhook = made(slow.url());
    until_has(webhook, "enabled");
    std::thread first{[&] {
        HttpClient another{support::app().port()};
        EXPECT_EQ(
            another.send("POST", webhook + "/test", support::write_headers(tenant), "").status,
            200);
    }};
    slow.wait_for(1);
    const auto second = send("POST", webhook + "/test");
    EXPECT_EQ(second.status, 409);
    EXPECT_TRUE(second.body.contains("/problems/webhook-test-under-way")) << second.body;
    first.join();
}

TEST_F(WebhookLimits, ATenantHasAtMostTwentyAndARepeatIsNoOtherOne) {
    const std::string body = R"({"url":"https://example.com/hook"})";
    std::vector<std::string> all;
    for (int i = 0; i < 19; ++i) all.push_back(made("https://example.com/hook"));
    const auto key = domain::to_text(runtime::uuid_v7());
    const auto last =
        client.send("POST", "/v1/webhooks", support::write_headers(tenant, key), body);
    ASSERT_EQ(last.status, 201) << last.body;
    const auto more = create("https://example.com/hook");
    EXPECT_EQ(more.status, 409);
    EXPECT_TRUE(more.body.contains("/problems/too-many-webhooks")) << more.body;
    const auto again =
        client.send("POST", "/v1/webhooks", support::write_headers(tenant, key), body);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.header("location"), last.header("location"));
    ASSERT_EQ(send("DELETE", all.front()).status, 200);
    EXPECT_EQ(create("https://example.com/hook").status, 201);
    EXPECT_EQ(create("https://example.com/hook").status, 409);
}

TEST_F(WebhookLimits, OfItsAddressEventsShowTheOriginAlone) {
    Receiver receiver;
    made(receiver.url("/other"), "[]");
    const auto webhook = made("https://hooks.example.com/T0/s3cr3t-path?k=s3cr3t-key");
    ASSERT_EQ(
        send("PATCH", webhook, R"({"url":"https://hooks.example.com/T1/s3cr3t-path"})").status,
        200);
    const auto id = webhook.substr(webhook.rfind('/') + 1);
    EXPECT_TRUE(until_has(webhook, "T1").contains("s3cr3t-path")) << "planners see it";
    EXPECT_FALSE(get("/v1/streams/webhook-" + id).contains("s3cr3t"));
    const auto headers = [&](const std::string& accept) {
        auto all = support::read_headers(tenant);
        all.push_back({"Accept", accept});
        return all;
    };
    for (const auto* form : {"application/json", "application/cloudevents-batch+json"}) {
        const auto shown = client.send("GET", "/v1/events", headers(form), "").body;
        EXPECT_TRUE(shown.contains(R"("url":"https://hooks.example.com")")) << shown;
        EXPECT_FALSE(shown.contains("s3cr3t")) << shown;
    }
    const auto is_changed = [](const Received& one) {
        return member(one.body, "type") == "webhook.changed";
    };
    std::vector<Received> got;
    for (int i = 0; i < 100 && std::ranges::none_of(got, is_changed); ++i)
        got = receiver.wait_for(got.size() + 1);
    EXPECT_TRUE(std::ranges::any_of(got, is_changed));
    for (const auto& one : got) EXPECT_FALSE(one.body.contains("s3cr3t")) << one.body;
}

TEST_F(WebhookLimits, WhatAnOldAddressAnswersSaysNothingOfTheNewOne) {
    Receiver old{
        [](const Received&, int) { return Treatment{.status = 410, .delay_milliseconds = 700}; }};
    Receiver current;
    const auto webhook = made(old.url());
    goal();
    old.wait_for(1);
    ASSERT_EQ(send("PATCH", webhook, R"({"url":")" + current.url() + "\"}").status, 200);
    EXPECT_EQ(current.wait_for(1).size(), 1u) << "the attempt that failed is made again there";
    EXPECT_EQ(member(get(webhook), "status"), "enabled");
    EXPECT_EQ(member(until_has(webhook + "/deliveries", "\"delivered\""), "attempts"), "2");
}

}  // namespace
}  // namespace webhook_limits_test
