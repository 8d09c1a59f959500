// Events as they happen: nothing missed and nothing twice, whatever becomes of the connection.
#include "events/document.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/event_stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <random>
#include <thread>

#include "src/runtime/clock.hpp"

namespace live_feed_test {
namespace {

using support::EventStream;
using support::HttpClient;
using support::member;
using support::Tenant;

/// Everyday few, the whole programme by CAIRN_FEED_CUTS.
int cuts_wanted() {
    const char* wanted = std::getenv("CAIRN_FEED_CUTS");
    return wanted == nullptr ? 50 : std::atoi(wanted);
}

class LiveFeed : public testing::Test {
protected:
    HttpClient client{support::app().port()};
    Tenant tenant = support::register_tenant(client);
    const domain::Uuid stream = support::new_id();
    std::int64_t version = 0;

    domain::TenantId id() const { return {*domain::uuid_from(tenant.id)}; }
    std::int64_t append(std::string text = "x") {
        const auto outcome =
            support::append_now(support::app().appender(),
                                support::append_of(id(), stream, version++, std::move(text)));
        EXPECT_TRUE(outcome);
        return outcome ? outcome->last_position() : 0;
    }
    std::string target() const { return "/v1/events?stream=test-" + domain::to_text(stream); }
};

/// A second server on the same database, with its own limits.
std::unique_ptr<runtime::App> another_app(const std::function<void(runtime::AppOptions&)>& change) {
    auto options = support::app_options();
    change(options);
    auto started = runtime::App::start(options);
    EXPECT_TRUE(started);
    return started ? *std::move(started) : nullptr;
}

TEST_F(LiveFeed, GivesWhatHappensFromNowOnInOrder) {
    append();
    EventStream feed{support::app().port(), target(), tenant.token};
    ASSERT_EQ(feed.status(), 200) << feed.head();
    EXPECT_NE(feed.head().find("text/event-stream"), std::string::npos);
    EXPECT_EQ(feed.next()->type, "caught-up");
    for (int i = 0; i < 5; ++i) {
        const auto position = append();
        const auto event = feed.next();
        ASSERT_TRUE(event);
        EXPECT_EQ(event->type, "test.happened");
        EXPECT_EQ(member(event->data, "position"), std::to_string(position));
        EXPECT_EQ(event->id, feed.last_id());
    }
    EXPECT_FALSE(feed.next(50)) << "nothing else";
}

TEST_F(LiveFeed, GoesOnBehindTheLastEventAlsoOneThatFollowedNoEvent) {
    std::string before_any;
    {
        EventStream feed{support::app().port(), target(), tenant.token};
        feed.next();
        before_any = feed.last_id();
    }
    for (int i = 0; i < 450; ++i) append();  // more than one batch of a catch-up
    EventStream feed{support::app().port(), target(), tenant.token, before_any};
    for (int i = 1; i <= 450; ++i)
        ASSERT_EQ(member(feed.next_fact()->data, "streamversion"), std::to_string(i));
    EventStream whole{support::app().port(), target() + "&from=1", tenant.token};
    EXPECT_EQ(member(whole.next_fact()->data, "streamversion"), "1");
}

TEST_F(LiveFeed, RefusesIdsThatAreNotItsOwn) {
    EventStream feed{support::app().port(), target(), tenant.token};
    feed.next();
    const auto other = support::register_tenant(client);
    auto forged = feed.last_id();
    forged.back() = forged.back() == 'A' ? 'B' : 'A';
    for (const auto& [token, last] : {std::pair{other.token, feed.last_id()},
                                      {tenant.token, forged},
                                      {tenant.token, std::string{"12"}},
                                      {tenant.token, std::string{"e1."}}}) {
        EventStream refused{support::app().port(), target(), token, last};
        EXPECT_EQ(refused.status(), 400) << last;
    }
    EventStream ahead{support::app().port(), target() + "&after=99999999999", tenant.token};
    EXPECT_EQ(ahead.status(), 400);
    EventStream page_only{support::app().port(), target() + "&limit=5", tenant.token};
    EXPECT_EQ(page_only.status(), 400);
}

TEST_F(LiveFeed, ReadsCommitsOfAnotherProcess) {
    const auto other = another_app([](auto&) {});
    EventStream feed{other->port(), target(), tenant.token};
    ASSERT_EQ(feed.next()->type, "caught-up");
    const auto begun = std::chrono::steady_clock::now();
    append();
    ASSERT_TRUE(feed.next());
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{1});
}

TEST_F(LiveFeed, SeesEveryEventOnceThroughCutsAnywhereInTheBytes) {
    const int cuts = cuts_wanted();
    std::mt19937 random{1};
    std::atomic<bool> stop = false;
    std::thread writer{[&] {
        while (!stop) {
            append();
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    }};
    std::vector<std::string> seen;
    std::string last;
    for (int cut = 0; cut <= cuts; ++cut) {
        EventStream feed{support::app().port(), target() + (last.empty() ? "&from=1" : ""),
                         tenant.token, last};
        if (cut < cuts) feed.cut_after(random() % 4000);
        else stop = true;  // the last connection reads to the end
        while (const auto event = feed.next_fact(cut < cuts ? 2000 : 500))
            seen.push_back(member(event->data, "streamversion"));
        last = feed.last_id();
        if (cut == cuts) writer.join();
    }
    EventStream rest{support::app().port(), target(), tenant.token, last};
    while (const auto event = rest.next_fact(300))
        seen.push_back(member(event->data, "streamversion"));
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(version));
    for (std::size_t i = 0; i < seen.size(); ++i) ASSERT_EQ(seen[i], std::to_string(i + 1));
}

TEST_F(LiveFeed, NpmEventsourceSeesEveryEventOnceThroughCuts) {
    const int cuts = cuts_wanted();
    const auto out = support::directory() / "eventsource.out";
    const auto command = "node " REPOSITORY "/tests/support/eventsource_cuts.js " +
                         std::to_string(support::app().port()) + " '" + target() + "&from=1' " +
                         tenant.token + " " + std::to_string(cuts) + " > " + out.string();
    std::atomic<int> status = -1;
    std::thread node{[&] { status = std::system(command.c_str()); }};
    while (status == -1) {
        append();
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    node.join();
    ASSERT_EQ(status, 0);
    std::ifstream lines{out};
    std::int64_t expected = 0;
    std::string line;
    while (std::getline(lines, line) && !line.starts_with("cuts"))
        ASSERT_EQ(line, std::to_string(++expected));
    EXPECT_EQ(line, "cuts " + std::to_string(cuts));
    EXPECT_GT(expected, cuts);
}

TEST_F(LiveFeed, TellsASlowReaderAndCutsIt) {
    const auto app = another_app([](auto& options) {
        options.api.limits.stream_slow_seconds = 0.2;
        options.api.limits.write_seconds = 60;  // appending takes long on a busy machine
        options.feed.window_events = 100;
    });
    constexpr int small = 4096;
    EventStream slow{app->port(), target(), tenant.token, {}, small};
    ASSERT_EQ(slow.next()->type, "caught-up");
    for (int i = 0; i < 1200; ++i) append(std::string(8000, 'x'));
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    std::string last;
    std::int64_t read = 0;
    std::optional<support::SentEvent> event;
    while ((event = slow.next_fact()) && event->type != "cut") {
        ASSERT_EQ(member(event->data, "streamversion"), std::to_string(++read));
        last = event->id;
    }
    ASSERT_TRUE(event) << "the last words came after " << read << " events";
    EXPECT_EQ(member(event->data, "reason"), "too-slow");
    EXPECT_FALSE(slow.next());
    EXPECT_TRUE(slow.complete());
    EXPECT_LT(read, version);
    // It comes back and misses nothing, far behind the window though it is.
    EventStream again{app->port(), target(), tenant.token, last};
    while (read < version)
        ASSERT_EQ(member(again.next_fact()->data, "streamversion"), std::to_string(++read));
}

TEST_F(LiveFeed, EndsWithTheToken) {
    const auto token = support::app().token(id(), {*domain::uuid_from(tenant.user)}, "owner",
                                            -28);  // 30 seconds of skew are allowed
    EventStream feed{support::app().port(), target(), token};
    ASSERT_EQ(feed.status(), 200);
    const auto event = feed.next_fact();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->type, "cut");
    EXPECT_EQ(member(event->data, "reason"), "token-expired");
}

TEST_F(LiveFeed, ARemovedMemberIsCutAndNotLetInAgain) {
    const auto app = another_app([](auto& options) { options.feed.recheck_seconds = 1; });
    const auto made =
        client.send("POST", "/v1/users", support::write_headers(tenant),
                    R"({"email":"cook@example.com","display_name":"B. Cook","role":"staff"})");
    ASSERT_EQ(made.status, 201) << made.body;
    const auto user = member(made.body, "stream").substr(5);
    const auto token = app->token(id(), {*domain::uuid_from(user)}, "staff", 600);
    EventStream feed{app->port(), target(), token};
    ASSERT_EQ(feed.next()->type, "caught-up");
    EXPECT_EQ(client.send("DELETE", "/v1/users/" + user, support::write_headers(tenant), "").status,
              200);
    const auto event = feed.next_fact(8000);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->type, "cut");
    EXPECT_EQ(member(event->data, "reason"), "forbidden");
    EventStream again{app->port(), target(), token};
    EXPECT_EQ(again.status(), 403);
    EventStream owner{app->port(), target(), tenant.token};
    EXPECT_EQ(owner.status(), 200);
}

TEST_F(LiveFeed, AStoppingServerSaysSo) {
    auto app = another_app([](auto&) {});
    EventStream feed{app->port(), target(), tenant.token};
    ASSERT_EQ(feed.next()->type, "caught-up");
    const auto begun = std::chrono::steady_clock::now();
    std::thread stopping{[&] { app->drain(5); }};
    const auto event = feed.next();
    EXPECT_TRUE(event && member(event->data, "reason") == "shutting-down");
    stopping.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{4});
}

/// What a script printed, in one line.
std::string printed_by(const std::string& command) {
    std::string out;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    char line[256];
    while (pipe != nullptr && std::fgets(line, sizeof line, pipe) != nullptr) {
        out += line;
        out.back() = ' ';
    }
    EXPECT_EQ(pipe == nullptr ? -1 : ::pclose(pipe), 0);
    return out;
}

TEST_F(LiveFeed, AWebSocketGetsWhatItGrantedAndNoMore) {
    for (int i = 0; i < 20; ++i) append();
    const auto printed = printed_by("node " REPOSITORY "/tests/support/web_socket_credits.js " +
                                    std::to_string(support::app().port()) + " '" + target() +
                                    "&from=1' " + tenant.token);
    EXPECT_EQ(printed, "granted 3 1 2 3 granted 8 4 5 6 7 8 closed 1008 ");
    const auto refused =
        printed_by("node " REPOSITORY "/tests/support/web_socket_credits.js " +
                   std::to_string(support::app().port()) + " '" + target() + "' nonsense");
    EXPECT_TRUE(refused.starts_with("error closed")) << refused;
}

TEST_F(LiveFeed, ManyFollowersShareOneReader) {
    constexpr int followers = 100;
    std::vector<std::unique_ptr<EventStream>> feeds;
    for (int i = 0; i < followers; ++i)
        feeds.push_back(
            std::make_unique<EventStream>(support::app().port(), target(), tenant.token));
    for (auto& feed : feeds) ASSERT_EQ(feed->next()->type, "caught-up");
    for (int i = 0; i < 20; ++i) append();
    for (auto& feed : feeds) {
        for (int i = 1; i <= 20; ++i)
            ASSERT_EQ(member(feed->next()->data, "streamversion"), std::to_string(i));
    }
}

/// Milliseconds until `what` is done.
double milliseconds_of(const std::function<void()>& what) {
    const auto begun = runtime::steady_micros();
    what();
    return static_cast<double>(runtime::steady_micros() - begun) / 1000;
}

TEST_F(LiveFeed, FollowersTakeTurnsMissNothingAndLetRequestsPass) {
    const auto app = another_app([](auto& options) { options.api.limits.stream_share = 0.01; });
    constexpr int followers = 50, events = 200;
    std::vector<std::unique_ptr<EventStream>> feeds;
    for (int i = 0; i < followers; ++i)
        feeds.push_back(std::make_unique<EventStream>(app->port(), target(), tenant.token));
    for (auto& feed : feeds) ASSERT_EQ(feed->next()->type, "caught-up");
    HttpClient beside{app->port()};
    std::vector<double> waits;
    for (int i = 0; i < events; ++i) {
        append();
        if (i % 20 != 0) continue;
        waits.push_back(milliseconds_of([&] {
            const auto answer = beside.send("GET", "/v1/goals", support::read_headers(tenant), "");
            EXPECT_EQ(answer.status, 200);
        }));
    }
    std::ranges::sort(waits);
    EXPECT_LT(waits[waits.size() / 2], 100);
    for (auto& feed : feeds) {
        for (int i = 1; i <= events; ++i)
            ASSERT_EQ(member(feed->next()->data, "streamversion"), std::to_string(i));
    }
}

TEST_F(LiveFeed, ALoneFollowerDoesNotWaitForItsTurn) {
    const auto app = another_app([](auto& options) { options.api.limits.stream_share = 0.01; });
    EventStream feed{app->port(), target(), tenant.token};
    ASSERT_EQ(feed.next()->type, "caught-up");
    std::vector<double> waits;
    for (int i = 0; i < 21; ++i) {
        append();
        waits.push_back(milliseconds_of([&] { ASSERT_TRUE(feed.next()); }));
    }
    EXPECT_LT(std::ranges::min(waits), 15) << "a breath of 5 ms; a turn may take 20 more";
}

}  // namespace
}  // namespace live_feed_test
