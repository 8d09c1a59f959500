#include "projections/metric_segment.hpp"

#include "domain/retention.hpp"
#include "projections/fields.hpp"
#include "projections/prepared.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

/// A business day lies within two days of its date in UTC, and a roll-up looks two days further.
constexpr int near_days = 6;

/// Continues a WITH that has `together`: points of whole series. Segments of at most 4,096 points
/// are cheap to take out again; the usual distance of two points makes drifts mostly zero.
constexpr std::string_view pack_together = R"sql(
    numbered as (
        select *, (row_number() over (partition by tenant, metric, location, variant
                                      order by at) - 1) / 4096 as piece
          from together),
    spaced as (
        select *, row_number() over series as n, first_value(at) over series as from_at,
               (extract(epoch from lead(at) over series - at) * 1000000)::bigint as gap
          from numbered
        window series as (partition by tenant, metric, location, variant, piece order by at)),
    strides as (
        select tenant, metric, location, variant, piece,
               coalesce(mode() within group (order by gap), 0) as stride
          from spaced group by tenant, metric, location, variant, piece),
    packed as (
        insert into board.metric_segment
            (tenant, metric, location, variant, from_at, to_at, points, unit, stride, drift,
             day_shift, value, position)
        select tenant, metric, location, variant, min(from_at), max(at), count(*), min(unit),
               min(stride),
               array_agg((extract(epoch from at - from_at) * 1000000)::bigint - (n - 1) * stride
                         order by n),
               array_agg((day - (at at time zone 'UTC')::date)::smallint order by n),
               array_agg(value order by n), array_agg(position order by n)
          from spaced join strides using (tenant, metric, location, variant, piece)
         group by tenant, metric, location, variant, piece
        returning points))sql";

const std::string& pack_sql() {
    // A small segment is taken along, so that slow series fill theirs in the end.
    static const std::string sql = std::string{R"sql(
    with moved as (
        delete from board.business_metrics p
         where p.tenant = $1 and p.metric = $2 and p.at < $3
        returning p.*),
    small as (
        delete from board.metric_segment s
         using (select distinct location, variant from moved) m
         where s.tenant = $1 and s.metric = $2 and s.location = m.location
           and s.variant = m.variant and s.points < 1024
        returning s.*),
    together as (
        select tenant, metric, location, variant, at, day, value, position, unit from moved
         union all
        select s.tenant, s.metric, s.location, s.variant, p.at, p.day, p.value, p.position, s.unit
          from small s
         cross join lateral cairn.unpacked(s.from_at, s.stride, s.drift, s.day_shift, s.value,
                                           s.position) p),)sql"} +
                                   std::string{pack_together} +
                                   " select count(*), max(at)::text from moved";
    return sql;
}

/// The segments that a moment falls into, made again from it on.
const std::string& cut_sql() {
    static const std::string sql = std::string{R"sql(
    with cut as (
        delete from board.metric_segment s
         where s.tenant = $1 and s.from_at < $2 and s.to_at >= $2
        returning s.*),
    together as (
        select s.tenant, s.metric, s.location, s.variant, p.at, p.day, p.value, p.position, s.unit
          from cut s
         cross join lateral cairn.unpacked(s.from_at, s.stride, s.drift, s.day_shift, s.value,
                                           s.position) p
         where p.at >= $2),)sql"} + std::string{pack_together} +
                                   R"sql(
    select ((select coalesce(sum(points), 0) from cut)
            - (select coalesce(sum(points), 0) from packed))::bigint)sql";
    return sql;
}

std::int64_t count_of(const pqxx::result& rows) { return rows.one_field().as<std::int64_t>(); }

}  // namespace

Edges edges_of(pqxx::transaction_base& tx, const std::set<domain::TenantId>& tenants) {
    Uuids ids;
    for (const auto& tenant : tenants) ids.push_back(tenant);
    Edges edges;
    for (const auto& row : tx.exec(prepared(tx, "metric_edges", R"sql(
             select t.tenant, (extract(epoch from f.until) * 1000000)::bigint,
                    (select max(r.points_before) - date '1970-01-01' from board.metric_retention r
                      where r.tenant = t.tenant)
               from unnest($1::uuid[]) as t (tenant)
               left join board.metric_frozen f on f.tenant = t.tenant)sql"),
                                   as_params(ids))) {
        Edge edge;
        if (!row[1].is_null()) edge.frozen_until = {row[1].as<std::int64_t>()};
        if (!row[2].is_null()) edge.kept_from = {row[2].as<std::int32_t>()};
        edges[{uuid_of(row[0])}] = edge;
    }
    return edges;
}

bool is_near_frozen(const Edge& edge, domain::Instant at) {
    return at.micros - near_days * domain::day_micros <= edge.frozen_until.micros;
}

void thaw(pqxx::transaction_base& tx, const Moments& moments) {
    tx.exec(
          prepared(tx, "metric_thaw", R"sql(
        with near as (
            select distinct tenant, metric, location, variant, date_bin('1 day', at, 'epoch') as at
              from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[])
                   as k (tenant, metric, location, variant, at)),
        gone as (
            delete from board.metric_segment s using near n
             where s.tenant = n.tenant and s.metric = n.metric and s.location = n.location
               and s.variant = n.variant and s.from_at < n.at + interval '6 days'
               and s.to_at >= n.at - interval '5 days'
            returning s.*)
        insert into board.business_metrics
            (tenant, metric, location, variant, at, day, value, position, unit, metadata)
        select g.tenant, g.metric, g.location, g.variant, p.at, p.day, p.value, p.position, g.unit,
               nullif(d.dimensions, '{}')
          from gone g
          join board.metric_series d using (tenant, metric, location, variant)
         cross join lateral cairn.unpacked(g.from_at, g.stride, g.drift, g.day_shift, g.value,
                                           g.position) p)sql"),
          as_params(moments.tenant, moments.metric, moments.location, moments.variant, moments.at))
        .no_rows();
}

std::vector<Cold> cold_metrics(pqxx::transaction_base& tx, domain::Instant before) {
    std::vector<Cold> found;
    for (const auto& row : tx.exec(R"sql(
             select l.lane, p.tenant, p.metric, p.points
               from (select tenant, metric, count(*) as points from board.business_metrics
                      where at < $1 group by tenant, metric) p
               join log.tenant_lane l on l.tenant = p.tenant
              order by l.lane, p.tenant, p.metric)sql",
                                   pqxx::params{domain::to_text(before)}))
        found.push_back(
            {row[0].as<int>(), {uuid_of(row[1])}, {uuid_of(row[2])}, row[3].as<std::int64_t>()});
    return found;
}

std::vector<domain::Instant> pack_ends(pqxx::transaction_base& tx, const Cold& metric,
                                       domain::Instant before) {
    std::vector<domain::Instant> ends;
    std::int64_t points = 0;
    for (const auto& row :
         tx.exec(R"sql(
             select (extract(epoch from date_bin('1 day', p.at, 'epoch')) * 1000000)::bigint,
                    count(*)
               from board.business_metrics p
              where p.tenant = $1 and p.metric = $2 and p.at < $3
              group by 1 order by 1)sql",
                 pqxx::params{domain::to_text(metric.tenant), domain::to_text(metric.metric),
                              domain::to_text(before)})) {
        const auto count = row[1].as<std::int64_t>();
        if (points > 0 && points + count > pack_points_max) {
            ends.push_back({row[0].as<std::int64_t>()});
            points = 0;
        }
        points += count;
    }
    if (points > 0) ends.push_back(before);
    return ends;
}

std::int64_t pack(pqxx::transaction_base& tx, const Cold& metric, domain::Instant before) {
    const auto tenant = domain::to_text(metric.tenant), id = domain::to_text(metric.metric);
    const auto packed = tx.exec(prepared(tx, "metric_pack", pack_sql()),
                                pqxx::params{tenant, id, domain::to_text(before)})
                            .one_row();
    const auto points = packed[0].as<std::int64_t>();
    if (points == 0) return 0;
    tx.exec(prepared(tx, "metric_freeze", R"sql(
        insert into board.metric_frozen as f (tenant, until) values ($1, $2)
            on conflict (tenant) do update set until = greatest(f.until, excluded.until))sql"),
            pqxx::params{tenant, packed[1].as<std::string>()})
        .no_rows();
    return points;
}

Trimmed trim(pqxx::transaction_base& tx, domain::TenantId tenant, std::int64_t version,
             domain::Instant at, const domain::tenant::History& kept_from) {
    const auto id = domain::to_text(tenant);
    const auto gone = domain::to_text(domain::retention::points_gone_before(kept_from.points));
    Trimmed trimmed;
    trimmed.points = tx.exec(prepared(tx, "metric_trim_points",
                                      "delete from board.business_metrics "
                                      "where tenant = $1 and at < $2"),
                             pqxx::params{id, gone})
                         .affected_rows();
    trimmed.points += count_of(tx.exec(prepared(tx, "metric_trim_segments", R"sql(
        with gone as (delete from board.metric_segment where tenant = $1 and to_at < $2
                      returning points)
        select coalesce(sum(points), 0)::bigint from gone)sql"),
                                       pqxx::params{id, gone}));
    trimmed.points +=
        count_of(tx.exec(prepared(tx, "metric_trim_cut", cut_sql()), pqxx::params{id, gone}));
    tx.exec(prepared(tx, "metric_trim_superseded",
                     "delete from board.metric_superseded where tenant = $1 and at < $2"),
            pqxx::params{id, gone})
        .no_rows();
    tx.exec(prepared(tx, "metric_trim_late",
                     "delete from board.metric_late where tenant = $1 and day < $2::date"),
            pqxx::params{id, domain::to_text(kept_from.points)})
        .no_rows();
    trimmed.hours = tx.exec(prepared(tx, "metric_trim_hours",
                                     "delete from board.metric_rollup where tenant = $1 "
                                     "and grain = 0 and bucket < $2::date"),
                            pqxx::params{id, domain::to_text(kept_from.hours)})
                        .affected_rows();
    // The days of a week that began before stay with it.
    trimmed.buckets = tx.exec(prepared(tx, "metric_trim_buckets", R"sql(
        delete from board.metric_rollup
         where tenant = $1 and grain > 0
           and bucket < case grain when 1 then $2::date - 7 when 2 then $2::date - 6
                                   else $2::date end)sql"),
                              pqxx::params{id, domain::to_text(kept_from.days)})
                          .affected_rows();
    tx.exec(prepared(tx, "metric_trimmed", R"sql(
        insert into board.metric_retention
            (tenant, version, trimmed_at, points_before, hours_before, days_before, points, hours,
             buckets)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing)sql"),
            pqxx::params{id, version, domain::to_text(at), domain::to_text(kept_from.points),
                         domain::to_text(kept_from.hours), domain::to_text(kept_from.days),
                         trimmed.points, trimmed.hours, trimmed.buckets})
        .no_rows();
    return trimmed;
}

}  // namespace projections::metric
