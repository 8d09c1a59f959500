#include "src/runtime/metric_upkeep.hpp"

#include "commands/catalog.hpp"
#include "commands/handle.hpp"
#include "domain/retention.hpp"
#include "events/codec.hpp"
#include "projections/fields.hpp"
#include "projections/metric_segment.hpp"
#include "src/postgres/event_store.hpp"
#include "src/postgres/refusing.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/uuid.hpp"

#include <future>
#include <pqxx/pqxx>
#include <thread>

namespace runtime {
namespace {

namespace metric = projections::metric;

constexpr std::chrono::milliseconds breath_min{1};

/// The checkpoint's row is what the projection itself locks for a batch, so neither sees the other
/// in the middle; and whoever holds it may wait for tables, but for no other lane.
void hold_lane(pqxx::transaction_base& tx, int lane) {
    tx.exec("set local lock_timeout = '60s'");
    tx.exec(
        "select 1 from projection.checkpoint where name = 'metric_board' and lane = $1 "
        "for update",
        pqxx::params{lane});
}

std::int64_t pack_step(pqxx::connection& connection, const metric::Cold& cold,
                       domain::Instant before) {
    pqxx::work tx{connection};
    hold_lane(tx, cold.lane);
    const auto points = metric::pack(tx, cold, before);
    tx.commit();
    return points;
}

/// No projection may be about to write into a chunk that goes.
std::int64_t drop_empty_chunks(pqxx::connection& connection, domain::Instant before) {
    pqxx::work tx{connection};
    tx.exec(
        "select 1 from projection.checkpoint where name = 'metric_board' order by lane "
        "for update");
    const auto dropped =
        tx.exec("select board.drop_empty_chunks($1)", pqxx::params{domain::to_text(before)})
            .one_field()
            .as<std::int64_t>();
    tx.commit();
    return dropped;
}

std::vector<metric::Cold> cold_metrics(pqxx::connection& connection, domain::Instant before) {
    pqxx::nontransaction tx{connection};
    return metric::cold_metrics(tx, before);
}

std::vector<domain::Instant> pack_ends(pqxx::connection& connection, const metric::Cold& cold,
                                       domain::Instant before) {
    pqxx::nontransaction tx{connection};
    return metric::pack_ends(tx, cold, before);
}

std::int64_t total_of(const std::vector<metric::Cold>& all) {
    std::int64_t total = 0;
    for (const auto& one : all) total += one.points;
    return total;
}

/// Others may read a chunk as long as they like; that is no reason to call the packing failed.
std::optional<std::int64_t> chunks_dropped(pqxx::connection& connection, domain::Instant before) {
    const auto dropped = postgres::refusing(
        [&]() -> domain::Result<std::int64_t> { return drop_empty_chunks(connection, before); });
    if (dropped) return *dropped;
    log::warn("empty chunks not dropped", {{"code", std::string{dropped.error().why.slug}},
                                           {"detail", dropped.error().detail}});
    return std::nullopt;
}

std::int64_t stored_bytes(pqxx::connection& connection) {
    pqxx::nontransaction tx{connection};
    return tx
        .exec(
            "select (coalesce(sum(pg_total_relation_size(i.inhrelid)), 0) + "
            "pg_total_relation_size('board.metric_segment'))::bigint from pg_inherits i "
            "where i.inhparent = 'board.business_metrics'::regclass")
        .one_field()
        .as<std::int64_t>();
}

/// False when it was stopped.
bool pack_all(pqxx::connection& connection, domain::Instant before, const Stepped& stepped,
              Packed& packed) {
    const auto all = cold_metrics(connection, before);
    const auto total = total_of(all);
    for (const auto& cold : all) {
        for (const auto end : pack_ends(connection, cold, before)) {
            const auto started = std::chrono::steady_clock::now();
            packed.points += pack_step(connection, cold, end);
            const auto held = std::chrono::steady_clock::now() - started;
            if (!stepped(packed.points, total)) return false;
            // The projector does not queue for a lane, so it gets its turns here.
            std::this_thread::sleep_for(
                std::max<std::chrono::steady_clock::duration>(held, breath_min));
        }
    }
    return true;
}

domain::Result<void> note_run(const postgres::Database& database, domain::Instant started,
                              std::chrono::steady_clock::duration took, domain::Instant before,
                              const Packed& packed, std::string_view outcome) {
    return postgres::refusing([&]() -> domain::Result<void> {
        auto connection = postgres::connect(database, postgres::As::projector);
        pqxx::nontransaction{*connection}
            .exec(R"sql(
            insert into projection.upkeep
                (run, what, started_at, before, points, chunks, bytes_before, bytes_after,
                 milliseconds, outcome)
            values ($1, 'pack', $2, $3, $4, $5, $6, $7, $8, $9))sql",
                  pqxx::params{
                      domain::to_text(uuid_v7()), domain::to_text(started), domain::to_text(before),
                      packed.points, packed.chunks, packed.bytes_before, packed.bytes_after,
                      std::chrono::duration_cast<std::chrono::milliseconds>(took).count(), outcome})
            .no_rows();
        return {};
    });
}

/// Tenants with the oldest business day that a roll-up shows.
std::vector<std::pair<domain::TenantId, domain::Date>> oldest_days(
    const postgres::Database& database) {
    auto connection = postgres::connect(database, postgres::As::projector);
    pqxx::nontransaction tx{*connection};
    std::vector<std::pair<domain::TenantId, domain::Date>> found;
    for (const auto& row : tx.exec(R"sql(
             select m.tenant, min(d.bucket)::date - date '1970-01-01'
               from board.metric m
              cross join lateral (select r.bucket from board.metric_rollup r
                                   where r.tenant = m.tenant and r.metric = m.metric
                                     and r.grain = 1
                                   order by r.bucket limit 1) d
              group by m.tenant order by m.tenant)sql"))
        found.emplace_back(domain::TenantId{projections::uuid_of(row[0])},
                           domain::Date{row[1].as<std::int32_t>()});
    return found;
}

/// One tenant and one day are one command, whoever asks.
domain::Result<bool> trim_one(postgres::Reader& reader, postgres::Appender& appender,
                              events::Keys& keys, domain::TenantId tenant, domain::Instant now) {
    commands::Request request;
    request.who.tenant = tenant;
    request.command = {events::id_of_name(tenant, "trim history",
                                          domain::to_text(domain::retention::youngest_day(now)))};
    request.fingerprint = request.command.value;
    request.correlation = request.command.value;
    request.now = now;
    request.new_id = &uuid_v7;
    auto proposal = commands::tenant::trim_history(reader, keys, request);
    if (!proposal) return std::unexpected(std::move(proposal.error()));
    if (proposal->append.writes.front().events.empty()) return false;
    proposal->append.actor = {events::ActorKind::system, {}};
    std::promise<domain::Result<events::Outcome>> promise;
    auto future = promise.get_future();
    appender.submit(std::move(proposal->append),
                    [&](auto outcome) { promise.set_value(std::move(outcome)); });
    const auto outcome = future.get();
    if (!outcome) return std::unexpected(outcome.error());
    return true;
}

}  // namespace

domain::Result<Packed> pack_cold_points(const postgres::Database& database, domain::Instant before,
                                        const Stepped& stepped) {
    const auto started = now();
    const auto began = std::chrono::steady_clock::now();
    Packed packed;
    const auto whole = postgres::refusing([&]() -> domain::Result<bool> {
        auto connection = postgres::connect_folding(database);
        packed.bytes_before = stored_bytes(*connection);
        const bool finished = pack_all(*connection, before, stepped, packed);
        if (finished) packed.chunks = chunks_dropped(*connection, before);
        packed.bytes_after = stored_bytes(*connection);
        return finished;
    });
    const auto outcome = !whole ? whole.error().why.slug : *whole ? "done" : "stopped";
    const auto noted = note_run(database, started, std::chrono::steady_clock::now() - began, before,
                                packed, outcome);
    if (!whole) return std::unexpected(whole.error());
    if (!noted) return std::unexpected(noted.error());
    return packed;
}

domain::Result<std::int64_t> count_cold_points(const postgres::Database& database,
                                               domain::Instant before) {
    return postgres::refusing([&]() -> domain::Result<std::int64_t> {
        auto connection = postgres::connect(database, postgres::As::projector);
        return total_of(cold_metrics(*connection, before));
    });
}

domain::Result<std::vector<Trim>> histories_due(const postgres::Database& database,
                                                domain::Instant now) {
    return postgres::refusing([&]() -> domain::Result<std::vector<Trim>> {
        postgres::Reader reader{database};
        std::vector<Trim> due;
        for (const auto& [tenant, oldest] : oldest_days(database)) {
            const auto loaded =
                commands::load<domain::tenant::Tenant>(reader, nullptr, tenant, tenant.value);
            if (!loaded) return std::unexpected(loaded.error());
            if (!loaded->state.exists) continue;
            const auto trim =
                domain::tenant::decide(loaded->state, domain::tenant::TrimHistory{.now = now});
            if (!trim || trim->empty()) continue;
            const auto& kept = std::get<domain::tenant::HistoryTrimmed>(trim->front()).kept_from;
            if (oldest < kept.points) due.push_back({tenant, kept});
        }
        return due;
    });
}

domain::Result<std::int64_t> trim_histories(const postgres::Database& database,
                                            postgres::Appender& appender, events::Keys& keys,
                                            domain::Instant now, const Stepped& stepped) {
    const auto due = histories_due(database, now);
    if (!due) return std::unexpected(due.error());
    return postgres::refusing([&]() -> domain::Result<std::int64_t> {
        postgres::Reader reader{database};
        std::int64_t trimmed = 0, seen = 0;
        for (const auto& one : *due) {
            const auto done = trim_one(reader, appender, keys, one.tenant, now);
            if (!done) return std::unexpected(done.error());
            trimmed += *done;
            if (!stepped(++seen, static_cast<std::int64_t>(due->size()))) break;
        }
        return trimmed;
    });
}

}  // namespace runtime
