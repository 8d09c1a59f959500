// The relay against a real nats-server: everything arrives once and in order, whatever breaks.
#include "tests/support/relaying.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <pqxx/pqxx>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace pg_relay_test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using support::Relaying;
using support::stream_name;

/// A server that does nothing but background work, as a process of its own.
class RelayProcess {
public:
    RelayProcess(const std::string& database, const std::string& broker) {
        const auto secrets = (support::directory() / "relay-secrets").string();
        pid_ = ::fork();
        if (pid_ != 0) return;
        ::setenv("CAIRN_RELAY__URL", broker.c_str(), 1);
        ::setenv("CAIRN_RELAY__IN_FLIGHT_MAX", "20", 1);
        ::setenv("CAIRN_SECRETS_DIR", secrets.c_str(), 1);
        ::setenv("CAIRN_LOG__LEVEL", "warn", 1);
        ::setenv("CAIRN_HTTP__LISTEN", "127.0.0.1:0", 1);
        ::setenv("CAIRN_HTTP__ADMIN_LISTEN", "127.0.0.1:0", 1);
        ::execl(CAIRN_BINARY, CAIRN_BINARY, "serve", "--config", "none", "--roles", "projector",
                "--db", database.c_str(), nullptr);
        ::_exit(127);
    }
    ~RelayProcess() { kill(); }
    RelayProcess(const RelayProcess&) = delete;
    RelayProcess& operator=(const RelayProcess&) = delete;

    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

private:
    pid_t pid_ = -1;
};

TEST_F(Relaying, EveryEventArrivesOnceInTheOrderOfItsLane) {
    broker.start();
    append(300);
    runtime::Relay relay{database, options()};
    ASSERT_TRUE(caught_up());
    append(20);
    relay.tell();
    ASSERT_TRUE(caught_up());
    const auto messages = broker.messages(stream_name);
    EXPECT_EQ(messages.size(), appended);
    EXPECT_EQ(out_of_order(messages), "");
    EXPECT_EQ(relay.standing().published, appended);
    EXPECT_EQ(state(), "running ");
    const auto& first = messages.front();
    EXPECT_TRUE(first.subject.starts_with("cairn.")) << first.subject;
    EXPECT_TRUE(first.subject.ends_with(".test.test.happened")) << first.subject;
    EXPECT_TRUE(first.body.starts_with(R"({"specversion":"1.0","id":")" + first.id)) << first.body;
}

TEST_F(Relaying, ABrokerThatIsKilledGetsWhatItMissedInOrder) {
    broker.start();
    append(2000);
    runtime::Relay relay{database, options(200)};
    for (int round = 0; round < 6; ++round) {
        // In the middle of its work, as long as there is any.
        const auto before = relay.standing().published;
        for (int looks = 0; looks < 20'000 && relay.standing().published == before; ++looks)
            std::this_thread::sleep_for(100us);
        broker.stop(SIGKILL);
        append(100);  // commands do not wait for a broker
        std::this_thread::sleep_for(30ms * round);
        broker.start();
    }
    ASSERT_TRUE(caught_up());
    expect_everything_once();
    EXPECT_FALSE(relay.standing().failing);
}

TEST_F(Relaying, AProcessThatIsKilledInTheMiddleOfABatchSendsNothingTwice) {
    broker.start();
    append(3000);
    int rounds = 0;
    for (; behind() > 0 && rounds < 20; ++rounds) {
        RelayProcess process{support::admin_of(database).url, broker.url()};
        const auto before = broker.messages(stream_name).size();
        ASSERT_TRUE(
            comes([&] { return broker.messages(stream_name).size() > before || behind() == 0; }));
        process.kill();
    }
    EXPECT_GE(rounds, 2) << "no process was killed at its work";
    runtime::Relay relay{database, options()};
    ASSERT_TRUE(caught_up());
    expect_everything_once();
}

TEST_F(Relaying, WhatTheStreamHoldsBeyondTheCursorIsNotSentAgain) {
    broker.start();
    auto forgetful = options();
    forgetful.broker.duplicates = 1s;
    append(200);
    {
        runtime::Relay relay{database, forgetful};
        ASSERT_TRUE(caught_up());
        set_cursor("create table public.kept as select * from relay.cursor");
        append(100);
        ASSERT_TRUE(caught_up());
    }
    // As a crash between acknowledgement and cursor leaves it, and longer ago than ids are known.
    set_cursor("delete from relay.cursor; insert into relay.cursor select * from public.kept");
    append(10);
    std::this_thread::sleep_for(2s);
    runtime::Relay relay{database, forgetful};
    ASSERT_TRUE(caught_up());
    expect_everything_once();
    EXPECT_EQ(relay.standing().published, 10u);
    EXPECT_EQ(relay.standing().duplicates, 0u);
}

TEST_F(Relaying, WhatIsSentAgainIsKnownByItsId) {
    broker.start();
    append(300);
    runtime::Relay relay{database, options()};
    ASSERT_TRUE(caught_up());
    reset(0);
    ASSERT_TRUE(comes([&] { return relay.standing().duplicates == appended; }));
    append(20);
    ASSERT_TRUE(caught_up());
    expect_everything_once();
}

TEST_F(Relaying, ABrokerThatLostWhatItAcknowledgedGetsItAgain) {
    broker.start();
    append(200);
    runtime::Relay relay{database, options()};
    ASSERT_TRUE(caught_up());
    broker.stop(SIGTERM);
    const auto copy = support::directory() / "nats-copy";
    fs::copy(broker.store(), copy, fs::copy_options::recursive);
    broker.start();
    append(150);
    ASSERT_TRUE(caught_up());
    // A power failure before the broker's next flush: it comes back as it was.
    broker.stop(SIGKILL);
    fs::remove_all(broker.store());
    fs::rename(copy, broker.store());
    broker.start();
    ASSERT_TRUE(comes([this] { return broker.messages(stream_name).size() == appended; }));
    append(10);
    ASSERT_TRUE(caught_up());
    expect_everything_once();
}

TEST_F(Relaying, ABrokerThatWasWipedGetsEverythingWhenAnOperatorSaysSo) {
    broker.start();
    append(200);
    runtime::Relay relay{database, options()};
    ASSERT_TRUE(caught_up());
    broker.stop(SIGKILL);
    fs::remove_all(broker.store());
    broker.start();
    append(10);
    ASSERT_TRUE(comes([this] { return state() == "halted relay-stream-lost"; })) << state();
    EXPECT_TRUE(broker.messages(stream_name).empty());
    reset(0);
    ASSERT_TRUE(caught_up());
    expect_everything_once();
    EXPECT_EQ(state(), "running ");
}

TEST_F(Relaying, WithoutABrokerCommandsGoOnAndTheStateSaysSo) {
    append(10);
    runtime::Relay relay{database, options()};
    ASSERT_TRUE(comes([this] { return state() == "failing broker-away"; })) << state();
    append(10);
    ASSERT_TRUE(comes([&] { return relay.standing().lag_events == 20; }));
    EXPECT_TRUE(relay.standing().failing);
    broker.start();
    ASSERT_TRUE(caught_up());
    ASSERT_TRUE(comes([this] { return state() == "running "; }));
    expect_everything_once();
}

TEST_F(Relaying, OfTwoOneRelaysAndTheOtherTakesOver) {
    broker.start();
    auto first = std::make_unique<runtime::Relay>(database, options());
    ASSERT_TRUE(comes([&] { return first->standing().ours; }));
    runtime::Relay second{database, options()};
    append(100);
    ASSERT_TRUE(caught_up());
    EXPECT_FALSE(second.standing().ours);
    EXPECT_EQ(second.standing().published, 0u);
    first.reset();
    append(100);
    ASSERT_TRUE(caught_up());
    EXPECT_TRUE(second.standing().ours);
    expect_everything_once();
}

TEST_F(Relaying, AnEventThatIsTooLargeGoesAsAReference) {
    broker.start();
    const auto stream = support::new_id();
    ASSERT_TRUE(support::append_now(
        appender, support::append_of(tenants[0], stream, 0, std::string(1'100'000, 'x'))));
    ASSERT_TRUE(support::append_now(appender, support::append_of(tenants[0], stream, 1)));
    appended = 2;
    runtime::Relay relay{database, options()};
    ASSERT_TRUE(caught_up());
    expect_everything_once();
    const auto messages = broker.messages(stream_name);
    EXPECT_TRUE(messages[0].body.ends_with(R"("dataref":"/v1/events?limit=1&after=0"})"))
        << messages[0].body.substr(0, 600);
    EXPECT_TRUE(messages[1].body.ends_with(R"("data":{"text":"x"}})")) << messages[1].body;
}

TEST(Relay, SubjectsAreSafe) {
    events::Recorded event;
    event.stream.category = "odd category";
    event.type = "a.b*.>.";
    EXPECT_EQ(runtime::relay_subject(event),
              "cairn.00000000-0000-0000-0000-000000000000.odd_category.a.b_._._");
}

}  // namespace
}  // namespace pg_relay_test
