#include "src/postgres/event_store.hpp"

#include "projections/columns.hpp"
#include "projections/fields.hpp"
#include "src/postgres/refusing.hpp"

#include <pqxx/pqxx>

namespace postgres {
namespace {

events::Hash hash_of(const pqxx::field& field) {
    events::Hash hash{};
    const auto bytes = field.as<pqxx::bytes>();
    for (std::size_t i = 0; i < hash.size() && i < bytes.size(); ++i)
        hash[i] = static_cast<std::uint8_t>(bytes[i]);
    return hash;
}

/// Of the six columns that every reading begins with.
events::Recorded placed_from(const pqxx::row& row) {
    events::Recorded event;
    event.tenant = {projections::uuid_of(row[0])};
    event.stream = {row[1].as<std::string>(), projections::uuid_of(row[2])};
    event.version = row[3].as<std::int64_t>();
    event.lane = row[4].as<int>();
    event.position = row[5].as<std::int64_t>();
    return event;
}

}  // namespace

const char* const event_columns =
    "e.tenant, e.category, e.stream, e.version, e.lane, e.position, e.id, e.type, e.schema, "
    "e.actor_kind, e.actor, e.correlation, e.causation, e.command, e.traceparent, "
    "(extract(epoch from e.occurred_at) * 1000000)::bigint, "
    "(extract(epoch from e.recorded_at) * 1000000)::bigint, e.hash, e.data";

events::Recorded recorded_from(const pqxx::row& row) {
    auto event = placed_from(row);
    event.id = {projections::uuid_of(row[6])};
    event.type = row[7].as<std::string>();
    event.schema = row[8].as<int>();
    event.actor = {static_cast<events::ActorKind>(row[9].as<int>()), projections::uuid_of(row[10])};
    event.correlation = projections::uuid_of(row[11]);
    event.causation = projections::uuid_of(row[12]);
    event.command = {projections::uuid_of(row[13])};
    event.traceparent = row[14].as<std::string>();
    event.occurred_at = {row[15].as<std::int64_t>()};
    event.recorded_at = {row[16].as<std::int64_t>()};
    event.hash = hash_of(row[17]);
    event.data = row[18].as<std::string>();
    return event;
}

std::string first_bytes(std::string_view query, std::string_view bytes) {
    std::string sql{
        "(select m.* from (select n.*, coalesce(sum(log.bytes_of(n.data)) over (order by "
        "n.position rows between unbounded preceding and 1 preceding), 0) as bytes_before from ("};
    return (sql += query).append(") n) m where m.bytes_before < ").append(bytes).append(")");
}

const char* const folded_columns =
    "e.tenant, e.category, e.stream, e.version, e.lane, e.position, e.type, e.schema, "
    "e.actor_kind, e.actor, (extract(epoch from e.recorded_at) * 1000000)::bigint, e.data";

events::Recorded folded_from(const pqxx::row& row) {
    auto event = placed_from(row);
    event.type = row[6].as<std::string>();
    event.schema = row[7].as<int>();
    event.actor = {static_cast<events::ActorKind>(row[8].as<int>()), projections::uuid_of(row[9])};
    event.recorded_at = {row[10].as<std::int64_t>()};
    event.data = row[11].as<std::string>();
    return event;
}

struct Reader::Body {
    Database database;
    std::unique_ptr<pqxx::connection> connection;
};

Reader::Reader(Database database) : body_{std::make_unique<Body>(std::move(database))} {}
Reader::~Reader() = default;

domain::Result<void> Reader::within(domain::TenantId tenant, bool changes,
                                    const std::function<bool(pqxx::transaction_base&)>& work) {
    const auto once = [&]() -> domain::Result<void> {
        if (!body_->connection) {
            body_->connection = connect(body_->database, As::reader);
            body_->connection->prepare("read_stream",
                                       std::string{"select "} + event_columns +
                                           " from log.event e where e.tenant = $1 and "
                                           "e.category = $2 and e.stream = $3 and e.version > $4 "
                                           "order by e.version limit $5");
        }
        // One round trip opens the transaction and sets its tenant: a tenant's text form holds
        // nothing but hexadecimal digits and dashes.
        pqxx::nontransaction tx{*body_->connection};
        const std::string begin = changes ? "begin isolation level read committed read write"
                                          : "begin isolation level repeatable read read only";
        tx.exec(begin + "; set local cairn.tenant = '" + domain::to_text(tenant) + "'");
        tx.exec(work(tx) ? "commit" : "rollback");
        return {};
    };
    const bool was_new = body_->connection == nullptr;
    auto result = refusing(once);
    if (result) return result;
    body_->connection.reset();
    // A connection that died while idle says nothing about the database: try once on a new one.
    if (!was_new && result.error().why == events::store_away) {
        result = refusing(once);
        if (!result) body_->connection.reset();
    }
    return result;
}

domain::Result<std::vector<events::Recorded>> Reader::read(domain::TenantId tenant,
                                                           const events::StreamId& stream,
                                                           std::int64_t after_version,
                                                           std::int64_t limit) {
    std::vector<events::Recorded> found;
    auto ran = within(tenant, false, [&](pqxx::transaction_base& tx) {
        found.clear();
        const auto rows = tx.exec(pqxx::prepped{"read_stream"},
                                  pqxx::params{domain::to_text(tenant), stream.category,
                                               domain::to_text(stream.id), after_version, limit});
        found.reserve(static_cast<std::size_t>(rows.size()));
        for (const auto& row : rows) found.push_back(recorded_from(row));
        return true;
    });
    if (!ran) return std::unexpected(std::move(ran.error()));
    return found;
}

domain::Result<std::vector<events::Recorded>> Reader::read_all(
    domain::TenantId tenant, std::string_view category, const std::vector<domain::Uuid>& ids) {
    projections::Uuids streams;
    for (const auto& id : ids) streams.push_back(id);
    std::vector<events::Recorded> found;
    auto ran = within(tenant, false, [&](pqxx::transaction_base& tx) {
        found.clear();
        const auto rows = tx.exec(std::string{"select "} + event_columns +
                                      " from unnest($3::uuid[]) as k (stream) join log.event e on "
                                      "e.tenant = $1 and e.category = $2 and e.stream = k.stream "
                                      "order by e.stream, e.version",
                                  pqxx::params{domain::to_text(tenant), category, streams.bound()});
        for (const auto& row : rows) found.push_back(recorded_from(row));
        return true;
    });
    if (!ran) return std::unexpected(std::move(ran.error()));
    return found;
}

domain::Result<std::optional<events::Outcome>> Reader::outcome(domain::TenantId tenant,
                                                               domain::CommandId command) {
    std::optional<events::Outcome> found;
    auto ran = within(tenant, false, [&](pqxx::transaction_base& tx) {
        const auto rows = tx.exec(R"sql(
            select k.status, k.fingerprint, k.category, k.stream, k.version, k.first_position,
                   k.events, (select l.lane from log.tenant_lane l where l.tenant = $2)
              from log.outcome_of($1) k)sql",
                                  pqxx::params{domain::to_text(command), domain::to_text(tenant)});
        if (rows.empty()) return true;
        const auto row = rows[0];
        events::Outcome outcome;
        outcome.status = row[0].as<int>();
        outcome.fingerprint = projections::uuid_of(row[1]);
        outcome.stream = {row[2].as<std::string>(), projections::uuid_of(row[3])};
        outcome.version = row[4].as<std::int64_t>();
        outcome.first_position = row[5].as<std::int64_t>();
        outcome.events = row[6].as<int>();
        outcome.lane = row[7].as<int>();
        outcome.replayed = true;
        found = std::move(outcome);
        return true;
    });
    if (!ran) return std::unexpected(std::move(ran.error()));
    return found;
}

}  // namespace postgres
