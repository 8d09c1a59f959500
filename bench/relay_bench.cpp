// How many events a second does the relay carry to a JetStream on the same machine? Beside it, in
// the same run: reading the same events from the log, reading and framing them, and publishing the
// finished messages with nobody reading. The relay does all three, one behind the other.
#include "src/postgres/appender.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/relay.hpp"
#include "projections/event_view.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/broker.hpp"
#include "tests/support/cluster.hpp"

#include <atomic>
#include <cstdio>
#include <thread>

namespace {

constexpr int events_count = 60'000;
constexpr int batch = 1000;

void fill(const postgres::Database& database) {
    postgres::Appender appender{database, {}, [](const postgres::Commit&) {}};
    const domain::TenantId tenant{support::new_id()};
    std::atomic<int> open{0};
    for (int i = 0; i < events_count; ++i) {
        while (open > 2000) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        ++open;
        appender.submit(support::append_of(tenant, support::new_id(), 0, std::string(200, 'x')),
                        [&](const domain::Result<events::Outcome>& outcome) {
                            if (!outcome) std::printf("an append failed\n");
                            --open;
                        });
    }
    while (open > 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

double per_second(std::int64_t started) {
    return 1e6 * events_count / static_cast<double>(runtime::steady_micros() - started);
}

/// Reads everything; what `use` does with a batch is counted in.
template <class Use>
double reading(const postgres::Database& database, Use use) {
    postgres::RelayBook book{database, "ALONE"};
    const auto started = runtime::steady_micros();
    const auto lanes = book.lanes().value();
    for (const auto& lane : lanes) {
        for (auto after = std::int64_t{0}; after < lane.head;) {
            const auto events = book.read(lane.lane, after, batch).value();
            use(events);
            after = events.back().position;
        }
    }
    return per_second(started);
}

std::vector<broker::Message> framed(const std::vector<events::Recorded>& events) {
    std::vector<broker::Message> messages;
    for (const auto& event : events)
        messages.push_back(
            {"alone" + runtime::relay_subject(event).substr(5), domain::to_text(event.id),
             projections::cloud_event_withheld(event).value(), event.lane, event.position});
    return messages;
}

double publishing(const postgres::Database& database, broker::Options options) {
    std::vector<std::vector<broker::Message>> batches;
    reading(database, [&](const auto& events) { batches.push_back(framed(events)); });
    options.stream = "ALONE";
    options.subjects = "alone.>";
    const auto alone = broker::JetStream::connect(options).value();
    const auto started = runtime::steady_micros();
    for (const auto& one : batches) {
        if (alone->publish(one, std::nullopt).acknowledged != one.size())
            std::printf("a batch was refused\n");
    }
    return per_second(started);
}

double relaying(const postgres::Database& database, const broker::Options& options) {
    runtime::RelayOptions relaying;
    relaying.broker = options;
    const auto started = runtime::steady_micros();
    runtime::Relay relay{database, relaying};
    while (relay.standing().published < events_count)
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    return per_second(started);
}

}  // namespace

int main() {
    support::start_cluster(true);
    {
        support::Broker server{support::directory() / "nats"};
        server.start();
        const auto database = support::fresh_database("relay_bench");
        fill(database);
        broker::Options options;
        options.url = server.url();
        options.stream = "CAIRN";
        options.subjects = "cairn.>";
        options.in_flight_max = batch;
        const auto read = reading(database, [](const auto&) {});
        const auto framing = reading(database, [](const auto& events) { framed(events); });
        const auto published = publishing(database, options);
        const auto relayed = relaying(database, options);
        std::printf("reading alone %.0f events/s, reading and framing %.0f, publishing %.0f\n",
                    read, framing, published);
        std::printf("relayed %.0f events/s: %.2f of reading alone, %.2f of publishing alone\n",
                    relayed, relayed / read, relayed / published);
    }
    support::stop_cluster();
}
