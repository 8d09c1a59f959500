#include "events/document.hpp"
#include "projections/fields.hpp"
#include "projections/stream_state.hpp"
#include "src/cli/database.hpp"
#include "src/cli/event_rows.hpp"
#include "src/cli/handlers.hpp"
#include "src/postgres/event_store.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

struct Found {
    domain::TenantId tenant;
    events::StreamId stream;
    std::int64_t version{};
};

/// The stream that STREAM names; ids are unique, so a tenant is only needed to be sure.
Checked<Found> find_stream(const Context& context, pqxx::connection& connection) {
    const auto stream = stream_from(context.text("STREAM"));
    if (!stream) return std::unexpected(stream.error());
    const auto tenant = context.uuid("tenant");
    pqxx::nontransaction tx{connection};
    const auto rows = tx.exec(
        "select tenant, version from log.stream where category = $1 and id = $2::uuid "
        "and ($3 = '' or tenant::text = $3) limit 2",
        pqxx::params{stream->category, domain::to_text(stream->id),
                     tenant ? domain::to_text(*tenant) : std::string{}});
    if (rows.empty())
        return std::unexpected(Failure{not_there, "stream " + events::to_text(*stream),
                                       "find it with: cairn streams ls"});
    if (rows.size() > 1)
        return std::unexpected(Failure{bad_usage, "two tenants have this stream", "add --tenant"});
    return Found{{projections::uuid_of(rows[0][0])}, *stream, rows[0][1].as<std::int64_t>()};
}

std::vector<events::Recorded> read_up_to(pqxx::connection& connection, const Found& found,
                                         std::int64_t version) {
    pqxx::nontransaction tx{connection};
    std::vector<events::Recorded> past;
    for (const auto& row :
         tx.exec(std::string{"select "} + postgres::event_columns +
                     " from log.event e where e.tenant = $1::uuid and e.category = $2 "
                     "and e.stream = $3::uuid and e.version <= $4 order by e.version",
                 pqxx::params{domain::to_text(found.tenant), found.stream.category,
                              domain::to_text(found.stream.id), version}))
        past.push_back(postgres::recorded_from(row));
    return past;
}

Checked<std::string> state_at(pqxx::connection& connection, const Found& found,
                              std::int64_t version) {
    if (version < 1 || version > found.version)
        return std::unexpected(
            Failure{not_there, "version " + std::to_string(version),
                    "the stream has versions 1 to " + std::to_string(found.version)});
    const auto state = projections::state_json(read_up_to(connection, found, version));
    if (!state) return std::unexpected(Failure{state.error()});
    return *state;
}

/// The version that a moment means: a version itself, the last at an @position, or the last at a
/// time; 0 before the first.
Checked<std::int64_t> version_at(pqxx::connection& connection, const Found& found,
                                 const std::string& moment) {
    const auto place = place_from(moment);
    if (!place || !place->lanes.empty())
        return std::unexpected(Failure{bad_usage, "'" + moment + "' is no moment of a stream",
                                       "a moment is a version, an @position, or a time such as "
                                       "2026-01-31T08:00:00Z"});
    if (place->everywhere && !moment.starts_with('@')) return *place->everywhere;
    pqxx::nontransaction tx{connection};
    return tx
        .exec(
            "select coalesce(max(e.version), 0) from log.event e where e.tenant = $1::uuid "
            "and e.category = $2 and e.stream = $3::uuid and e.position <= $4 "
            "and e.recorded_at <= $5::timestamptz",
            pqxx::params{domain::to_text(found.tenant), found.stream.category,
                         domain::to_text(found.stream.id), place->everywhere.value_or(INT64_MAX),
                         place->time ? domain::to_text(*place->time) : "infinity"})
        .one_field()
        .as<std::int64_t>();
}

/// The members of a JSON object as the fields of a record.
Record record_from(std::string_view json) {
    Record record;
    const auto document = events::Document::parse_stored(json);
    if (!document) return record;
    const auto root = document->root();
    for (const auto member : root.members()) {
        const auto value = *root.find(member);
        const auto text = value.text();
        record.fields.emplace_back(std::string{member},
                                   text ? Cell{std::string{*text}} : Cell{Json{value.dump()}});
    }
    return record;
}

Table difference_of(std::string_view before, std::string_view after) {
    Table table{{"member", "from", "to"}, {}};
    for (const auto& [pointer, from, to] : projections::differences(before, after))
        table.rows.push_back({pointer, json_cell(from), json_cell(to)});
    return table;
}

}  // namespace

Outcome streams_ls(Context& context) {
    const auto tenant = context.uuid("tenant");
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        pqxx::nontransaction tx{connection};
        Table table{{"stream", "version", "lane", "tenant"}, {}};
        for (const auto& row :
             tx.exec("select category || '-' || id, version, lane, tenant from log.stream "
                     "where ($1 = '' or tenant = nullif($1, '')::uuid) "
                     "and ($2 = '' or category = $2) order by id desc limit $3",
                     pqxx::params{tenant ? domain::to_text(*tenant) : std::string{},
                                  context.text("category"), context.number("limit", 50)}))
            table.rows.push_back({row[0].as<std::string>(), row[1].as<std::int64_t>(),
                                  row[2].as<std::int64_t>(), row[3].as<std::string>()});
        return Answer{std::move(table)};
    });
}

Outcome streams_show(Context& context) {
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        const auto found = find_stream(context, connection);
        if (!found) return std::unexpected(found.error());
        const auto limit = static_cast<std::size_t>(context.number("limit", 50));
        auto past = read_up_to(connection, *found, found->version);
        Answer answer;
        if (past.size() > limit) {
            answer.notes.push_back("the last " + std::to_string(limit) + " of " +
                                   std::to_string(past.size()) + " events; more with --limit");
            past.erase(past.begin(), past.end() - static_cast<std::ptrdiff_t>(limit));
        }
        Table table{event_columns(context.globals.output), {}};
        for (const auto& event : past)
            table.rows.push_back(event_row(event, context.globals.output));
        answer.data = std::move(table);
        return answer;
    });
}

Outcome streams_state(Context& context) {
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        const auto found = find_stream(context, connection);
        if (!found) return std::unexpected(found.error());
        const auto version = context.has("at") ? version_at(connection, *found, context.text("at"))
                                               : Checked<std::int64_t>{found->version};
        if (!version) return std::unexpected(version.error());
        const auto state = state_at(connection, *found, *version);
        if (!state) return std::unexpected(state.error());
        return Answer{record_from(*state)};
    });
}

Outcome streams_diff(Context& context) {
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        const auto found = find_stream(context, connection);
        if (!found) return std::unexpected(found.error());
        const auto last = context.has("to") ? version_at(connection, *found, context.text("to"))
                                            : Checked<std::int64_t>{found->version};
        if (!last) return std::unexpected(last.error());
        const auto first = context.has("from")
                               ? version_at(connection, *found, context.text("from"))
                               : Checked<std::int64_t>{*last - 1};
        if (!first) return std::unexpected(first.error());
        const auto from = *first, to = *last;
        // Before its first version a stream has no members at all.
        const auto before =
            from == 0 ? Checked<std::string>{"{}"} : state_at(connection, *found, from);
        if (!before) return std::unexpected(before.error());
        const auto after = to == 0 ? Checked<std::string>{"{}"} : state_at(connection, *found, to);
        if (!after) return std::unexpected(after.error());
        return Answer{difference_of(*before, *after),
                      ok,
                      {"version " + std::to_string(from) + " to " + std::to_string(to)}};
    });
}

}  // namespace cli
