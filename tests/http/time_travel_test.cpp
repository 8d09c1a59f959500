// Streams as of a version, a position and an instant, and what changed between two moments.
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace time_travel_test {
namespace {

using support::HttpClient;
using support::member;

class TimeTravel : public testing::Test {
protected:
    void SetUp() override {
        const auto made =
            client.send("POST", "/v1/goals", support::write_headers(tenant), support::goal_body());
        goal = member(made.body, "id");
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
        const auto active = client.send("POST", "/v1/goals/" + goal + "/activate",
                                        support::write_headers(tenant), "{}");
        ASSERT_EQ(active.status, 200) << active.body;
    }
    support::Response get(const std::string& path) {
        return client.send("GET", path, support::read_headers(tenant), "");
    }
    std::string stream(const std::string& as_of) {
        return "/v1/streams/goal-" + goal + (as_of.empty() ? "" : "?as_of=" + as_of);
    }

    HttpClient client{support::app().port()};
    support::Tenant tenant = support::register_tenant(client);
    std::string goal;
};

TEST_F(TimeTravel, AStreamAsOfAVersionAPositionAndAnInstant) {
    const auto now = get(stream(""));
    ASSERT_EQ(now.status, 200) << now.body;
    EXPECT_EQ(member(now.body, "lifecycle"), "active");
    const auto first = get(stream("1"));
    EXPECT_EQ(member(first.body, "lifecycle"), "draft");
    EXPECT_EQ(member(first.body, "version"), "1");
    EXPECT_EQ(first.header("etag"), "\"1\"");
    const auto position = member(first.body, "position");
    EXPECT_EQ(get(stream("@" + position)).body, first.body);
    EXPECT_EQ(get(stream(member(first.body, "recorded_at"))).body, first.body);
    EXPECT_EQ(get(stream("2000-01-01T00:00:00Z")).status, 404);
    EXPECT_EQ(get(stream("soon")).status, 400);
}

TEST_F(TimeTravel, AnotherTenantsStreamIsAsMissingAsNone) {
    const auto mine = get(stream(""));
    const auto other = support::register_tenant(client);
    const auto foreign = client.send("GET", stream(""), support::read_headers(other), "");
    EXPECT_EQ(foreign.status, 404);
    EXPECT_EQ(mine.status, 200);
    EXPECT_EQ(get("/v1/streams/goal-01890a5d-ac96-774b-bcce-b302099a8057").status, 404);
    EXPECT_EQ(get("/v1/streams/nothing").status, 404);
}

TEST_F(TimeTravel, PersonalValuesStaySealed) {
    const auto user = get("/v1/streams/user-" + tenant.user);
    ASSERT_EQ(user.status, 200) << user.body;
    EXPECT_EQ(user.body.find("Canary"), std::string::npos);
    EXPECT_EQ(get("/v1/streams/location-" + goal).status, 404);
}

TEST_F(TimeTravel, WhatChangedBetweenTwoMoments) {
    const auto path = "/v1/goals/" + goal + "/diff";
    const auto changed = get(path + "?from=1");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_NE(changed.body.find(R"({"pointer":"/lifecycle","from":"draft","to":"active"})"),
              std::string::npos)
        << changed.body;
    EXPECT_NE(get(path + "?from=1&to=1").body.find(R"("changes":[])"), std::string::npos);
    const auto from_nothing = get(path + "?from=0&to=1");
    EXPECT_NE(from_nothing.body.find(R"({"pointer":"/lifecycle","from":null,"to":"draft"})"),
              std::string::npos)
        << from_nothing.body;
    EXPECT_EQ(get(path + "?from=soon").status, 400);
    EXPECT_EQ(get(path + "?since=1").status, 400) << "an unknown parameter";
}

}  // namespace
}  // namespace time_travel_test
