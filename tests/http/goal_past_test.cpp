// The list of goals as it was, against what the list answered then; and what changed in between.
#include "projections/goal_past.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/clock.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <thread>

namespace goal_past_test {
namespace {

using support::HttpClient;
using support::member;

/// The page of what the log says at once, once the board has come as far as the last command.
class GoalPast : public testing::Test {
protected:
    support::Response get(const std::string& path) {
        auto headers = support::read_headers(tenant);
        if (!token.empty()) headers.emplace_back("Consistency-Token", token);
        return client.send("GET", path, headers, "");
    }
    support::Response send(const std::string& method, const std::string& path,
                           const std::string& body) {
        auto done = client.send(method, path, support::write_headers(tenant), body);
        EXPECT_LT(done.status, 300) << done.body;
        token = done.header("consistency-token");
        return done;
    }
    std::string draft(const std::string& title) {
        return member(send("POST", "/v1/goals", support::goal_body(title)).body, "id");
    }
    /// A goal's story, a step a call; what is done depends on nothing but the number.
    void step(int number) {
        if (number % 4 == 0 || goals.size() < 2) {
            goals.push_back(draft(R"(Goal \")" + std::to_string(97 * number % 50) + R"(\")"));
            send("POST", "/v1/goals/" + goals.back() + "/activate", "{}");
            return;
        }
        const auto& goal = goals[static_cast<std::size_t>(number * 7) % goals.size()];
        const auto path = "/v1/goals/" + goal;
        if (gone.contains(goal)) return;
        switch (number % 7) {
            case 0:
                send("DELETE", path, "");
                gone.insert(goal);
                break;
            case 1:
                send("PATCH", path, R"({"title":"Renamed at )" + std::to_string(number) + "\"}");
                break;
            default:
                send("POST", path + "/check-ins",
                     R"({"value":")" + std::to_string(110 + 3 * number) + R"(","confidence":7})");
        }
    }
    std::string position() {
        return get("/v1/goals?as_of=2100-01-01T00:00:00Z&limit=1").header("as-of");
    }
    static std::string instant_now() {
        std::this_thread::sleep_for(std::chrono::milliseconds{3});
        auto text = domain::to_text(runtime::now());
        std::this_thread::sleep_for(std::chrono::milliseconds{3});
        return text;
    }

    HttpClient client{support::app().port()};
    support::Tenant tenant = support::register_tenant(client);
    std::string token;
    std::vector<std::string> goals;
    std::set<std::string> gone;
};

constexpr std::string_view questions[]{
    "limit=500",
    "limit=500&sort=title",
    "limit=500&sort=target_date&lifecycle=active",
    "limit=500&lifecycle=archived",
    "limit=500&metric=regular_guests&target_date[lte]=2031-01-01",
    "limit=3&sort=title"};

/// The answer without its link, which names the question.
std::string items(const std::string& body) { return body.substr(0, body.rfind("\"next\"")); }

TEST_F(GoalPast, EveryListOfThePastIsWhatTheListAnsweredThen) {
    struct Seen {
        std::string position, instant;
        std::vector<std::string> bodies;
    };
    std::vector<Seen> seen;
    for (int number = 0; number < 40; ++number) {
        step(number);
        Seen then{position(), instant_now(), {}};
        for (const auto question : questions) {
            const auto live = get("/v1/goals?" + std::string{question});
            ASSERT_EQ(live.status, 200) << live.body;
            then.bodies.push_back(items(live.body));
        }
        seen.push_back(std::move(then));
    }
    for (const auto& then : seen) {
        for (std::size_t i = 0; i < std::size(questions); ++i) {
            const auto question = "/v1/goals?" + std::string{questions[i]} + "&as_of=";
            const auto at_position = get(question + then.position);
            EXPECT_EQ(items(at_position.body), then.bodies[i]) << question << then.position;
            EXPECT_EQ(items(get(question + then.instant).body), then.bodies[i]) << then.instant;
            EXPECT_EQ(at_position.header("as-of"), then.position);
            EXPECT_EQ(at_position.header("consistency-token"), "");
        }
    }
    EXPECT_GT(seen.back().bodies[0].size(), 5 * seen.front().bodies[0].size());
    EXPECT_EQ(items(get("/v1/goals?as_of=2000-01-01T00:00:00Z").body), R"({"items":[],)");
}

TEST_F(GoalPast, PagesOfThePastSeeWhatTheFirstOneSaw) {
    for (int i = 0; i < 5; ++i) draft("Goal " + std::to_string(i));
    const auto future = std::string{"as_of=2100-01-01T00:00:00Z"};
    const auto whole = get("/v1/goals?" + future + "&sort=title").body;
    auto page = get("/v1/goals?" + future + "&sort=title&limit=2");
    std::string joined;
    for (int pages = 0; pages < 5; ++pages) {
        const auto list = items(page.body);
        joined += (joined.empty() ? "" : ",") + list.substr(10, list.size() - 12);
        draft("Goal 2 and a half, after page " + std::to_string(pages));
        if (page.body.ends_with(R"("next":null})")) break;
        page = get(member(page.body, "next"));
        ASSERT_EQ(page.status, 200) << page.body;
    }
    EXPECT_EQ(R"({"items":[)" + joined + "],", items(whole));
}

TEST_F(GoalPast, WhichGoalsWereAddedRemovedOrChanged) {
    const auto kept = draft("Kept"), changed = draft("Changed"), removed = draft("Removed");
    const auto from = position();
    send("PATCH", "/v1/goals/" + changed, R"({"title":"Changed indeed"})");
    send("DELETE", "/v1/goals/" + removed, "");
    const auto added = draft("Added");
    const auto to = position();
    draft("Later");
    const auto diff = get("/v1/goals/diff?from=" + from + "&to=" + to);
    ASSERT_EQ(diff.status, 200) << diff.body;
    EXPECT_EQ(diff.body.find(kept), std::string::npos);
    EXPECT_EQ(diff.body.find("Later"), std::string::npos);
    const auto has = [&](const std::string& text) {
        EXPECT_NE(diff.body.find(text), std::string::npos) << text << "\n" << diff.body;
    };
    has(R"({"goal":")" + changed + R"(","title":"Changed indeed","change":"changed",)" +
        R"("from_version":1,"to_version":2,"changes":[{"pointer":"/title","from":"Changed",)" +
        R"("to":"Changed indeed"},)");
    has(R"({"goal":")" + removed + R"(","title":"Removed","change":"removed","from_version":1,)" +
        R"("to_version":2,"changes":[{"pointer":"/lifecycle","from":"draft","to":"archived"},)");
    has(R"({"goal":")" + added + R"(","title":"Added","change":"added","from_version":null,)");
    const auto back = get("/v1/goals/diff?from=" + to + "&to=" + from);
    EXPECT_NE(back.body.find(added + R"(","title":"Added","change":"removed","from_version":1,)"
                                     R"("to_version":null,)"),
              std::string::npos)
        << back.body;
    std::string by_pages;
    auto page = get("/v1/goals/diff?from=" + from + "&to=" + to + "&limit=1");
    for (int pages = 0; pages < 5; ++pages) {
        const auto list = items(page.body);
        by_pages += (by_pages.empty() ? "" : ",") + list.substr(10, list.size() - 12);
        if (page.body.ends_with(R"("next":null})")) break;
        page = get(member(page.body, "next"));
    }
    EXPECT_EQ(R"({"items":[)" + by_pages + "],", items(diff.body));
}

TEST_F(GoalPast, MomentsThatMeanNothingForAListAreRefused) {
    draft("A goal");
    for (const auto* path : {"/v1/goals?as_of=7", "/v1/goals?as_of=soon", "/v1/goals/diff",
                             "/v1/goals/diff?from=1", "/v1/goals/diff?from=@1&to=later"}) {
        const auto refused = get(path);
        EXPECT_EQ(refused.status, 400) << path;
        EXPECT_EQ(member(refused.body, "code"), "invalid-parameter") << path;
    }
    EXPECT_EQ(get("/v1/goals?as_of=@1&status=lost").status, 400);
}

TEST_F(GoalPast, AnotherTenantsPastIsNotSeen) {
    draft("A secret plan");
    const auto stranger = support::register_tenant(client);
    for (const auto* path :
         {"/v1/goals?as_of=2100-01-01T00:00:00Z", "/v1/goals?as_of=@9000000000&lifecycle=draft",
          "/v1/goals/diff?from=@0", "/v1/goals/diff?from=2000-01-01T00:00:00Z"}) {
        const auto answer = client.send("GET", path, support::read_headers(stranger), "");
        EXPECT_EQ(answer.body, R"({"items":[],"next":null})") << path;
        EXPECT_NE(get(path).body.find("A secret plan"), std::string::npos) << path;
    }
}

TEST_F(GoalPast, PersonalValuesAreNeitherShownNorRead) {
    const auto goal = draft("Done");
    send("POST", "/v1/goals/" + goal + "/activate", "{}");
    send("POST", "/v1/goals/" + goal + "/complete", R"({"learnings":"Canary learnt"})");
    for (const auto* path : {"/v1/goals?as_of=2100-01-01T00:00:00Z", "/v1/goals/diff?from=@0"}) {
        const auto answer = get(path);
        EXPECT_EQ(answer.status, 200);
        EXPECT_NE(answer.body.find("Done"), std::string::npos);
        EXPECT_EQ(answer.body.find("Canary"), std::string::npos);
    }
    EXPECT_NE(get("/v1/goals/diff?from=@0").body.find("‹sealed›"), std::string::npos);
}

TEST_F(GoalPast, ATenantWithTooManyGoalsIsToldSo) {
    for (int i = 0; i < 3; ++i) draft("Goal " + std::to_string(i));
    postgres::Reader reader{support::database()};
    const domain::TenantId id{*domain::uuid_from(tenant.id)};
    const auto within = [&](projections::goal_board::PastLimits limits) {
        return reader.query<std::size_t>(
            id, [&](pqxx::transaction_base& tx) -> domain::Result<std::size_t> {
                const auto past = projections::goal_board::goals_at(tx, id, {{}, INT64_MAX, {}},
                                                                    INT64_MAX, limits);
                if (!past) return std::unexpected(past.error());
                return past->rows.size();
            });
    };
    EXPECT_EQ(within({.goals = 3, .events = 3}).value_or(0), 3u);
    for (const auto limits : {projections::goal_board::PastLimits{.goals = 2, .events = 3},
                              projections::goal_board::PastLimits{.goals = 3, .events = 2}}) {
        const auto refused = within(limits);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().why, projections::goal_board::past_too_large);
    }
}

}  // namespace
}  // namespace goal_past_test
