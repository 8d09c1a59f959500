// The relay against a real nats-server: everything arrives once and in order, whatever breaks.
#include "projections/event_view.hpp"
#include "src/postgres/appender.hpp"
#include "src/runtime/relay.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/broker.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <pqxx/pqxx>
#include <set>
#include <thread>

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using support::Relayed;

constexpr const char* stream_name = "CAIRN";

/// The first thing that is wrong with the order in which a stream holds events; empty when each
/// lane's positions are 1, 2, 3… and no event is there twice.
std::string out_of_order(const std::vector<Relayed>& messages) {
    std::map<int, std::int64_t> lanes;
    std::set<std::string> ids;
    for (const auto& message : messages) {
        const auto place = std::to_string(message.lane) + ":" + std::to_string(message.position);
        if (!ids.insert(message.id).second) return place + " is there twice";
        auto& last = lanes[message.lane];
        if (message.position != last + 1) return place + " comes after " + std::to_string(last);
        last = message.position;
    }
    return {};
}

/// A log of its own with some tenants, and a broker.
class Relaying : public testing::Test {
protected:
    Relaying()
        : database{support::fresh_database("relay")},
          appender{database, {}, [](int, std::int64_t) {}},
          broker{support::directory() / "nats"} {
        for (int i = 0; i < 5; ++i) tenants.push_back({support::new_id()});
    }

    runtime::RelayOptions options(int in_flight_max = 100) const {
        runtime::RelayOptions made;
        made.broker.url = broker.url();
        made.broker.stream = stream_name;
        made.broker.subjects = "cairn.>";
        made.broker.in_flight_max = in_flight_max;
        made.broker.ack_wait = 2000ms;
        made.look_every = 20ms;
        made.pause_min = 20ms;
        made.pause_max = 200ms;
        return made;
    }

    void append(int events) {
        for (int i = 0; i < events; ++i) {
            ASSERT_TRUE(support::append_now(
                appender, support::append_of(tenants[static_cast<std::size_t>(i) % tenants.size()],
                                             support::new_id(), 0)));
        }
        appended += static_cast<std::size_t>(events);
    }

    std::int64_t behind() const {
        pqxx::connection connection{support::admin_of(database).url};
        pqxx::nontransaction tx{connection};
        std::int64_t sum = 0;
        for (const auto& lane : postgres::relay_lanes(tx, stream_name)) sum += lane.behind();
        return sum;
    }

    std::string state() const {
        pqxx::connection connection{support::admin_of(database).url};
        pqxx::nontransaction tx{connection};
        const auto rows = tx.exec("select state, code from relay.state");
        return rows.empty() ? ""
                            : rows[0][0].as<std::string>() + " " + rows[0][1].as<std::string>();
    }

    template <class Is>
    static bool comes(Is is) {
        for (int tries = 0; tries < 600; ++tries) {
            if (is()) return true;
            std::this_thread::sleep_for(50ms);
        }
        return false;
    }
    bool caught_up() const {
        return comes([this] { return behind() == 0; });
    }

    postgres::Database database;
    postgres::Appender appender;
    support::Broker broker;
    std::vector<domain::TenantId> tenants;
    std::size_t appended = 0;
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

}  // namespace
