#include "events/catalog.hpp"
#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/progress.hpp"
#include "src/cli/stop.hpp"
#include "src/postgres/event_store.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

/// What one stored shape came to.
struct Shape {
    std::int64_t events{}, decoded{}, failed{};
    std::string detail;  ///< of the first event that failed
};
using Shapes = std::map<std::pair<std::string, int>, Shape>;

void look_at(Shapes& shapes, const events::Recorded& event) {
    auto& shape = shapes[{event.type, event.schema}];
    const auto read = events::decodes(event);
    if (read) {
        ++shape.decoded;
        return;
    }
    if (shape.failed++ == 0)
        shape.detail = std::to_string(event.lane) + ":" + std::to_string(event.position) + " " +
                       read.error().detail;
}

/// Every shape there is, and of each the first and the last event of every lane.
void look_at_samples(pqxx::connection& connection, Shapes& shapes) {
    pqxx::nontransaction tx{connection};
    for (const auto& [type, schema, count] : tx.query<std::string, int, std::int64_t>(
             "select type, schema, count(*) from log.event group by type, schema"))
        shapes[{type, schema}].events = count;
    for (const auto& row : tx.exec(std::string{"select "} + postgres::event_columns + R"sql(
            from (select lane, min(position) as first, max(position) as last
                    from log.event group by lane, type, schema) s
           cross join lateral (values (s.first), (s.last)) p (position)
            join log.event e on e.lane = s.lane and e.position = p.position)sql"))
        look_at(shapes, postgres::recorded_from(row));
}

Checked<void> look_at_all(const Context& context, pqxx::connection& connection, Shapes& shapes) {
    constexpr int page = 5000;
    pqxx::nontransaction tx{connection};
    const auto total = tx.query_value<std::int64_t>(
        "select coalesce(sum(position), 0)::bigint from log.lane_head");
    Progress progress{context, {"schema check", "check", "ev"}, total};
    int lane = -1;
    std::int64_t after = 0;
    while (true) {
        const auto rows = tx.exec(std::string{"select "} + postgres::event_columns +
                                      " from log.event e where (e.lane, e.position) > ($1, $2) "
                                      "order by e.lane, e.position limit $3",
                                  pqxx::params{lane, after, page});
        if (rows.empty()) break;
        for (const auto& row : rows) {
            const auto event = postgres::recorded_from(row);
            ++shapes[{event.type, event.schema}].events;
            look_at(shapes, event);
            lane = event.lane;
            after = event.position;
        }
        progress.add(std::ssize(rows));
        progress.tell();
        if (stop_signal() != 0)
            return std::unexpected(Failure{
                interrupted, "after " + std::to_string(lane) + ":" + std::to_string(after), ""});
    }
    progress.end();
    return {};
}

}  // namespace

Outcome schema_check(Context& context) {
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        catch_stop_signals();
        Shapes shapes;
        if (context.has("every")) {
            if (auto looked = look_at_all(context, connection, shapes); !looked)
                return std::unexpected(looked.error());
        } else {
            look_at_samples(connection, shapes);
        }
        Answer answer;
        Table table{{"type", "schema", "events", "decoded", "failed", "detail"}, {}};
        for (const auto& [name, shape] : shapes) {
            if (shape.failed > 0) answer.exit_code = difference;
            table.rows.push_back({name.first, std::int64_t{name.second}, shape.events,
                                  shape.decoded, shape.failed, shape.detail});
        }
        answer.notes.emplace_back(
            answer.exit_code == ok ? "this build reads every stored shape"
                                   : "this build does not read all of history: do not deploy it");
        answer.data = std::move(table);
        return answer;
    });
}

}  // namespace cli
