#include "projections/fields.hpp"
#include "projections/projection.hpp"
#include "src/cli/database.hpp"
#include "src/cli/event_rows.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/projection_named.hpp"
#include "src/cli/standing.hpp"
#include "src/runtime/projection_batch.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

/// Tenths are enough for people and monitoring alike.
double rounded(double seconds) {
    return static_cast<double>(static_cast<std::int64_t>(seconds * 10)) / 10;
}

Record shown(const Standing& one) {
    Record record;
    record.fields.emplace_back("name", one.name);
    record.fields.emplace_back("state", one.state);
    if (!one.failed.empty()) record.fields.emplace_back("failed", one.failed);
    record.fields.emplace_back("events_behind", one.behind());
    record.fields.emplace_back("seconds_behind", rounded(one.lag_seconds()));
    record.fields.emplace_back("dead_letters", one.parked);
    const auto* projection = projections::find(one.name);
    std::string categories, tables;
    for (const auto name : projection->categories)
        categories += (categories.empty() ? "" : " ") + std::string{name};
    for (const auto name : projection->tables)
        tables += (tables.empty() ? "" : " ") + std::string{name};
    record.fields.emplace_back("reads", categories);
    record.fields.emplace_back("writes", tables);
    Table lanes{{"lane", "position", "head", "seconds_behind", "advanced_at", "holder"}, {}};
    for (const auto& lane : one.lanes)
        lanes.rows.push_back({std::int64_t{lane.lane}, lane.position, lane.head,
                              rounded(lane.lag_seconds), lane.advanced_at, lane.holder});
    record.parts.emplace_back("lanes", std::move(lanes));
    return record;
}

Outcome set_paused(Context& context, bool paused) {
    const auto projection = named_projection(context);
    if (!projection) return std::unexpected(projection.error());
    const std::string name{(*projection)->name};
    return with_database(context, Access::write, [&](pqxx::connection& connection) -> Outcome {
        pqxx::work tx{connection};
        tx.exec(R"sql(
            insert into projection.state (name, paused) values ($1, $2)
                on conflict (name) do update
               set paused = excluded.paused, changed_at = now(),
                   failed = case when excluded.paused then projection.state.failed end)sql",
                pqxx::params{name, paused})
            .no_rows();
        tx.commit();
        Record record;
        record.fields.emplace_back("name", name);
        record.fields.emplace_back("state", std::string{paused ? "paused" : "running"});
        return Answer{
            std::move(record),
            ok,
            {"undo: cairn projection " + std::string{paused ? "resume " : "pause "} + name}};
    });
}

struct Parked {
    domain::TenantId tenant;
    events::StreamId stream;
};

std::vector<Parked> parked_keys(pqxx::connection& connection, std::string_view name,
                                const Context& context) {
    pqxx::nontransaction tx{connection};
    std::vector<Parked> keys;
    for (const auto& row :
         tx.exec("select tenant, category, stream from projection.dead_letter where name = $1 "
                 "and ($2 = '' or tenant::text = $2) "
                 "and ($3 = '' or category || '-' || stream = $3) order by lane, position",
                 pqxx::params{name, context.text("tenant"), context.text("stream")}))
        keys.push_back({{projections::uuid_of(row[0])},
                        {row[1].as<std::string>(), projections::uuid_of(row[2])}});
    return keys;
}

}  // namespace

Checked<const projections::Projection*> named_projection(const Context& context) {
    return projection_named(context.text("NAME"));
}

Checked<const projections::Projection*> projection_named(const std::string& name) {
    if (const auto* found = projections::find(name)) return found;
    std::vector<std::string_view> names;
    for (const auto& projection : projections::catalog()) names.push_back(projection.name);
    const auto near = runtime::nearest(name, names, 2);
    return std::unexpected(Failure{
        not_there, "projection " + name,
        near.empty() ? "see: cairn projection ls" : "did you mean " + std::string{near} + "?"});
}

Outcome projection_ls(Context& context) {
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        Table table{
            {"name", "state", "events_behind", "seconds_behind", "dead_letters", "advanced_at"},
            {}};
        for (const auto& one : standings(connection))
            table.rows.push_back({one.name, one.state, one.behind(), rounded(one.lag_seconds()),
                                  one.parked, one.advanced_at()});
        return Answer{std::move(table)};
    });
}

Outcome projection_show(Context& context) {
    const auto projection = named_projection(context);
    if (!projection) return std::unexpected(projection.error());
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        Answer answer;
        for (const auto& one : standings(connection)) {
            if (one.name == (*projection)->name) answer.data = shown(one);
        }
        return answer;
    });
}

Outcome projection_pause(Context& context) { return set_paused(context, true); }
Outcome projection_resume(Context& context) { return set_paused(context, false); }

Outcome dead_letters_ls(Context& context) {
    if (context.has("NAME")) {
        if (const auto known = named_projection(context); !known)
            return std::unexpected(known.error());
    }
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        pqxx::nontransaction tx{connection};
        Table table{{"projection", "code", "events", "lane", "position", "stream", "tenant",
                     "parked_at", "detail"},
                    {}};
        for (const auto& row :
             tx.exec(R"sql(
                select name, code, events, lane, position, category || '-' || stream, tenant,
                       parked_at, detail
                  from projection.dead_letter
                 where ($1 = '' or name = $1) and name not like '%@%'
                 order by parked_at limit $2)sql",
                     pqxx::params{context.text("NAME"), context.number("limit", 50)}))
            table.rows.push_back(
                {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::int64_t>(),
                 row[3].as<std::int64_t>(), row[4].as<std::int64_t>(), row[5].as<std::string>(),
                 row[6].as<std::string>(), instant_text(row[7].view()), row[8].as<std::string>()});
        return Answer{std::move(table)};
    });
}

Outcome dead_letters_retry(Context& context) {
    const auto projection = named_projection(context);
    if (!projection) return std::unexpected(projection.error());
    return with_database(context, Access::write, [&](pqxx::connection& connection) -> Outcome {
        Answer answer;
        Table table{{"stream", "tenant", "repaired", "code", "detail"}, {}};
        std::size_t repaired = 0;
        for (const auto& key : parked_keys(connection, (*projection)->name, context)) {
            const auto result =
                runtime::retry_dead_letter(connection, **projection, key.tenant, key.stream);
            repaired += result.repaired;
            table.rows.push_back({events::to_text(key.stream), domain::to_text(key.tenant),
                                  result.repaired, result.code, result.detail});
        }
        if (table.rows.empty() && context.has("stream"))
            return std::unexpected(Failure{not_there, context.text("stream") + " is not parked",
                                           "see: cairn projection dead-letters ls"});
        if (repaired < table.rows.size()) answer.exit_code = partial;
        answer.notes.push_back(std::to_string(repaired) + " of " +
                               std::to_string(table.rows.size()) + " keys repaired");
        answer.data = std::move(table);
        return answer;
    });
}

}  // namespace cli
