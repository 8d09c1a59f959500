#pragma once
#include "src/postgres/appender.hpp"
#include "src/runtime/relay.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/broker.hpp"
#include "tests/support/cluster.hpp"

#include <gtest/gtest.h>

#include <map>
#include <pqxx/pqxx>
#include <set>
#include <thread>

/// What tests of the relay begin with.
namespace support {

using namespace std::chrono_literals;

inline constexpr const char* stream_name = "CAIRN";

/// The first thing that is wrong with the order in which a stream holds events; empty when each
/// lane's positions are 1, 2, 3… and no event is there twice.
inline std::string out_of_order(const std::vector<Relayed>& messages) {
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
        : database{fresh_database("relay")},
          appender{database, {}, [](const postgres::Commit&) {}},
          broker{directory() / "nats"} {
        for (int i = 0; i < 5; ++i) tenants.push_back({new_id()});
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

    /// A tenant whose lane is another than the first one's.
    domain::TenantId elsewhere() {
        const auto lane = appender.lane_of(tenants[0]).value();
        domain::TenantId tenant{new_id()};
        while (appender.lane_of(tenant).value() == lane) tenant = {new_id()};
        return tenant;
    }
    void append_to(domain::TenantId tenant, int events, std::string_view type = "test.happened") {
        for (int i = 0; i < events; ++i) {
            auto one = append_of(tenant, new_id(), 0);
            one.writes[0].events[0].form.type = type;
            ASSERT_TRUE(append_now(appender, std::move(one)));
        }
        appended += static_cast<std::size_t>(events);
    }
    void append(int events) {
        for (int i = 0; i < events; ++i) {
            ASSERT_TRUE(append_now(
                appender,
                append_of(tenants[static_cast<std::size_t>(i) % tenants.size()], new_id(), 0)));
        }
        appended += static_cast<std::size_t>(events);
    }

    std::int64_t behind() const {
        pqxx::connection connection{admin_of(database).url};
        pqxx::nontransaction tx{connection};
        std::int64_t sum = 0;
        for (const auto& lane : postgres::relay_lanes(tx, stream_name)) sum += lane.behind();
        return sum;
    }

    std::string state() const {
        pqxx::connection connection{admin_of(database).url};
        pqxx::nontransaction tx{connection};
        const auto rows = tx.exec("select state, code from relay.state");
        return rows.empty() ? ""
                            : rows[0][0].as<std::string>() + " " + rows[0][1].as<std::string>();
    }

    std::string detail() const {
        pqxx::connection connection{admin_of(database).url};
        pqxx::nontransaction tx{connection};
        return tx.query_value<std::string>("select detail from relay.state");
    }

    template <class Is>
    static bool comes(Is is) {
        for (int tries = 0; tries < 600; ++tries) {
            if (is()) return true;
            std::this_thread::sleep_for(50ms);
        }
        return false;
    }
    void set_cursor(const std::string& change) {
        pqxx::connection connection{admin_of(database).url};
        pqxx::nontransaction tx{connection};
        tx.exec(change);
    }
    void reset(std::int64_t position) {
        pqxx::connection connection{admin_of(database).url};
        pqxx::work tx{connection};
        std::map<int, std::int64_t> to;
        for (const auto& lane : postgres::relay_lanes(tx, stream_name)) to[lane.lane] = position;
        postgres::set_relay(tx, stream_name, to);
        tx.commit();
    }
    void expect_everything_once() const {
        const auto messages = broker.messages(stream_name);
        EXPECT_EQ(messages.size(), appended);
        EXPECT_EQ(out_of_order(messages), "");
    }

    bool caught_up() const {
        return comes([this] { return behind() == 0; });
    }

    postgres::Database database;
    postgres::Appender appender;
    Broker broker;
    std::vector<domain::TenantId> tenants;
    std::size_t appended = 0;
};

}  // namespace support
