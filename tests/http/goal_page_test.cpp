// An item of the page of goals is written column by column: it must say what the goal itself says.
#include "events/document.hpp"
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
        headers.emplace_back("Consistency-Token", token);
        return client.send("GET", path, headers, "");
    }
    /// The goal's path.
    std::string send(const std::string& path, const std::string& body) {
        const auto done = client.send("POST", path, support::write_headers(tenant), body);
        EXPECT_LT(done.status, 300) << done.body;
        token = done.header("consistency-token");
        return path == "/v1/goals" ? done.header("location") : path;
    }
    /// Holds the only goal of this tenant against the only item of its page.
    void expect_item_says_what_goal_says(const std::string& path) {
        const auto goal = get(path);
        const auto page = get("/v1/goals?limit=10");
        const auto whole = events::Document::parse(goal.body);
        const auto listed = events::Document::parse(page.body);
        ASSERT_TRUE(whole) << goal.body;
        ASSERT_TRUE(listed) << page.body;
        const auto items = listed->root().find("items")->items();
        ASSERT_EQ(items.size(), 1u) << page.body;
        const auto names = items.front().members();
        EXPECT_EQ(names.size(), 16u) << page.body;
        for (const auto name : names) {
            const auto said = whole->root().find(name);
            ASSERT_TRUE(said) << name;
            EXPECT_EQ(items.front().find(name)->dump(), said->dump()) << name;
        }
    }

    HttpClient client{support::app().port()};
    support::Tenant tenant = support::register_tenant(client);
    std::string token;
};

TEST_F(GoalPage, SaysOfAGoalWhatTheGoalSays) {
    const auto goal = send("/v1/goals", support::goal_body(R"(\"Quotes\" \\ and ü)"));
    expect_item_says_what_goal_says(goal);
    send(goal + "/activate", "{}");
    expect_item_says_what_goal_says(goal);
    send(goal + "/check-ins", R"({"value":"150","confidence":8})");
    expect_item_says_what_goal_says(goal);
    EXPECT_EQ(member(get("/v1/goals").body, "progress"), "0.375");
}

TEST_F(GoalPage, SaysNullOfWhatADraftLeavesOpen) {
    expect_item_says_what_goal_says(send("/v1/goals", R"({"title":"Only a title"})"));
    EXPECT_EQ(member(get("/v1/goals").body, "progress"), "null");
}

}  // namespace
}  // namespace goal_page_test
