#include "src/postgres/consumers.hpp"

#include "events/document.hpp"
#include "projections/columns.hpp"
#include "projections/fields.hpp"

#include <map>
#include <pqxx/pqxx>

namespace postgres {
namespace {

constexpr std::int64_t consumers_max = 100;
constexpr int looks_max = 5;

std::string tenant_of(const ConsumerKey& key) { return domain::to_text(key.tenant); }

projections::BigInts column_of(const std::vector<std::int64_t>& positions) {
    projections::BigInts column;
    for (const auto position : positions) column.push_back(position);
    return column;
}

std::vector<std::int64_t> positions_of(const pqxx::result& rows) {
    std::vector<std::int64_t> found;
    for (const auto& row : rows) found.push_back(row[0].as<std::int64_t>());
    return found;
}

/// The row lock makes the members of a consumer take turns.
struct Locked {
    std::int64_t read_position{};
    std::string filter;
    int lease_seconds{}, failures_max{};
};
domain::Result<Locked> lock(pqxx::transaction_base& tx, const ConsumerKey& key) {
    const auto rows = tx.exec(
        "select read_position, filter, lease_seconds, failures_max from feed.consumer "
        "where tenant = $1 and name = $2 for update",
        pqxx::params{tenant_of(key), key.name});
    if (rows.empty()) return domain::refuse(consumer_not_found);
    return Locked{rows[0][0].as<std::int64_t>(), rows[0][1].as<std::string>(), rows[0][2].as<int>(),
                  rows[0][3].as<int>()};
}

/// A lease that ran out: the first event of each stream in it failed, the others only waited.
void end_leases(pqxx::transaction_base& tx, const ConsumerKey& key, int failures_max) {
    tx.exec(R"sql(
        with over as (
            select position, row_number() over (partition by lease, category, stream
                                                order by position) = 1 as failed
              from feed.delivery
             where tenant = $1 and consumer = $2 and leased_until <= clock_timestamp())
        update feed.delivery d
           set lease = null, leased_until = null,
               failures = d.failures + o.failed::int,
               parked_at = case when o.failed and d.failures + 1 >= $3 then clock_timestamp() end,
               reason = case when o.failed then 'lease-expired' else d.reason end
          from over o
         where d.tenant = $1 and d.consumer = $2 and d.position = o.position)sql",
            pqxx::params{tenant_of(key), key.name, failures_max});
}

/// Leases what may go out: nothing of a stream that another lease holds, and of each stream only
/// what has nothing parked or delayed before it. Gives positions with their failures.
std::map<std::int64_t, int> lease_open(pqxx::transaction_base& tx, const ConsumerKey& key,
                                       const domain::Uuid& lease, int seconds, int max) {
    const auto rows =
        tx.exec(R"sql(
        with open as (
            select position, lease,
                   bool_or(lease <> $3::uuid) over (partition by category, stream) as taken,
                   bool_or(parked_at is not null or not_before > clock_timestamp())
                       over (partition by category, stream order by position) as held
              from feed.delivery where tenant = $1 and consumer = $2),
        chosen as (
            select position from open
             where lease is null and taken is not true and held is not true
             order by position limit $5)
        update feed.delivery d
           set lease = $3::uuid, not_before = null,
               leased_until = clock_timestamp() + $4::int * interval '1 second'
          from chosen c
         where d.tenant = $1 and d.consumer = $2 and d.position = c.position
        returning d.position, d.failures)sql",
                pqxx::params{tenant_of(key), key.name, domain::to_text(lease), seconds, max});
    std::map<std::int64_t, int> leased;
    for (const auto& row : rows) leased[row[0].as<std::int64_t>()] = row[1].as<int>();
    return leased;
}

std::int64_t count_pending(pqxx::transaction_base& tx, const ConsumerKey& key) {
    return tx
        .exec("select count(*) from feed.delivery where tenant = $1 and consumer = $2",
              pqxx::params{tenant_of(key), key.name})
        .one_field()
        .as<std::int64_t>();
}

/// Moves the next matching events of the log into the books.
void take_up(pqxx::transaction_base& tx, const ConsumerKey& key, const FeedBatch& batch) {
    projections::BigInts positions;
    projections::Texts categories;
    projections::Uuids streams;
    for (const auto& event : batch.events) {
        positions.push_back(event.position);
        categories.push_back(event.stream.category);
        streams.push_back(event.stream.id);
    }
    if (positions.size() > 0)
        tx.exec(
            "insert into feed.delivery (tenant, consumer, position, category, stream) "
            "select $1, $2, e.position, e.category, e.stream "
            "from unnest($3::bigint[], $4::text[], $5::uuid[]) as e (position, category, "
            "stream) on conflict do nothing",
            pqxx::params{tenant_of(key), key.name, positions.bound(), categories.bound(),
                         streams.bound()});
    tx.exec("update feed.consumer set read_position = $3 where tenant = $1 and name = $2",
            pqxx::params{tenant_of(key), key.name, batch.through});
}

/// What stands behind `after` in a lease, as if never leased.
void give_back(pqxx::transaction_base& tx, const ConsumerKey& key, const domain::Uuid& lease,
               std::int64_t after) {
    tx.exec(
        "update feed.delivery set lease = null, leased_until = null "
        "where tenant = $1 and consumer = $2 and lease = $3 and position > $4",
        pqxx::params{tenant_of(key), key.name, domain::to_text(lease), after});
}

/// What goes out of a lease: as many bytes as may be. The rest is given back, as if never leased.
std::vector<Delivery> deliveries_of(pqxx::transaction_base& tx, const ConsumerKey& key,
                                    const domain::Uuid& lease,
                                    const std::map<std::int64_t, int>& leased) {
    static const std::string sql =
        std::string{"select "} + event_columns + " from " +
        first_bytes(
            "select e.* from unnest($2::bigint[]) as k (position) join log.event e on "
            "e.tenant = $1 and e.position = k.position order by e.position",
            "$3") +
        " e order by e.position";
    projections::BigInts positions;
    for (const auto& [position, failures] : leased) positions.push_back(position);
    std::vector<Delivery> found;
    for (const auto& row :
         tx.exec(sql, pqxx::params{tenant_of(key), positions.bound(), read_bytes_max})) {
        auto event = recorded_from(row);
        const auto failures = leased.at(event.position);
        found.push_back({std::move(event), failures});
    }
    if (found.size() < leased.size())
        give_back(tx, key, lease, found.empty() ? 0 : found.back().event.position);
    return found;
}

}  // namespace

std::optional<FeedFilter> consumer_filter(std::string_view json) {
    const auto document = events::Document::parse_stored(json);
    if (!document) return std::nullopt;
    FeedFilter filter;
    const auto take = [&](std::string_view name, bool (FeedFilter::*add)(std::string_view)) {
        const auto list = document->root().find(name);
        if (!list) return true;
        return std::ranges::all_of(list->items(), [&](const events::Node& item) {
            return (filter.*add)(item.text().value_or(""));
        });
    };
    if (!take("types", &FeedFilter::add_type) || !take("streams", &FeedFilter::add_stream) ||
        !take("correlations", &FeedFilter::add_correlation))
        return std::nullopt;
    return filter;
}

domain::Result<bool> put_consumer(pqxx::transaction_base& tx, const ConsumerKey& key,
                                  const ConsumerSettings& settings) {
    const auto known = tx.exec(
        "update feed.consumer set filter = $3, lease_seconds = $4, failures_max = $5 "
        "where tenant = $1 and name = $2",
        pqxx::params{tenant_of(key), key.name, settings.filter, settings.lease_seconds,
                     settings.failures_max});
    if (known.affected_rows() > 0) return false;
    const auto count = tx.exec("select count(*) from feed.consumer where tenant = $1",
                               pqxx::params{tenant_of(key)});
    if (count.one_field().as<std::int64_t>() >= consumers_max)
        return domain::refuse(too_many_consumers);
    tx.exec(R"sql(
        insert into feed.consumer (tenant, name, filter, lease_seconds, failures_max, read_position)
        select $1, $2, $3, $4, $5,
               coalesce($6::bigint, (select h.position from log.tenant_lane l
                                       join log.lane_head h on h.lane = l.lane
                                      where l.tenant = $1), 0)
            on conflict do nothing)sql",
            pqxx::params{tenant_of(key), key.name, settings.filter, settings.lease_seconds,
                         settings.failures_max, settings.after});
    return true;
}

std::vector<Consumer> find_consumers(pqxx::transaction_base& tx, const ConsumerKey& key) {
    std::vector<Consumer> found;
    for (const auto& row : tx.exec(R"sql(
             select c.name, c.filter, coalesce(d.first - 1, c.read_position), c.read_position,
                    coalesce((select h.position from log.tenant_lane l
                                join log.lane_head h on h.lane = l.lane where l.tenant = $1), 0),
                    d.pending, d.leased, d.parked, c.lease_seconds, c.failures_max,
                    (extract(epoch from c.created_at) * 1000000)::bigint
               from feed.consumer c
              cross join lateral (
                  select min(d.position) as first, count(*) as pending,
                         count(*) filter (where d.leased_until > clock_timestamp()) as leased,
                         count(d.parked_at) as parked
                    from feed.delivery d where d.tenant = $1 and d.consumer = c.name) d
              where c.tenant = $1 and ($2 = '' or c.name = $2) order by c.name)sql",
                                   pqxx::params{tenant_of(key), key.name})) {
        Consumer consumer{row[0].as<std::string>(), row[1].as<std::string>()};
        consumer.position = row[2].as<std::int64_t>();
        consumer.read_position = row[3].as<std::int64_t>();
        consumer.head = row[4].as<std::int64_t>();
        consumer.pending = row[5].as<std::int64_t>();
        consumer.leased = row[6].as<std::int64_t>();
        consumer.parked = row[7].as<std::int64_t>();
        consumer.lease_seconds = row[8].as<int>();
        consumer.failures_max = row[9].as<int>();
        consumer.created_at = {row[10].as<std::int64_t>()};
        found.push_back(std::move(consumer));
    }
    return found;
}

void delete_consumer(pqxx::transaction_base& tx, const ConsumerKey& key) {
    tx.exec("delete from feed.consumer where tenant = $1 and name = $2",
            pqxx::params{tenant_of(key), key.name});
}

domain::Result<Fetched> fetch_deliveries(pqxx::transaction_base& tx, const ConsumerKey& key,
                                         domain::Uuid lease, int max) {
    const auto locked = lock(tx, key);
    if (!locked) return std::unexpected(locked.error());
    Fetched fetched{.lease = lease,
                    .lease_seconds = locked->lease_seconds,
                    .read_position = locked->read_position,
                    .filter = consumer_filter(locked->filter).value_or(FeedFilter{})};
    end_leases(tx, key, locked->failures_max);
    std::map<std::int64_t, int> leased;
    std::int64_t pending = count_pending(tx, key);
    for (int looks = 0; looks < looks_max; ++looks) {
        const auto wanted = max - static_cast<int>(leased.size());
        leased.merge(lease_open(tx, key, lease, locked->lease_seconds, wanted));
        const auto room = std::min<std::int64_t>(max, consumer_pending_max - pending);
        if (std::ssize(leased) >= max || room <= 0) break;
        const auto batch = read_feed(tx, key.tenant, fetched.filter, fetched.read_position, {room});
        fetched.lane = batch.lane;
        if (batch.lane < 0 || batch.through <= fetched.read_position) break;
        take_up(tx, key, batch);
        pending += std::ssize(batch.events);
        fetched.read_position = batch.through;
    }
    fetched.deliveries = deliveries_of(tx, key, lease, leased);
    fetched.busy = pending > std::ssize(fetched.deliveries);
    return fetched;
}

void give_back_lease(pqxx::transaction_base& tx, const ConsumerKey& key, domain::Uuid lease) {
    give_back(tx, key, lease, 0);
}

std::vector<std::int64_t> ack_deliveries(pqxx::transaction_base& tx, const ConsumerKey& key,
                                         const Leased& leased) {
    const auto positions = column_of(leased.positions);
    return positions_of(tx.exec(
        "delete from feed.delivery where tenant = $1 and consumer = $2 and lease = $3 and "
        "(cardinality($4::bigint[]) = 0 or position = any ($4::bigint[])) "
        "returning position",
        pqxx::params{tenant_of(key), key.name, domain::to_text(leased.lease), positions.bound()}));
}

domain::Result<Nacked> nack_deliveries(pqxx::transaction_base& tx, const ConsumerKey& key,
                                       const Leased& leased, int delay_seconds,
                                       const std::string& reason) {
    const auto locked = lock(tx, key);
    if (!locked) return std::unexpected(locked.error());
    const auto positions = column_of(leased.positions);
    const auto rows =
        tx.exec(R"sql(
        with given as (
            select position, category, stream from feed.delivery
             where tenant = $1 and consumer = $2 and lease = $3
               and (cardinality($4::bigint[]) = 0 or position = any ($4::bigint[]))),
        back as (
            select d.position, d.position = f.position as failed
              from feed.delivery d
              join (select category, stream, min(position) as position from given
                     group by category, stream) f
                on f.category = d.category and f.stream = d.stream and f.position <= d.position
             where d.tenant = $1 and d.consumer = $2 and d.lease = $3)
        update feed.delivery d
           set lease = null, leased_until = null,
               failures = d.failures + b.failed::int,
               not_before = case when b.failed
                                 then clock_timestamp() + $5::int * interval '1 second' end,
               parked_at = case when b.failed and d.failures + 1 >= $6 then clock_timestamp() end,
               reason = case when b.failed then $7 else d.reason end
          from back b
         where d.tenant = $1 and d.consumer = $2 and d.position = b.position
        returning d.position, d.parked_at is not null)sql",
                pqxx::params{tenant_of(key), key.name, domain::to_text(leased.lease),
                             positions.bound(), delay_seconds, locked->failures_max, reason});
    Nacked nacked;
    for (const auto& row : rows)
        (row[1].as<bool>() ? nacked.parked : nacked.released).push_back(row[0].as<std::int64_t>());
    return nacked;
}

std::vector<Parked> parked_deliveries(pqxx::transaction_base& tx, const ConsumerKey& key) {
    std::vector<Parked> found;
    for (const auto& row : tx.exec(R"sql(
             select d.position, d.category, d.stream, d.failures, coalesce(d.reason, ''),
                    (extract(epoch from d.parked_at) * 1000000)::bigint,
                    (select count(*) from feed.delivery w
                      where w.tenant = $1 and w.consumer = $2 and w.category = d.category
                        and w.stream = d.stream and w.position > d.position)
               from feed.delivery d
              where d.tenant = $1 and d.consumer = $2 and d.parked_at is not null
              order by d.position limit 500)sql",
                                   pqxx::params{tenant_of(key), key.name}))
        found.push_back({row[0].as<std::int64_t>(),
                         {row[1].as<std::string>(), projections::uuid_of(row[2])},
                         row[3].as<int>(),
                         row[4].as<std::string>(),
                         {row[5].as<std::int64_t>()},
                         row[6].as<std::int64_t>()});
    return found;
}

std::int64_t retry_parked(pqxx::transaction_base& tx, const ConsumerKey& key,
                          const std::vector<std::int64_t>& positions) {
    const auto column = column_of(positions);
    return tx
        .exec(
            "update feed.delivery set parked_at = null, not_before = null, failures = 0 "
            "where tenant = $1 and consumer = $2 and parked_at is not null and "
            "(cardinality($3::bigint[]) = 0 or position = any ($3::bigint[]))",
            pqxx::params{tenant_of(key), key.name, column.bound()})
        .affected_rows();
}

std::int64_t skip_parked(pqxx::transaction_base& tx, const ConsumerKey& key,
                         const std::vector<std::int64_t>& positions) {
    const auto column = column_of(positions);
    return tx
        .exec(
            "delete from feed.delivery where tenant = $1 and consumer = $2 and "
            "parked_at is not null and position = any ($3::bigint[])",
            pqxx::params{tenant_of(key), key.name, column.bound()})
        .affected_rows();
}

}  // namespace postgres
