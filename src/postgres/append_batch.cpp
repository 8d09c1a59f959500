#include "src/postgres/append_batch.hpp"

#include "domain/base/check.hpp"
#include "projections/columns.hpp"

#include <pqxx/pqxx>

namespace postgres {
namespace {

using namespace projections;

/// The arguments of log.append, column by column.
struct Columns {
    // Commands.
    Uuids tenant, id, fingerprint, actor, correlation, causation;
    SmallInts lane, status, actor_kind;
    BigInts occurred;
    Texts traceparent;
    Ints c_write, c_events;
    // Streams.
    Ints w_command, w_events;
    Texts w_category;
    Uuids w_stream;
    BigInts w_expected;
    // Events.
    Ints e_write, e_place;
    SmallInts e_schema;
    BigInts e_version;
    Uuids e_id;
    Texts e_type;
    Byteas e_hash;
    Jsons e_data;
    // Unique values.
    Ints u_command;
    Texts u_name;
    Byteas u_digest;
};

void add_event(Columns& columns, events::Recorded& header, const events::NewEvent& event,
               std::int32_t place) {
    header.id = event.id;
    header.type = event.form.type;
    header.schema = event.form.schema;
    header.data = event.form.data;
    const auto hash = events::content_hash(header);
    columns.e_write.push_back(columns.w_stream.size());
    columns.e_place.push_back(place);
    columns.e_version.push_back(header.version);
    columns.e_id.push_back(event.id);
    columns.e_type.push_back(event.form.type);
    columns.e_schema.push_back(static_cast<std::int16_t>(event.form.schema));
    columns.e_hash.push_back(Bytea{{reinterpret_cast<const char*>(hash.data()), hash.size()}});
    columns.e_data.push_back(Json{event.form.data});
}

/// The number of events of the command so far goes in, and comes back with those of `write`.
std::int32_t add_write(Columns& columns, events::Recorded& header, const events::StreamWrite& write,
                       std::int32_t place) {
    columns.w_command.push_back(columns.id.size());
    columns.w_category.push_back(write.stream.category);
    columns.w_stream.push_back(write.stream.id);
    columns.w_expected.push_back(write.expected);
    columns.w_events.push_back(static_cast<std::int32_t>(write.events.size()));
    header.stream = write.stream;
    header.version = write.expected;
    for (const auto& event : write.events) {
        ++header.version;
        add_event(columns, header, event, place++);
    }
    return place;
}

void add_claims(Columns& columns, const events::Append& append) {
    for (const auto& claim : append.claims) {
        columns.u_command.push_back(columns.id.size());
        columns.u_name.push_back(claim.name);
        columns.u_digest.push_back(
            Bytea{{reinterpret_cast<const char*>(claim.digest.data()), claim.digest.size()}});
    }
}

void add_command(Columns& columns, domain::Instant now, const LanedAppend& laned) {
    const auto& append = *laned.append;
    domain::ensure(!append.writes.empty(), "an append without a stream");
    columns.tenant.push_back(append.tenant);
    columns.id.push_back(append.command);
    columns.fingerprint.push_back(append.fingerprint);
    columns.c_write.push_back(columns.w_stream.size() + 1);
    columns.lane.push_back(static_cast<std::int16_t>(laned.lane));
    columns.status.push_back(static_cast<std::int16_t>(append.status));
    columns.actor_kind.push_back(static_cast<std::int16_t>(append.actor.kind));
    columns.actor.push_back(append.actor.id);
    columns.correlation.push_back(append.correlation);
    columns.causation.push_back(append.causation);
    columns.occurred.push_back(append.occurred_at.micros);
    columns.traceparent.push_back(append.traceparent);
    add_claims(columns, append);
    events::Recorded header;
    header.tenant = append.tenant;
    header.actor = append.actor;
    header.correlation = append.correlation;
    header.causation = append.causation;
    header.command = append.command;
    header.occurred_at = append.occurred_at;
    header.recorded_at = now;
    std::int32_t events = 0;
    for (const auto& write : append.writes) events = add_write(columns, header, write, events);
    columns.c_events.push_back(events);
}

/// What the caller knows once the position is told.
events::Outcome outcome_of(const LanedAppend& laned, std::int64_t first_position) {
    const auto& append = *laned.append;
    const auto& first = append.writes.front();
    events::Outcome outcome;
    outcome.status = append.status;
    outcome.fingerprint = append.fingerprint;
    outcome.stream = first.stream;
    outcome.version = first.expected + static_cast<std::int64_t>(first.events.size());
    outcome.lane = laned.lane;
    outcome.first_position = first_position;
    for (const auto& write : append.writes) outcome.events += static_cast<int>(write.events.size());
    return outcome;
}

events::Outcome first_outcome(const pqxx::row& row, int lane) {
    const auto [verdict, position, status, fingerprint, category, stream, version, count] =
        row.as<int, std::int64_t, int, std::string_view, std::string, std::string_view,
               std::int64_t, int>();
    events::Outcome outcome;
    outcome.status = status;
    outcome.fingerprint = domain::uuid_from(fingerprint).value_or(domain::Uuid{});
    outcome.stream = {category, domain::uuid_from(stream).value_or(domain::Uuid{})};
    outcome.version = version;
    outcome.lane = lane;
    outcome.first_position = position;
    outcome.events = count;
    outcome.replayed = true;
    return outcome;
}

Decided decided_from(const pqxx::row& row, const LanedAppend& laned) {
    const auto verdict = static_cast<Verdict>(row[0].as<int>());
    if (verdict == Verdict::replayed) return {verdict, first_outcome(row, laned.lane)};
    return {verdict, outcome_of(laned, row[1].as<std::int64_t>())};
}

}  // namespace

void prepare_append(pqxx::connection& connection) {
    connection.prepare("append", R"sql(
        select verdict, first_position, status, fingerprint, category, stream, version, events
          from log.append(timestamptz 'epoch' + $1::bigint * interval '1 microsecond',
            $2::uuid[], $3::uuid[], $4::uuid[], $5::smallint[], $6::smallint[], $7::smallint[],
            $8::uuid[], $9::uuid[], $10::uuid[], $11::bigint[], $12::text[], $13::int[],
            $14::int[], $15::int[], $16::text[], $17::uuid[], $18::bigint[], $19::int[],
            $20::int[], $21::int[], $22::bigint[], $23::uuid[], $24::text[], $25::smallint[],
            $26::bytea[], $27::json[], $28::int[], $29::text[], $30::bytea[]))sql");
}

std::vector<Decided> append_batch(pqxx::connection& connection, domain::Instant now,
                                  std::span<const LanedAppend> batch) {
    Columns c;
    for (const auto& laned : batch) add_command(c, now, laned);
    pqxx::nontransaction tx{connection};  // one statement is one transaction and one commit
    auto params = as_params(c.tenant, c.id, c.fingerprint, c.lane, c.status, c.actor_kind, c.actor,
                            c.correlation, c.causation, c.occurred, c.traceparent, c.c_write,
                            c.c_events, c.w_command, c.w_category, c.w_stream, c.w_expected,
                            c.w_events, c.e_write, c.e_place, c.e_version, c.e_id, c.e_type,
                            c.e_schema, c.e_hash, c.e_data, c.u_command, c.u_name, c.u_digest);
    const auto rows = tx.exec(pqxx::prepped{"append"}, pqxx::params{now.micros, params});
    domain::ensure(static_cast<std::size_t>(rows.size()) == batch.size(),
                   "log.append gave another number of verdicts");
    std::vector<Decided> decided;
    decided.reserve(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i)
        decided.push_back(decided_from(rows[static_cast<pqxx::result::size_type>(i)], batch[i]));
    return decided;
}

}  // namespace postgres
