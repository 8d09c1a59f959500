// A tenant's events over HTTP: pages, dumps and CloudEvents, by Accept and by filter.
#include "events/document.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/event_stream.hpp"

#include <gtest/gtest.h>

#include <future>
#include <regex>

namespace feed_test {
namespace {

using events::Document;
using support::HttpClient;
using support::member;
using support::Tenant;

class FeedApi : public testing::Test {
protected:
    HttpClient client{support::app().port()};
    Tenant tenant = support::register_tenant(client);

    support::Response get(const std::string& target, const std::string& accept = {},
                          const std::string& prefer = {}) {
        auto headers = support::read_headers(tenant);
        if (!accept.empty()) headers.emplace_back("Accept", accept);
        if (!prefer.empty()) headers.emplace_back("Prefer", prefer);
        return client.send("GET", target, headers, "");
    }
    std::string draft_goal(const std::string& title = "More regulars") {
        const auto made = client.send("POST", "/v1/goals", support::write_headers(tenant),
                                      support::goal_body(title));
        EXPECT_EQ(made.status, 201) << made.body;
        return member(made.body, "stream");
    }
    domain::TenantId id() const { return {*domain::uuid_from(tenant.id)}; }
    /// So many events of type test.happened on a new stream.
    std::string append(int events) {
        const auto stream = support::new_id();
        for (int i = 0; i < events; ++i)
            EXPECT_TRUE(support::append_now(support::app().appender(),
                                            support::append_of(id(), stream, i)));
        return "test-" + domain::to_text(stream);
    }
};

std::vector<std::string> all(const std::string& json, const std::string& name) {
    std::vector<std::string> found;
    const auto before = "\"" + name + "\":\"";
    for (auto at = json.find(before); at != std::string::npos; at = json.find(before, at + 1)) {
        const auto from = at + before.size();
        found.push_back(json.substr(from, json.find('"', from) - from));
    }
    return found;
}

TEST_F(FeedApi, PagesAreInOrderAndFollowTheirCursor) {
    const auto stream = append(7);
    const auto whole = get("/v1/events");
    ASSERT_EQ(whole.status, 200) << whole.body;
    const auto positions = all(whole.body, "position");
    ASSERT_GT(positions.size(), 8u) << "registration, the events, and the page's own position";
    for (std::size_t i = 2; i + 1 < positions.size(); ++i)
        EXPECT_LT(std::stoll(positions[i - 1]), std::stoll(positions[i]));

    std::vector<std::string> versions;
    std::string next = "/v1/events?stream=" + stream + "&limit=3";
    for (int pages = 0; !next.empty() && pages < 10; ++pages) {
        const auto page = get(next);
        ASSERT_EQ(page.status, 200) << page.body;
        for (const auto& position : all(page.body, "position")) versions.push_back(position);
        const auto cursor = member(page.body, "next");
        next = cursor == "null" ? "" : cursor;
        if (!next.empty()) {
            EXPECT_NE(page.header("link").find(next), std::string::npos);
        }
        versions.pop_back();
    }
    EXPECT_EQ(versions.size(), 7u);
    EXPECT_EQ(get("/v1/events?stream=goal&cursor=nonsense").status, 400);
    EXPECT_EQ(member(get("/v1/events?after=999999999999").body, "code"), "invalid-parameter");
}

TEST_F(FeedApi, FiltersNarrowByTypeStreamAndCorrelation) {
    const auto goal = draft_goal();
    draft_goal("Another");
    append(3);
    EXPECT_EQ(all(get("/v1/events?type=goal.drafted").body, "type").size(), 2u);
    EXPECT_EQ(all(get("/v1/events?type=goal.*").body, "type"),
              (std::vector<std::string>{"goal.drafted", "goal.drafted"}));
    EXPECT_EQ(all(get("/v1/events?type=goal.*&type=test.happened").body, "type").size(), 5u);
    EXPECT_EQ(all(get("/v1/events?stream=goal").body, "type").size(), 2u);
    const auto one = get("/v1/events?stream=" + goal).body;
    EXPECT_EQ(all(one, "type").size(), 1u);
    const auto correlation = all(one, "correlation_id").at(0);
    EXPECT_EQ(all(get("/v1/events?correlation=" + correlation).body, "type").size(), 1u);
    EXPECT_EQ(
        all(get("/v1/events?correlation=" + correlation + "&type=test.*").body, "type").size(), 0u);
    const auto position = all(one, "position").at(0);
    EXPECT_EQ(all(get("/v1/events?stream=goal&from=" + position).body, "type").size(), 2u);
    EXPECT_EQ(all(get("/v1/events?stream=goal&after=" + position).body, "type").size(), 1u);
    for (const auto* wrong :
         {"type=*", "type=goal.*.*x*", "type=", "stream=%20", "correlation=1", "from=-1", "after=x",
          "from=1&after=1", "limit=0", "colour=red", "type=goal';--"})
        EXPECT_EQ(get(std::string{"/v1/events?"} + wrong).status, 400) << wrong;
}

TEST_F(FeedApi, AnotherTenantsEventsAreNotThere) {
    const auto goal = draft_goal();
    const auto other = support::register_tenant(client);
    const auto page =
        client.send("GET", "/v1/events?stream=" + goal, support::read_headers(other), "");
    EXPECT_EQ(all(page.body, "type").size(), 0u);
    EXPECT_EQ(client.send("GET", "/v1/events", {}, "").status, 401);
}

TEST_F(FeedApi, TheFormIsNegotiated) {
    const auto media = [&](const std::string& accept) {
        return get("/v1/events?limit=1", accept).header("content-type");
    };
    EXPECT_EQ(media(""), "application/json");
    EXPECT_EQ(media("*/*"), "application/json");
    EXPECT_EQ(media("text/html, application/*;q=0.5"), "application/json");
    EXPECT_EQ(media("application/json;q=0.1, application/cloudevents-batch+json"),
              "application/cloudevents-batch+json");
    EXPECT_EQ(media("application/*, application/json;q=0"), "application/cloudevents-batch+json");
    const auto none = get("/v1/events", "text/html");
    EXPECT_EQ(none.status, 406);
    EXPECT_NE(none.body.find("text/event-stream"), std::string::npos);
    EXPECT_EQ(get("/v1/events", "text/event-stream;q=0").status, 406);
}

TEST_F(FeedApi, ALongPollAnswersWhenSomethingHappensOrTheTimeIsOver) {
    const auto at = member(get("/v1/events?limit=500").body, "position");
    auto polled = std::async(std::launch::async, [&] {
        HttpClient other{support::app().port()};
        auto headers = support::read_headers(tenant);
        headers.emplace_back("Prefer", "wait=10");
        return other.send("GET", "/v1/events?stream=goal&after=" + at, headers, "");
    });
    append(1);  // does not match: the poll goes on
    EXPECT_EQ(polled.wait_for(std::chrono::milliseconds{300}), std::future_status::timeout);
    const auto begun = std::chrono::steady_clock::now();
    const auto goal = draft_goal();
    const auto page = polled.get();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{3});
    EXPECT_EQ(all(page.body, "stream"), std::vector<std::string>{goal});
    EXPECT_EQ(page.header("preference-applied"), "wait=10");
    const auto empty = get("/v1/events?after=" + member(page.body, "position"), "", "wait=1");
    EXPECT_EQ(empty.status, 200);
    EXPECT_EQ(all(empty.body, "type").size(), 0u);
    EXPECT_GT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{1});
}

TEST_F(FeedApi, ADumpIsALineAnEventAndASummaryAtTheEnd) {
    append(450);  // several batches
    support::EventStream dump{support::app().port(), "/v1/events?stream=test", tenant.token, {}, 0,
                              "application/x-ndjson"};
    ASSERT_EQ(dump.status(), 200) << dump.head();
    EXPECT_NE(dump.head().find("application/x-ndjson"), std::string::npos);
    std::int64_t last = 0;
    int events = 0;
    std::optional<std::string> summary;
    while (const auto line = dump.line()) {
        ASSERT_TRUE(Document::parse(*line)) << *line;
        if (line->starts_with("{\"summary\"")) {
            summary = line;
            continue;
        }
        ++events;
        const auto position = std::stoll(member(*line, "position"));
        EXPECT_GT(position, last);
        last = position;
    }
    EXPECT_TRUE(dump.complete());
    EXPECT_EQ(events, 450);
    ASSERT_TRUE(summary);
    EXPECT_EQ(member(*summary, "events"), "450");
}

/// What CloudEvents 1.0 and its JSON format demand, attribute by attribute.
void expect_cloud_event(const events::Node& event) {
    const auto text = [&](std::string_view name) {
        const auto node = event.find(name);
        return node ? std::string{node->text().value_or("")} : std::string{};
    };
    EXPECT_EQ(text("specversion"), "1.0");
    for (const auto* required : {"id", "source", "type"}) EXPECT_FALSE(text(required).empty());
    const std::regex uri{"[a-z][a-z0-9+.-]*:[^ \\\\\"<>^`{|}]+"};
    EXPECT_TRUE(std::regex_match(text("source"), uri)) << text("source");
    EXPECT_TRUE(std::regex_match(text("dataschema"), uri)) << text("dataschema");
    EXPECT_FALSE(text("subject").empty());
    EXPECT_EQ(text("datacontenttype"), "application/json");
    const std::regex time{"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z"};
    EXPECT_TRUE(std::regex_match(text("time"), time)) << text("time");
    EXPECT_TRUE(std::regex_match(text("recordedtime"), time));
    EXPECT_EQ(text("sequence").size(), 20u) << "ordered as texts";
    EXPECT_EQ(std::stoll(text("sequence")), event.find("streamversion")->integer());
    EXPECT_EQ(text("partitionkey"), text("subject"));
    EXPECT_TRUE(event.find("data") && event.find("data")->is_object());
    const std::regex name{"[a-z0-9]{1,20}"};
    for (const auto attribute : event.members()) {
        EXPECT_TRUE(std::regex_match(std::string{attribute}, name)) << attribute;
        const auto node = *event.find(attribute);
        if (attribute == "data") continue;
        EXPECT_TRUE(node.text() || node.integer() || node.boolean()) << attribute;
        if (node.integer()) {
            EXPECT_LE(*node.integer(), INT32_MAX);
        }
    }
}

TEST_F(FeedApi, BatchesAreCloudEvents) {
    draft_goal();
    const auto batch = get("/v1/events", "application/cloudevents-batch+json");
    ASSERT_EQ(batch.status, 200);
    const auto document = Document::parse(batch.body);
    ASSERT_TRUE(document && document->root().is_list()) << batch.body;
    const auto items = document->root().items();
    EXPECT_GE(items.size(), 3u);
    for (const auto& event : items) expect_cloud_event(event);
    EXPECT_NE(batch.body.find("Canary Owner"), std::string::npos) << "members may read it";
    const auto page = get("/v1/events?limit=1", "application/cloudevents-batch+json");
    EXPECT_NE(page.header("link").find("rel=\"next\""), std::string::npos);
}

}  // namespace
}  // namespace feed_test
