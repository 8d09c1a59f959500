#include "src/postgres/relay.hpp"

#include "projections/columns.hpp"
#include "projections/fields.hpp"
#include "projections/prepared.hpp"
#include "src/postgres/event_store.hpp"
#include "src/postgres/refusing.hpp"

#include <pqxx/pqxx>

namespace postgres {
namespace {

using projections::prepared;

constexpr int lock_class = 716'338'460;  // of Cairn's relays, in each database

}  // namespace

std::vector<RelayLane> relay_lanes(pqxx::transaction_base& tx, const std::string& stream) {
    std::vector<RelayLane> lanes;
    for (const auto& row : tx.exec(prepared(tx, "relay_lanes", R"sql(
            select h.lane, h.position, coalesce(c.position, 0),
                   case when c.lane is null then 0 else c.sequence end
              from log.lane_head h
              left join relay.cursor c on c.stream = $1 and c.lane = h.lane
             order by h.lane)sql"),
                                   pqxx::params{stream}))
        lanes.push_back({row[0].as<int>(), row[1].as<std::int64_t>(), row[2].as<std::int64_t>(),
                         row[3].as<std::optional<std::int64_t>>()});
    return lanes;
}

void set_relay(pqxx::transaction_base& tx, const std::string& stream,
               const std::map<int, std::int64_t>& positions) {
    projections::SmallInts lanes;
    projections::BigInts places;
    for (const auto& [lane, position] : positions) {
        lanes.push_back(static_cast<std::int16_t>(lane));
        places.push_back(position);
    }
    tx.exec(R"sql(
        insert into relay.cursor (stream, lane, position)
        select $1, * from unnest($2::smallint[], $3::bigint[])
            on conflict (stream, lane) do update
           set position = excluded.position, sequence = null, moved_at = now())sql",
            pqxx::params{stream, lanes.bound(), places.bound()})
        .no_rows();
}

bool is_relayed(pqxx::transaction_base& tx, const std::string& stream) {
    return tx
        .exec(
            "select exists (select from pg_locks where locktype = 'advisory' and granted "
            "and database = (select oid from pg_database where datname = current_database()) "
            "and classid = $1::int::oid and objid = (hashtext($2)::bigint & 4294967295)::oid)",
            pqxx::params{lock_class, stream})
        .one_field()
        .as<bool>();
}

struct RelayBook::Body {
    Database database;
    std::string stream;
    std::unique_ptr<pqxx::connection> connection;
    bool ours = false;

    /// A cursor that a crash of PostgreSQL takes back is found again from what the stream holds, so
    /// no batch waits for the disk.
    template <class Work>
    auto run(Work work) -> decltype(work(std::declval<pqxx::transaction_base&>())) {
        auto done = refusing([&]() -> decltype(work(std::declval<pqxx::transaction_base&>())) {
            if (!connection) connection = connect_folding(database);
            pqxx::nontransaction tx{*connection};
            return work(tx);
        });
        if (!done) {
            connection.reset();
            ours = false;
        }
        return done;
    }
};

RelayBook::RelayBook(Database database, std::string stream)
    : body_{new Body{std::move(database), std::move(stream), nullptr, false}} {}
RelayBook::~RelayBook() = default;

domain::Result<bool> RelayBook::is_ours() {
    return body_->run([&](pqxx::transaction_base& tx) -> domain::Result<bool> {
        // Held or not, this asks the server: a lock on a connection that broke is nobody's.
        body_->ours = tx.exec(prepared(tx, "relay_lock",
                                       "select $1 or pg_try_advisory_lock($2, hashtext($3))"),
                              pqxx::params{body_->ours, lock_class, body_->stream})
                          .one_field()
                          .as<bool>();
        return body_->ours;
    });
}

domain::Result<std::vector<RelayLane>> RelayBook::lanes() {
    return body_->run([&](pqxx::transaction_base& tx) -> domain::Result<std::vector<RelayLane>> {
        return relay_lanes(tx, body_->stream);
    });
}

domain::Result<std::vector<events::Recorded>> RelayBook::read(int lane, std::int64_t after,
                                                              int limit) {
    return body_->run(
        [&](pqxx::transaction_base& tx) -> domain::Result<std::vector<events::Recorded>> {
            std::vector<events::Recorded> found;
            for (const auto& row :
                 tx.exec(prepared(tx, "relay_read",
                                  std::string{"select "} + event_columns + " from " +
                                      first_bytes("select * from log.event where lane = $1 and "
                                                  "position > $2 order by position limit $3",
                                                  "$4") +
                                      " e order by e.position"),
                         pqxx::params{lane, after, limit, read_bytes_max}))
                found.push_back(recorded_from(row));
            return found;
        });
}

domain::Result<std::map<RelayBook::Place, domain::EventId>> RelayBook::events_at(
    std::span<const Place> places) {
    projections::SmallInts lanes;
    projections::BigInts positions;
    for (const auto& [lane, position] : places) {
        lanes.push_back(static_cast<std::int16_t>(lane));
        positions.push_back(position);
    }
    using Found = std::map<Place, domain::EventId>;
    return body_->run([&](pqxx::transaction_base& tx) -> domain::Result<Found> {
        Found found;
        for (const auto& row : tx.exec(prepared(tx, "relay_events_at", R"sql(
                 select e.lane, e.position, e.id
                   from unnest($1::smallint[], $2::bigint[]) as p (lane, position)
                   join log.event e using (lane, position))sql"),
                                       pqxx::params{lanes.bound(), positions.bound()}))
            found[{row[0].as<int>(), row[1].as<std::int64_t>()}] = {projections::uuid_of(row[2])};
        return found;
    });
}

domain::Result<bool> RelayBook::move(const RelayLane& from, std::int64_t position,
                                     std::int64_t sequence) {
    return body_->run([&](pqxx::transaction_base& tx) -> domain::Result<bool> {
        const auto moved =
            tx.exec(prepared(tx, "relay_move", R"sql(
            insert into relay.cursor as c (stream, lane, position, sequence)
            values ($1, $2, $3, $4)
                on conflict (stream, lane) do update
               set position = excluded.position, sequence = excluded.sequence, moved_at = now()
             where c.position = $5)sql"),
                    pqxx::params{body_->stream, from.lane, position, sequence, from.position});
        return moved.affected_rows() == 1;
    });
}

domain::Result<void> RelayBook::say(const RelaySaying& saying) {
    return body_->run([&](pqxx::transaction_base& tx) -> domain::Result<void> {
        tx.exec(R"sql(
            insert into relay.state as s (stream, state, code, detail)
            values ($1, $2, $3, $4)
                on conflict (stream) do update
               set state = excluded.state, code = excluded.code, detail = excluded.detail,
                   changed_at = now()
             where (s.state, s.code, s.detail)
                   is distinct from (excluded.state, excluded.code, excluded.detail))sql",
                pqxx::params{body_->stream, saying.state, saying.code, saying.detail})
            .no_rows();
        return {};
    });
}

}  // namespace postgres
