// How fast does a replay fold the log into the goal board, and how long after the answer is an
// event visible in the read model? Beside the replay: reading the same events without folding them.
// Sketch: reading 3 us an event, folding 10, an upsert of 30 us a goal shared by its ten events.
#include "domain/goal.hpp"
#include "events/codec.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/projector.hpp"
#include "src/runtime/replay.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/server.hpp"

#include <algorithm>
#include <cstdio>
#include <pqxx/pqxx>
#include <sodium.h>
#include <thread>

namespace {

using namespace domain::goal;

constexpr int goals_count = 12'000;
constexpr int check_ins_each = 9;

events::Append goal_history(postgres::Appender&, domain::TenantId tenant, events::Keys& keys) {
    const domain::GoalId goal{support::new_id()};
    const domain::UserId owner{support::new_id()};
    State state;
    std::vector<Event> facts;
    const auto take = [&](const Command& command) {
        auto decision = decide(state, command);
        for (auto& fact : *decision) {
            state = evolve(std::move(state), fact);
            facts.push_back(std::move(fact));
        }
    };
    const domain::Date start{20'000};
    take(Draft{goal,
               "More regulars",
               owner,
               {"Turn one-time guests into regulars.", "sales"},
               Measure{"regular_guests",
                       {},
                       Direction::increase,
                       domain::Decimal::whole(120),
                       domain::Decimal::whole(200),
                       {},
                       {},
                       "count"},
               Timeframe{start, start + 300, Cadence::weekly},
               {},
               {}});
    take(Activate{start, {}});
    for (int i = 0; i < check_ins_each; ++i) {
        CheckIn check_in{
            .check_in = {support::new_id()}, .as_of = start + 7 * i, .today = start + 7 * i};
        check_in.value = domain::Decimal::whole(120 + i);
        take(check_in);
    }
    auto append = support::append_of(tenant, goal.value, 0);
    auto& write = append.writes.front();
    write = {{"goal", goal.value}, 0, {}};
    events::Destination to{keys, tenant, write.stream, 0};
    for (const auto& fact : facts) {
        ++to.version;
        write.events.push_back({{support::new_id()}, *events::codec<Event>().encode(fact, to)});
    }
    return append;
}

/// Events a second until the projection is at the head of every lane.
double replayed_per_second(const projections::Projection& projection, int threads) {
    std::int64_t events = 0;
    const auto start = runtime::steady_micros();
    runtime::replay(support::database(), projection, {0, 1, 2, 3},
                    {.holder = {"bench", 60}, .threads = threads}, [&](std::int64_t batch) {
                        events += batch;
                        return true;
                    });
    return static_cast<double>(events) * 1e6 /
           static_cast<double>(runtime::steady_micros() - start);
}

void reset(const projections::Projection& projection) {
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    for (const auto table : projection.tables) tx.exec("truncate " + std::string{table});
    tx.exec("delete from projection.checkpoint; delete from projection.lease");
}

double read_per_second() {
    auto connection = postgres::connect(support::database(), postgres::As::projector);
    std::int64_t events = 0;
    const auto start = runtime::steady_micros();
    for (int lane = 0; lane < 4; ++lane) {
        std::int64_t after = 0;
        while (true) {
            pqxx::nontransaction tx{*connection};
            const auto rows = tx.exec(std::string{"select "} + postgres::event_columns +
                                          " from log.event e where lane = $1 and position > $2 "
                                          "order by position limit 5000",
                                      pqxx::params{lane, after});
            if (rows.empty()) break;
            for (const auto& row : rows) after = postgres::recorded_from(row).position;
            events += std::size(rows);
        }
    }
    return static_cast<double>(events) * 1e6 /
           static_cast<double>(runtime::steady_micros() - start);
}

double percentile(std::vector<double> values, double share) {
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

void visibility(runtime::App& app, domain::TenantId tenant) {
    std::vector<double> millis;
    for (int i = 0; i < 400; ++i) {
        auto append = goal_history(app.appender(), tenant, app.keys());
        const auto outcome = support::append_now(app.appender(), std::move(append));
        if (!outcome) continue;
        const auto answered = runtime::steady_micros();
        if (!app.projector().wait_for("goal_board", outcome->lane, outcome->last_position(), 5000))
            continue;
        millis.push_back(static_cast<double>(runtime::steady_micros() - answered) / 1000);
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    std::printf(
        "visible after the answer: p50 %.2f ms, p99 %.2f ms (%zu commands of 12 or so "
        "events at some 100 a second)\n",
        percentile(millis, 0.5), percentile(millis, 0.99), millis.size());
}

}  // namespace

int main() {
    if (sodium_init() < 0) return 1;
    support::start_cluster(true);
    {
        auto& app = support::app();
        support::HttpClient client{app.port()};
        const auto tenant = support::register_tenant(client);
        const domain::TenantId id{*domain::uuid_from(tenant.id)};
        visibility(app, id);
        std::atomic<int> waiting{0};
        for (int i = 0; i < goals_count; ++i) {
            while (waiting > 512) std::this_thread::sleep_for(std::chrono::milliseconds{1});
            ++waiting;
            app.appender().submit(goal_history(app.appender(), {support::new_id()}, app.keys()),
                                  [&](const auto&) { --waiting; });
        }
        while (waiting > 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    support::stop_app();
    for (const auto& projection : projections::catalog()) {
        std::vector<double> one, two;
        for (int round = 0; round < 3; ++round) {
            reset(projection);
            one.push_back(replayed_per_second(projection, 1));
            reset(projection);
            two.push_back(replayed_per_second(projection, 2));
        }
        std::printf("replay of %s: median %.0f events/s on one connection, %.0f on two\n",
                    std::string{projection.name}.c_str(), percentile(one, 0.5),
                    percentile(two, 0.5));
    }
    std::printf("reading alone: %.0f events/s\n", read_per_second());
    support::stop_cluster();
}
