// An item of a page of goals says what the goal itself says, now and in the past.
#include "events/document.hpp"
#include "src/runtime/clock.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

namespace goal_page_test {
namespace {

using support::HttpClient;
using support::member;

class GoalPage : public testing::Test {
protected:
    support::Response get(const std::string& path) {
        auto headers = support::read_headers(tenant);
        if (!token.empty()) headers.emplace_back("Consistency-Token", token);
        return client.send("GET", path, headers, "");
    }
    /// The goal's path.
    std::string send(const std::string& path, const std::string& body) {
        const auto done = client.send("POST", path, support::write_headers(tenant), body);
        EXPECT_LT(done.status, 300) << done.body;
        token = done.header("consistency-token");
        return path == "/v1/goals" ? done.header("location") : path;
    }
    static void expect_item_says(const std::string& page_body, const std::string& goal_body) {
        const auto page = events::Document::parse(page_body);
        const auto goal = events::Document::parse(goal_body);
        ASSERT_TRUE(page) << page_body;
        ASSERT_TRUE(goal) << goal_body;
        const auto items = page->root().find("items")->items();
        ASSERT_EQ(items.size(), 1u) << page_body;
        const auto names = items.front().members();
        EXPECT_EQ(names.size(), 16u) << page_body;
        for (const auto name : names) {
            const auto said = goal->root().find(name);
            ASSERT_TRUE(said) << name;
            EXPECT_EQ(items.front().find(name)->dump(), said->dump()) << name;
        }
    }
    /// Holds the tenant's only goal against the only item of its page, and both against what is
    /// said of this moment as one in the past.
    void expect_item_says_what_goal_says(const std::string& path) {
        const auto goal = get(path).body;
        expect_item_says(get("/v1/goals?limit=10").body, goal);
        const auto as_of = "as_of=" + domain::to_text(runtime::now());
        expect_item_says(get("/v1/goals?" + as_of).body, goal);
        expect_item_says(get("/v1/goals").body, get(path + "?" + as_of).body);
        const auto position = "as_of=" + get("/v1/goals?" + as_of).header("as-of");
        expect_item_says(get("/v1/goals?" + position).body, get(path + "?" + position).body);
    }

    HttpClient client{support::app().port()};
    support::Tenant tenant = support::register_tenant(client);
    std::string token;
};

TEST_F(GoalPage, SaysOfAGoalWhatTheGoalSaysWhateverTheDay) {
    // One of the two has another business day than UTC at any hour.
    for (const auto* zone : {"Pacific/Pago_Pago", "Pacific/Kiritimati"}) {
        tenant = support::register_tenant(client, zone);
        token.clear();
        const auto goal = send("/v1/goals", support::goal_body(R"(\"Quotes\" \\ and ü)"));
        expect_item_says_what_goal_says(goal);
        send(goal + "/activate", "{}");
        expect_item_says_what_goal_says(goal);
        send(goal + "/check-ins", R"({"value":"150","confidence":8})");
        expect_item_says_what_goal_says(goal);
        EXPECT_EQ(member(get("/v1/goals").body, "progress"), "0.375");
        send(goal + "/complete", R"({"final_value":"190"})");
        expect_item_says_what_goal_says(goal);
        EXPECT_EQ(member(get("/v1/goals").body, "expected_value"), "null") << "it is over";
    }
}

TEST_F(GoalPage, SaysNullOfWhatADraftLeavesOpen) {
    expect_item_says_what_goal_says(send("/v1/goals", R"({"title":"Only a title"})"));
    EXPECT_EQ(member(get("/v1/goals").body, "progress"), "null");
}

}  // namespace
}  // namespace goal_page_test
