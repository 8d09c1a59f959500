#include "src/postgres/feed_log.hpp"

#include "projections/columns.hpp"
#include "projections/prepared.hpp"

#include <pqxx/pqxx>

namespace postgres {
namespace {

constexpr std::int64_t look_max = 20'000;

projections::Texts texts_of(const std::vector<std::string>& values) {
    projections::Texts column;
    for (const auto& value : values) column.push_back(value);
    return column;
}

/// The columns of a filter, bound to $4 and on.
struct Bound {
    projections::Texts types, prefixes, categories, stream_categories;
    projections::Uuids streams, correlations;

    explicit Bound(const FeedFilter& filter)
        : types{texts_of(filter.types)},
          prefixes{texts_of(filter.prefixes)},
          categories{texts_of(filter.categories)} {
        for (const auto& stream : filter.streams) {
            stream_categories.push_back(stream.category);
            streams.push_back(stream.id);
        }
        for (const auto& id : filter.correlations) correlations.push_back(id);
    }
};

constexpr const char* filtered = R"sql(
    select * from (select * from log.event
           where tenant = $1 and position > $2 and position <= $3
           order by position limit 20000) e
   where (cardinality($4::text[]) + cardinality($5::text[]) = 0 or e.type = any ($4::text[])
          or exists (select from unnest($5::text[]) as p (prefix)
                      where starts_with(e.type, p.prefix)))
     and (cardinality($6::text[]) + cardinality($7::text[]) = 0 or e.category = any ($6::text[])
          or exists (select from unnest($7::text[], $8::uuid[]) as s (category, stream)
                      where s.category = e.category and s.stream = e.stream))
     and (cardinality($9::uuid[]) = 0 or e.correlation = any ($9::uuid[]))
   order by e.position limit $10)sql";

std::vector<events::Recorded> rows_of(const pqxx::result& rows) {
    std::vector<events::Recorded> found;
    found.reserve(static_cast<std::size_t>(rows.size()));
    for (const auto& row : rows) found.push_back(recorded_from(row));
    return found;
}

std::vector<events::Recorded> all_events(pqxx::transaction_base& tx, domain::TenantId tenant,
                                         std::int64_t after, std::int64_t head,
                                         const FeedSize& size) {
    static const std::string sql =
        std::string{"select "} + event_columns + " from " +
        first_bytes(
            "select * from log.event where tenant = $1 and position > $2 and position <= $3 "
            "order by position limit $4",
            "$5") +
        " e order by e.position";
    return rows_of(
        tx.exec(sql, pqxx::params{domain::to_text(tenant), after, head, size.events, size.bytes}));
}

std::vector<events::Recorded> wanted_events(pqxx::transaction_base& tx, domain::TenantId tenant,
                                            const FeedFilter& filter, std::int64_t after,
                                            std::int64_t head, const FeedSize& size) {
    static const std::string sql = std::string{"select "} + event_columns + " from " +
                                   first_bytes(filtered, "$11") + " e order by e.position";
    const Bound bound{filter};
    return rows_of(
        tx.exec(sql, pqxx::params{domain::to_text(tenant), after, head, bound.types.bound(),
                                  bound.prefixes.bound(), bound.categories.bound(),
                                  bound.stream_categories.bound(), bound.streams.bound(),
                                  bound.correlations.bound(), size.events, size.bytes}));
}

/// Whether there may be more than was read.
bool is_full(const std::vector<events::Recorded>& events, const FeedSize& size) {
    std::int64_t bytes = 0;
    for (const auto& event : events) bytes += std::ssize(event.data);
    return std::ssize(events) >= size.events || bytes >= size.bytes;
}

/// Where one look ends when it does not find enough.
std::int64_t end_of_look(pqxx::transaction_base& tx, domain::TenantId tenant, std::int64_t after,
                         std::int64_t head) {
    const auto [seen, last] =
        tx.exec(
              "select count(*), coalesce(max(position), 0) from (select position from log.event "
              "where tenant = $1 and position > $2 and position <= $3 order by position "
              "limit $4) e",
              pqxx::params{domain::to_text(tenant), after, head, look_max})
            .one_row()
            .as<std::int64_t, std::int64_t>();
    return seen < look_max ? head : last;
}

}  // namespace

FeedBatch read_feed(pqxx::transaction_base& tx, domain::TenantId tenant, const FeedFilter& filter,
                    std::int64_t after, const FeedSize& size) {
    FeedBatch batch;
    const auto heads = tx.exec(
        "select h.lane, h.position from log.tenant_lane l join log.lane_head h on h.lane = l.lane "
        "where l.tenant = $1",
        pqxx::params{domain::to_text(tenant)});
    if (heads.empty()) return batch;
    batch.lane = heads[0][0].as<int>();
    batch.head = heads[0][1].as<std::int64_t>();
    batch.through = std::max(after, batch.head);
    if (after >= batch.head) return batch;
    const bool all = filter.everything();
    batch.events = all ? all_events(tx, tenant, after, batch.head, size)
                       : wanted_events(tx, tenant, filter, after, batch.head, size);
    if (is_full(batch.events, size))
        batch.through = batch.events.empty() ? after : batch.events.back().position;
    else if (!all) batch.through = end_of_look(tx, tenant, after, batch.head);
    return batch;
}

/// One snapshot: a head that is visible has all its events visible.
std::vector<LaneTail> read_tails(pqxx::transaction_base& tx, const std::vector<LanePlace>& places,
                                 const std::vector<domain::TenantId>& tenants,
                                 const FeedSize& size) {
    projections::BigInts lanes, after;
    projections::Uuids wanted;
    for (const auto& place : places) {
        lanes.push_back(place.lane);
        after.push_back(place.after);
    }
    for (const auto& tenant : tenants) wanted.push_back(tenant);
    static const std::string sql = std::string{"select "} + event_columns + R"sql(,
               h.lane, h.position
          from unnest($1::bigint[], $2::bigint[]) as p (lane, after)
          join log.lane_head h on h.lane = p.lane
          left join lateral )sql" +
                                   first_bytes(R"sql(
              select * from log.event n
               where n.lane = h.lane and n.position > p.after
                 and n.position <= h.position and n.tenant = any ($3::uuid[])
               order by n.position limit $4)sql",
                                               "$5") +
                                   " e on true order by h.lane, e.position";
    const FeedSize each{size.events, size.bytes / std::max<std::int64_t>(std::ssize(places), 1)};
    const auto rows = tx.exec(
        projections::prepared(tx, "feed_tails", sql),
        pqxx::params{lanes.bound(), after.bound(), wanted.bound(), each.events, each.bytes});
    const auto head_column = rows.columns() - 1, lane_column = head_column - 1;
    std::vector<LaneTail> tails;
    for (const auto& row : rows) {
        const auto lane = row[lane_column].as<int>();
        if (tails.empty() || tails.back().lane != lane)
            tails.push_back({lane, row[head_column].as<std::int64_t>(), {}});
        if (!row[0].is_null()) tails.back().events.push_back(recorded_from(row));
    }
    for (auto& tail : tails) {
        if (!tail.events.empty() && is_full(tail.events, each))
            tail.through = tail.events.back().position;
    }
    return tails;
}

bool is_shut_out(pqxx::transaction_base& tx, domain::TenantId tenant, domain::UserId user) {
    return tx
        .exec(
            "select exists (select from board.member where tenant = $1 and member = $2 and "
            "removed) or exists (select from board.person where tenant = $1 and person = $2 and "
            "not active)",
            pqxx::params{domain::to_text(tenant), domain::to_text(user)})
        .one_field()
        .as<bool>();
}

}  // namespace postgres
