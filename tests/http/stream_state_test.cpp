// A stream of every category as of its first version and now, over HTTP and on the command line.
#include "domain/base/business_day.hpp"
#include "events/catalog.hpp"
#include "src/runtime/clock.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <functional>
#include <set>
#include <sys/wait.h>
#include <thread>

namespace http_stream_state_test {
namespace {

using support::HttpClient;
using support::member;

struct Ran {
    int code{};
    std::string out;
};

/// Runs `cairn WORDS` on the tests' database.
Ran cairn(const std::string& words) {
    const auto line = std::string{"CAIRN_CONFIG=none "} + CAIRN_BINARY + " -q " + words +
                      " --db '" + support::admin_database().url + "' </dev/null";
    auto* pipe = ::popen(line.c_str(), "r");
    Ran ran;
    char piece[4096];
    while (const auto size = std::fread(piece, 1, sizeof piece, pipe)) ran.out.append(piece, size);
    const int status = ::pclose(pipe);
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
}

/// What a stream's state says at first, and in the end.
struct Story {
    std::string stream, first, last;
};

class StreamStates : public testing::Test {
protected:
    HttpClient client{support::app().port()};
    support::Tenant tenant = support::register_tenant(client);
    std::string secrets[2];  ///< of the webhook, one after the other
    const std::string hidden_path = "/hidden-path";

    /// What must not be refused.
    support::Response send(const std::string& method, const std::string& path,
                           const std::string& body = {}) {
        auto answer = client.send(method, path, support::write_headers(tenant), body);
        EXPECT_TRUE(answer.status == 200 || answer.status == 201)
            << method << " " << path << ": " << answer.body;
        return answer;
    }
    support::Response get(const std::string& path) {
        return client.send("GET", path, support::read_headers(tenant), "");
    }
    /// The stream that was written to first.
    std::string made(const std::string& method, const std::string& path, const std::string& body) {
        return member(send(method, path, body).body, "stream");
    }
    static std::string id_in(const std::string& stream) {
        return stream.substr(stream.size() - 36);
    }

    Story goal() {
        const auto stream = made("POST", "/v1/goals", support::goal_body());
        send("POST", "/v1/goals/" + id_in(stream) + "/activate", "{}");
        return {stream, R"("lifecycle":"draft")", R"("lifecycle":"active")"};
    }
    Story business() {
        send("PUT", "/v1/tenant",
             R"({"name":"Canteen","country":"US","currency":"USD","time_zone":)"
             R"("America/New_York","industry":"722511"})");
        return {"tenant-" + tenant.id, R"("members":{})", R"("name":"Canteen")"};
    }
    Story person() {
        const auto stream = made("POST", "/v1/users",
                                 R"({"email":"canary@example.com","display_name":"Canary Person",)"
                                 R"("role":"staff"})");
        send("PATCH", "/v1/users/" + id_in(stream), R"({"locale":"en-GB"})");
        return {stream, R"("display_name":"‹sealed›")", R"("locale":"en-GB")"};
    }
    Story location() {
        const auto stream = made("PUT", "/v1/locations/main", R"({"name":"Main street"})");
        send("PUT", "/v1/locations/main", R"({"name":"Main street 4","day_cutoff_minutes":60})");
        return {stream, R"("name":"Main street","time_zone":null,"day_cutoff_minutes":null)",
                R"("name":"Main street 4","time_zone":null,"day_cutoff_minutes":60)"};
    }
    Story metric() {
        const auto stream =
            made("POST", "/v1/metrics", R"({"key":"sales","name":"Sales","unit":"USD"})");
        send("PATCH", "/v1/metrics/sales", R"({"name":"All sales"})");
        return {stream, R"("name":"Sales","kind":"simple")", R"("name":"All sales","kind")"};
    }
    Story batch() {
        send("POST", "/v1/metrics", R"({"key":"covers","name":"Covers","unit":"count"})");
        const auto stream = made("POST", "/v1/metrics/points",
                                 R"({"points":[{"metric":"covers","at":"2025-06-02","value":3},)"
                                 R"({"metric":"nix","at":"2025-06-02","value":1}]})");
        send("POST", "/v1/metrics/batches/" + id_in(stream) + "/revert", R"({"reason":"Twice."})");
        return {stream, R"("points":1,"received":1,"duplicate":0}},"rejected":0)",
                R"("rejected":1,"reverted":true,"reason":"Twice.")"};
    }
    Story rule() {
        const std::string rule = R"({"name":"Slow","metric":"sales","comparison":"above",)";
        const auto stream = made("POST", "/v1/alert-rules", rule + R"("threshold":"20"})");
        send("PUT", "/v1/alert-rules/" + id_in(stream), rule + R"("threshold":"30"})");
        return {stream, R"("threshold":"20")", R"("threshold":"30")"};
    }
    Story closure() {
        const auto stream = made("POST", "/v1/closures", R"({"from":"2026-12-25"})");
        send("DELETE", "/v1/closures/" + id_in(stream));
        return {stream, R"("from":"2026-12-25","to":"2026-12-25","reason":null,"cancelled":false)",
                R"("cancelled":true)"};
    }
    Story benchmark() {
        const auto stream =
            made("POST", "/v1/benchmarks",
                 R"({"provider":"fred","external_id":"CPIAUCSL","title":"Prices","unit":"index",)"
                 R"("frequency":"month","geo":"US","licence":{"attribution":"BLS"}})");
        send("POST", "/v1/benchmarks/" + id_in(stream) + "/import",
             R"({"observations":[{"realtime_start":"2024-02-13","realtime_end":"9999-12-31",)"
             R"("date":"2024-01-01","value":"308.417"}]})");
        return {stream, R"("observations":{})",
                R"("observations":{"2024-01-01":{"2024-02-13":{"value":"308.417"}}})"};
    }
    Story cohort() {
        const auto stream = made("PUT", "/v1/tenant/cohort", R"({"share":true,"naics":"722511"})");
        send("PUT", "/v1/tenant/cohort", R"({"share":false})");
        return {stream, R"("share":true,"naics":"722511")", R"("share":false,"naics":null)"};
    }
    /// Its address is that of nobody, and no event is of the type that it waits for.
    Story webhook() {
        const auto created = send("POST", "/v1/webhooks",
                                  R"({"url":"http://127.0.0.1:9)" + hidden_path +
                                      R"(","filter":{"types":["nothing.ever"]}})");
        const auto stream = member(created.body, "stream");
        const auto path = "/v1/webhooks/" + id_in(stream);
        secrets[0] = member(created.body, "secret");
        secrets[1] = member(send("POST", path + "/rotate-secret").body, "secret");
        send("POST", path + "/disable");
        return {stream, R"("url":"http://127.0.0.1:9",)",
                R"("status":"disabled","disabled_cause":"asked")"};
    }
    /// A webhook that is there, and one that came and went.
    Story webhooks() {
        const auto two = made("POST", "/v1/webhooks",
                              R"({"url":"http://127.0.0.1:9/","filter":{"types":["x.y"]}})");
        return {"webhook-list-" + tenant.id, "\"webhooks\":[\"", ",\"" + id_in(two) + "\"]"};
    }
    /// A till that sends nothing on one day of many is odd; somebody says why.
    Story anomaly() {
        send("POST", "/v1/metrics",
             R"({"key":"till","name":"Till","unit":"count","gap_policy":"zero"})");
        constexpr int cutoff_minutes = 240;
        const auto today =
            domain::business_today("America/New_York", cutoff_minutes, runtime::now());
        std::string pairs;
        for (int i = 120; i > 4; --i)
            pairs += (pairs.empty() ? "[\"" : ",[\"") + domain::to_text(today + -i) + "\",\"" +
                     std::to_string(100 + (i * 7) % 5 + (i % 7 == 0 ? 20 : 0)) + "\"]";
        send("POST", "/v1/metrics/points",
             R"({"series":[{"metric":"till","points":[)" + pairs + "]}]}");
        std::string id;
        for (int i = 0; i < 300 && id.empty(); ++i) {
            id = member(get("/v1/anomalies?limit=1").body, "id");
            if (id.empty()) std::this_thread::sleep_for(std::chrono::milliseconds{100});
        }
        send("POST", "/v1/anomalies/" + id + "/explain", R"({"note":"Canary at the till."})");
        return {"anomaly-" + id, R"("status":"open")", R"("status":"explained")"};
    }

    std::vector<Story> stories() {
        return {goal(),    business(),  person(), location(), metric(),   batch(),  rule(),
                closure(), benchmark(), cohort(), webhook(),  webhooks(), anomaly()};
    }
    void hides_what_it_must(const std::string& text) {
        for (const auto& hidden : {std::string{"Canary"}, std::string{"canary@"},
                                   std::string{"whsec_"}, secrets[0], secrets[1], hidden_path})
            EXPECT_EQ(text.find(hidden), std::string::npos) << hidden << " is in " << text;
    }
    void is_told_over_http(const Story& story) {
        const auto path = "/v1/streams/" + story.stream;
        const auto first = get(path + "?as_of=1"), now = get(path);
        ASSERT_EQ(first.status, 200) << first.body;
        ASSERT_EQ(now.status, 200) << now.body;
        EXPECT_EQ(member(first.body, "stream"), story.stream);
        EXPECT_EQ(member(first.body, "version"), "1");
        EXPECT_NE(first.body.find(story.first), std::string::npos) << first.body;
        EXPECT_EQ(first.body.find(story.last), std::string::npos) << first.body;
        EXPECT_NE(now.body.find(story.last), std::string::npos) << now.body;
        EXPECT_EQ(now.header("etag"), "\"" + member(now.body, "version") + "\"");
        EXPECT_EQ(get(path + "?as_of=@" + member(now.body, "position")).body, now.body);
        EXPECT_EQ(get(path + "?as_of=" + member(now.body, "recorded_at")).body, now.body);
        hides_what_it_must(first.body + now.body);
    }
    void is_compared_over_http(const Story& story) {
        const auto path = "/v1/streams/" + story.stream + "/diff";
        const auto all = get(path + "?from=1");
        ASSERT_EQ(all.status, 200) << all.body;
        EXPECT_EQ(member(all.body, "from"), "1");
        EXPECT_NE(all.body.find(R"({"pointer":"/version","from":1,)"), std::string::npos);
        EXPECT_NE(
            get(path + "?from=0&to=1").body.find(R"("pointer":"/version","from":null,"to":1)"),
            std::string::npos);
        EXPECT_EQ(get(path).status, 200);
        EXPECT_EQ(get(path + "?from=soon").status, 400);
        hides_what_it_must(all.body);
    }
    void is_told_on_the_command_line(const Story& story) {
        const auto first = cairn("streams state " + story.stream + " --at 1 -o json");
        EXPECT_EQ(first.code, 0) << story.stream;
        EXPECT_NE(first.out.find("\"version\":1"), std::string::npos) << first.out;
        const auto now = cairn("streams state " + story.stream + " -o json");
        EXPECT_EQ(now.code, 0) << story.stream;
        const auto changes = cairn("streams diff " + story.stream + " --from 1 -o json");
        EXPECT_EQ(changes.code, 0) << story.stream;
        EXPECT_NE(changes.out.find("/version"), std::string::npos) << changes.out;
        hides_what_it_must(first.out + now.out + changes.out);
        EXPECT_EQ(cairn("streams show " + story.stream + " -o jsonl").code, 0) << story.stream;
    }
};

TEST_F(StreamStates, EveryCategoryIsToldAndComparedOverHttpAndOnTheCommandLine) {
    const auto stranger = support::register_tenant(client);
    std::set<std::string> told;
    for (const auto& story : stories()) {
        SCOPED_TRACE(story.stream);
        ASSERT_GT(story.stream.size(), 37u);
        told.insert(story.stream.substr(0, story.stream.size() - 37));
        is_told_over_http(story);
        is_compared_over_http(story);
        is_told_on_the_command_line(story);
        for (const auto* more : {"", "/diff"})
            EXPECT_EQ(client
                          .send("GET", "/v1/streams/" + story.stream + more,
                                support::read_headers(stranger), "")
                          .status,
                      404);
    }
    EXPECT_FALSE(secrets[0].empty() || secrets[1].empty()) << "nothing was there to be hidden";
    for (const auto& form : events::all_forms())
        EXPECT_TRUE(told.contains(std::string{form.type.substr(0, form.type.find('.'))}))
            << form.type << " is of a category that this test makes no stream of";
}

}  // namespace
}  // namespace http_stream_state_test
