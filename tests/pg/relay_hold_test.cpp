// What a broker does not take, and relays that do not know of each other.
#include "tests/support/relaying.hpp"

namespace relay_hold_test {
namespace {

using namespace std::chrono_literals;
using support::Relaying;
using support::stream_name;

TEST_F(Relaying, WhatTheStreamHasNoRoomForGoesAsAReference) {
    broker.start();
    // A stream that somebody else has made: it is used as it is.
    broker.change_stream(stream_name, 4000);
    runtime::Relay relay{database, options()};
    append(5);
    ASSERT_TRUE(support::append_now(
        appender, support::append_of(tenants[0], support::new_id(), 0, std::string(8000, 'x'))));
    ++appended;
    append(5);
    ASSERT_TRUE(caught_up());
    expect_everything_once();
    // And when the limit comes while the relay is at work.
    broker.change_stream(stream_name, 2000);
    ASSERT_TRUE(support::append_now(
        appender, support::append_of(tenants[0], support::new_id(), 0, std::string(3000, 'x'))));
    ++appended;
    append(5);
    ASSERT_TRUE(caught_up());
    expect_everything_once();
    int references = 0;
    for (const auto& message : broker.messages(stream_name))
        references += message.body.contains(R"("dataref":)");
    EXPECT_EQ(references, 2);
    ASSERT_TRUE(comes([this] { return state() == "running "; })) << state();
}

TEST_F(Relaying, WhatCannotBeReadGoesAsAReference) {
    broker.start();
    // PostgreSQL takes a member that is there twice; nobody who reads strictly does.
    ASSERT_TRUE(support::append_now(
        appender, support::append_of(tenants[0], support::new_id(), 0, R"(x","text":"y)")));
    ++appended;
    append(5);
    runtime::Relay relay{database, options()};
    ASSERT_TRUE(caught_up());
    expect_everything_once();
    const auto messages = broker.messages(stream_name);
    EXPECT_EQ(
        std::ranges::count_if(
            messages, [](const auto& message) { return message.body.contains(R"("dataref":)"); }),
        1)
        << "lanes may come in any order";
}

TEST_F(Relaying, WhatIsRefusedHoldsUpItsLaneAloneAndIsNotOvertaken) {
    broker.start();
    broker.change_stream(stream_name, -1, "cairn.*.test.test.happened");
    const auto other = elsewhere();
    append_to(tenants[0], 5);
    append_to(tenants[0], 1, "test.refused");
    append_to(tenants[0], 4);
    append_to(other, 10);
    runtime::Relay relay{database, options()};
    ASSERT_TRUE(comes([this] { return state() == "failing broker-refused"; })) << state();
    EXPECT_TRUE(detail().contains("lane " + std::to_string(appender.lane_of(tenants[0]).value()) +
                                  " waits at position 6"))
        << detail();
    append_to(other, 10);
    ASSERT_TRUE(comes([this] { return behind() == 5; })) << behind();
    EXPECT_EQ(relay.standing().held_lanes, 1);
    EXPECT_TRUE(relay.standing().failing);
    EXPECT_EQ(broker.messages(stream_name).size(), 25u);
    broker.change_stream(stream_name, -1);
    ASSERT_TRUE(caught_up());
    expect_everything_once();
    ASSERT_TRUE(comes([this] { return state() == "running "; })) << state();
    EXPECT_EQ(relay.standing().held_lanes, 0);
}

TEST_F(Relaying, OthersMayPublishToTheStreamToo) {
    broker.start();
    broker.change_stream(stream_name, -1);
    std::atomic<bool> stop{false};
    std::jthread stranger{[&] {
        while (!stop) broker.publish("cairn.stranger", "hello");
    }};
    append(200);
    runtime::Relay relay{database, options(20)};
    EXPECT_TRUE(caught_up());
    stop = true;
    stranger.join();
    std::vector<support::Relayed> ours;
    int strangers = 0;
    for (auto& message : broker.messages(stream_name)) {
        if (message.subject == "cairn.stranger") ++strangers;
        else ours.push_back(std::move(message));
    }
    EXPECT_GT(strangers, 0);
    EXPECT_EQ(ours.size(), appended);
    EXPECT_EQ(support::out_of_order(ours), "");
}

TEST_F(Relaying, AnotherRelayThatSleptIsNotBelieved) {
    broker.start();
    auto forgetful = options();
    forgetful.broker.duplicates = 1s;
    append(100);
    auto sleeper = broker::JetStream::connect(forgetful.broker);
    ASSERT_TRUE(sleeper) << sleeper.error().detail;
    const auto known = (*sleeper)->last_sequence();
    ASSERT_TRUE(known);
    EXPECT_EQ(*known, 0);
    {
        runtime::Relay relay{database, forgetful};
        ASSERT_TRUE(caught_up());
    }
    std::this_thread::sleep_for(2s);  // its ids are forgotten
    const auto messages = broker.messages(stream_name);
    std::vector<broker::Message> again;
    for (const auto& one : messages) {
        if (one.lane == messages[0].lane)
            again.push_back({one.subject, one.id, one.body, one.lane, one.position});
    }
    const auto sent = (*sleeper)->publish(again, *known);
    EXPECT_EQ(sent.acknowledged, 0u);
    EXPECT_TRUE(sent.overtaken);
    EXPECT_FALSE(sent.in_doubt);
    expect_everything_once();
    // Whoever looks finds out, in order and all at once.
    const auto held = (*sleeper)->held(11, 100);
    ASSERT_TRUE(held) << held.error().detail;
    ASSERT_EQ(held->size(), 90u);
    for (std::size_t i = 0; i < held->size(); ++i) {
        EXPECT_EQ((*held)[i].sequence, static_cast<std::int64_t>(i) + 11);
        EXPECT_EQ((*held)[i].id, messages[i + 10].id);
        EXPECT_EQ((*held)[i].position, messages[i + 10].position);
    }
    EXPECT_TRUE((*sleeper)->held(101, 200)->empty());
}

}  // namespace
}  // namespace relay_hold_test
