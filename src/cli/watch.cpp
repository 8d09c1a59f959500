#include "src/cli/watch.hpp"

#include "src/cli/database.hpp"
#include "src/cli/standing.hpp"
#include "src/cli/stop.hpp"
#include "src/runtime/clock.hpp"

#include <algorithm>
#include <poll.h>
#include <pqxx/pqxx>

namespace cli {
namespace {

constexpr int look_milliseconds = 1000;

/// What one look saw; rates need two.
struct Look {
    std::int64_t at_micros{};
    std::vector<Standing> standings;
    std::int64_t head() const {
        std::int64_t sum = 0;
        if (standings.empty()) return sum;
        for (const auto& lane : standings.front().lanes) sum += lane.head;
        return sum;
    }
    static std::int64_t position(const Standing& one) {
        std::int64_t sum = 0;
        for (const auto& lane : one.lanes) sum += lane.position;
        return sum;
    }
};

std::int64_t rate(std::int64_t before, std::int64_t now, std::int64_t micros) {
    return micros <= 0 ? 0 : std::max<std::int64_t>((now - before) * 1'000'000 / micros, 0);
}

/// One line a projection, and one of the log.
Table painted(const Look& before, const Look& now) {
    const auto micros = now.at_micros - before.at_micros;
    Table table{{"name", "state", "position", "events_behind", "seconds_behind",
                 "events_per_second", "dead_letters", "advanced_at"},
                {}};
    table.rows.push_back({std::string{"log"}, std::string{"head"}, now.head(), std::int64_t{0}, 0.0,
                          rate(before.head(), now.head(), micros), std::int64_t{0},
                          domain::to_text(runtime::now())});
    for (std::size_t i = 0; i < now.standings.size(); ++i) {
        const auto& one = now.standings[i];
        const auto position = Look::position(one);
        table.rows.push_back({one.name, one.state, position, one.behind(), one.lag_seconds(),
                              rate(Look::position(before.standings[i]), position, micros),
                              one.parked, one.advanced_at()});
    }
    return table;
}

const Columns line_columns{"at",     "head",           "events_per_second", "slowest",    "state",
                           "behind", "seconds_behind", "dead_letters",      "advanced_at"};

/// The log, and the projection that is furthest behind.
Row line_of(const Look& before, const Look& now) {
    const auto slowest = std::ranges::max_element(now.standings, {}, &Standing::behind);
    std::int64_t parked = 0;
    std::string advanced;
    for (const auto& one : now.standings) {
        parked += one.parked;
        advanced = std::max(advanced, one.advanced_at());
    }
    return {domain::to_text(runtime::now()),
            now.head(),
            rate(before.head(), now.head(), now.at_micros - before.at_micros),
            slowest->name,
            slowest->state,
            slowest->behind(),
            slowest->lag_seconds(),
            parked,
            advanced};
}

}  // namespace

Outcome watch_status(Context& context) {
    catch_stop_signals();
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        const auto looks = context.number("count", INT64_MAX);
        Look before{runtime::steady_micros(), standings(connection)};
        for (std::int64_t look = 0; look < looks && stop_signal() == 0; ++look) {
            if (look > 0) ::poll(nullptr, 0, look_milliseconds);
            Look now{runtime::steady_micros(), standings(connection)};
            if (!context.printer->repaint(painted(before, now)))
                context.printer->stream(line_columns, line_of(before, now));
            before = std::move(now);
        }
        return Answer{};
    });
}

}  // namespace cli
