#include "projections/metric_points.hpp"

#include "events/recorded.hpp"
#include "events/writer.hpp"
#include "projections/fields.hpp"
#include "projections/prepared.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::metric_batch::Ingested;
using domain::metric_batch::Point;

/// Points in one statement: enough to be fast, few enough to stay small in memory.
constexpr std::size_t flush_points = 50'000;
constexpr int monday = 1;

std::string json_of(const std::map<std::string, std::string>& dimensions) {
    events::Writer out;
    out.open();
    for (const auto& [name, value] : dimensions) out.key(name).text(value);
    return out.close().take();
}

/// A fact's series as the tables know them.
struct Place {
    SeriesKey key;
    std::string metadata;  ///< empty: none
};

std::vector<Place> places_of(domain::TenantId tenant, const Ingested& fact) {
    std::vector<Place> places;
    for (const auto& series : fact.series) {
        const auto& dimensions = series.dimensions;
        places.push_back({{tenant, fact.metric, series.location, variant_of(dimensions)},
                          dimensions.empty() ? "" : json_of(dimensions)});
    }
    return places;
}

/// What is written of points, column by column.
struct Columns {
    Uuids tenant, metric;
    Texts location, unit;
    BigInts variant, position;
    Instants at;
    Dates day;
    Decimals value;
    Jsonbs metadata;
    domain::Instant first{INT64_MAX}, last{INT64_MIN};

    void push_back(const Place& place, std::int64_t where, const Point& point,
                   std::string_view units) {
        tenant.push_back(place.key.tenant);
        metric.push_back(place.key.metric);
        location.push_back(place.key.location);
        variant.push_back(place.key.variant);
        at.push_back(point.at);
        first = std::min(first, point.at);
        last = std::max(last, point.at);
        day.push_back(point.day);
        value.push_back(point.value);
        position.push_back(where);
        unit.push_back(units);
        metadata.push_back(place.metadata.empty() ? std::nullopt
                                                  : std::optional{Jsonb{place.metadata}});
    }
    pqxx::params params() const {
        return as_params(tenant, metric, location, variant, at, day, value, position, unit,
                         metadata);
    }
    /// `known` and the stretch of the points: a join alone would open every chunk there is.
    pqxx::params bounded(const pqxx::params& known) const {
        return {known, domain::to_text(first), domain::to_text(last)};
    }
};

constexpr const char* insert_points = R"sql(
    insert into board.business_metrics
        (tenant, metric, location, variant, at, day, value, position, unit, metadata)
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[],
                         $6::date[], $7::numeric[], $8::bigint[], $9::text[], $10::jsonb[]))sql";

constexpr const char* keep_superseded = R"sql(
    insert into board.metric_superseded
        (tenant, metric, location, variant, at, day, value, position, metadata)
    select p.tenant, p.metric, p.location, p.variant, p.at, p.day, p.value, p.position, p.metadata
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::date[],
                  $7::numeric[], $8::bigint[], $9::text[], $10::jsonb[])
           as k (tenant, metric, location, variant, at, day, value, position, unit, metadata)
      join board.business_metrics p
        on p.tenant = k.tenant and p.metric = k.metric and p.location = k.location
       and p.variant = k.variant and p.at = k.at and p.position < k.position
       and p.at between $11::timestamptz and $12::timestamptz
    returning tenant, metric, location, variant, (extract(epoch from at) * 1000000)::bigint,
              day - date '1970-01-01')sql";

/// A batch that was parked comes after younger ones: its values stand behind theirs.
constexpr const char* keep_late = R"sql(
    insert into board.metric_superseded
        (tenant, metric, location, variant, at, day, value, position, metadata)
    select k.tenant, k.metric, k.location, k.variant, k.at, k.day, k.value, k.position, k.metadata
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::date[],
                  $7::numeric[], $8::bigint[], $9::text[], $10::jsonb[])
           as k (tenant, metric, location, variant, at, day, value, position, unit, metadata)
      join board.business_metrics p
        on p.tenant = k.tenant and p.metric = k.metric and p.location = k.location
       and p.variant = k.variant and p.at = k.at and p.position > k.position
       and p.at between $11::timestamptz and $12::timestamptz)sql";

constexpr const char* replace_points = R"sql(
    update board.business_metrics p
       set value = k.value, day = k.day, position = k.position, metadata = k.metadata
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[], $6::date[],
                  $7::numeric[], $8::bigint[], $9::text[], $10::jsonb[])
           as k (tenant, metric, location, variant, at, day, value, position, unit, metadata)
     where p.tenant = k.tenant and p.metric = k.metric and p.location = k.location
       and p.variant = k.variant and p.at = k.at and p.position < k.position
       and p.at between $11::timestamptz and $12::timestamptz
    returning p.position)sql";

/// What the batch had replaced itself is no value of anybody any more.
constexpr const char* forget_superseded = R"sql(
    delete from board.metric_superseded s
     using unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[])
           as k (tenant, metric, location, variant, at)
     where s.tenant = k.tenant and s.metric = k.metric and s.location = k.location
       and s.variant = k.variant and s.at = k.at and s.position = $6)sql";

/// Where the batch's value is shown, the newest replaced one takes its place.
constexpr const char* restore_points = R"sql(
    with best as (
        delete from board.metric_superseded s
         using unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[])
               as k (tenant, metric, location, variant, at)
          join board.business_metrics p
            on p.tenant = k.tenant and p.metric = k.metric and p.location = k.location
           and p.variant = k.variant and p.at = k.at and p.position = $6
           and p.at between $7::timestamptz and $8::timestamptz
         where s.tenant = k.tenant and s.metric = k.metric and s.location = k.location
           and s.variant = k.variant and s.at = k.at
           and s.position = (select max(o.position) from board.metric_superseded o
                              where o.tenant = k.tenant and o.metric = k.metric
                                and o.location = k.location and o.variant = k.variant
                                and o.at = k.at)
        returning s.*)
    update board.business_metrics p
       set value = best.value, day = best.day, position = best.position, metadata = best.metadata
      from best
     where p.tenant = best.tenant and p.metric = best.metric and p.location = best.location
       and p.variant = best.variant and p.at = best.at
       and p.at between $7::timestamptz and $8::timestamptz
    returning p.tenant, p.metric, p.location, p.variant,
              (extract(epoch from p.at) * 1000000)::bigint, p.day - date '1970-01-01')sql";

constexpr const char* remove_points = R"sql(
    delete from board.business_metrics p
     using unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::timestamptz[])
           as k (tenant, metric, location, variant, at)
     where p.tenant = k.tenant and p.metric = k.metric and p.location = k.location
       and p.variant = k.variant and p.at = k.at and p.position = $6
       and p.at between $7::timestamptz and $8::timestamptz)sql";

/// A row of a statement that returns series, moment and day.
std::tuple<SeriesKey, domain::Instant, domain::Date> returned(const pqxx::row& row) {
    return {SeriesKey{{uuid_of(row[0])},
                      {uuid_of(row[1])},
                      row[2].as<std::string>(),
                      row[3].as<std::int64_t>()},
            domain::Instant{row[4].as<std::int64_t>()}, domain::Date{row[5].as<std::int32_t>()}};
}

}  // namespace

std::int64_t variant_of(const std::map<std::string, std::string>& dimensions) {
    if (dimensions.empty()) return 0;
    const auto id = events::id_of_name({}, "dimensions", json_of(dimensions));
    std::int64_t variant = 0;
    for (int i = 0; i < 8; ++i)
        variant = static_cast<std::int64_t>(static_cast<std::uint64_t>(variant) << 8 |
                                            id.bytes[static_cast<std::size_t>(i)]);
    return variant;
}

int Points::week_start(domain::TenantId tenant) const {
    const auto found = weeks_.find(tenant);
    return found == weeks_.end() ? monday : found->second;
}

Edge Points::edge(domain::TenantId tenant) const {
    const auto found = edges_.find(tenant);
    return found == edges_.end() ? Edge{} : found->second;
}

/// Without the points of days whose history was trimmed: nothing reaches those any more, now or
/// when the log is folded again.
Ingested Points::kept(domain::TenantId tenant, Ingested fact) const {
    const auto from = edge(tenant).kept_from;
    std::erase_if(fact.points, [&](const Point& point) { return point.day < from; });
    return fact;
}

/// Adds the points that may have packed neighbours.
void Points::thaw_around(domain::TenantId tenant, const Ingested& fact, Moments& moments) const {
    const auto present = edge(tenant);
    for (const auto& point : fact.points) {
        if (!is_near_frozen(present, point.at)) continue;
        const auto& series = fact.series[point.series];
        moments.tenant.push_back(tenant);
        moments.metric.push_back(fact.metric);
        moments.location.push_back(series.location);
        moments.variant.push_back(variant_of(series.dimensions));
        moments.at.push_back(point.at);
    }
}

bool Points::overlaps(domain::TenantId tenant, domain::MetricId metric, const Range& range) const {
    const auto found = ranges_.find({tenant, metric});
    return found != ranges_.end() && std::ranges::any_of(found->second, [&](const Range& other) {
               return range.from <= other.to && other.from <= range.to;
           });
}

void Points::ingest(const events::Recorded& event, const Ingested& brought) {
    const auto tenant = event.tenant;
    auto fact = kept(tenant, brought);
    if (fact.points.empty()) return;
    const auto [first, last] = std::ranges::minmax(fact.points, {}, &Point::at);
    const Range range{first.at, last.at};
    // One statement writes no moment twice: what may meet waits for the next.
    if (points_ >= flush_points || overlaps(tenant, fact.metric, range)) flush();
    ranges_[{tenant, fact.metric}].push_back(range);
    points_ += fact.points.size();
    late_.add(event, fact);
    gathered_.push_back({tenant, event.position, std::move(fact)});
}

void Points::touch_all(Touched& touched) const {
    for (const auto& one : gathered_) {
        const auto places = places_of(one.tenant, one.fact);
        const int week = week_start(one.tenant);
        for (const auto& point : one.fact.points)
            touched.add(places[point.series].key, point.at, point.day, week);
    }
}

/// Whether the metrics had points in between before. Hours are kept for longer than points, and to
/// ask them costs less than to look for every point.
bool Points::may_meet_known() {
    Uuids tenant, metric;
    Instants first, last;
    for (const auto& [of, ranges] : ranges_) {
        for (const auto& range : ranges) {
            tenant.push_back(of.first);
            metric.push_back(of.second);
            first.push_back(range.from);
            last.push_back(range.to);
        }
    }
    return tx_
        .exec(prepared(tx_, "metric_meets", R"sql(
        select exists (
            select from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[])
                        as k (tenant, metric, first, last)
             cross join lateral (
                   select from board.metric_rollup r
                    where r.tenant = k.tenant and r.metric = k.metric and r.grain = 0
                      and r.bucket > k.first - interval '1 hour' and r.bucket <= k.last
                      and r.first_at <= k.last and r.last_at >= k.first
                    limit 1) known))sql"),
              as_params(tenant, metric, first, last))
        .one_field()
        .as<bool>();
}

/// Some of what was gathered was there before: that is kept aside, replaced, and its buckets are
/// made again.
void Points::correct(const pqxx::params& params) {
    Touched touched;
    touch_all(touched);
    for (const auto& row : tx_.exec(prepared(tx_, "metric_keep", keep_superseded), params)) {
        const auto [series, at, day] = returned(row);
        touched.add(series, at, day, week_start(series.tenant));
    }
    tx_.exec(prepared(tx_, "metric_keep_late", keep_late), params).no_rows();
    std::map<std::int64_t, int> replaced;
    for (const auto& row : tx_.exec(prepared(tx_, "metric_replace", replace_points), params))
        ++replaced[row[0].as<std::int64_t>()];
    for (const auto& one : gathered_) {
        if (const auto found = replaced.find(one.position); found != replaced.end())
            corrected_[{one.tenant, one.fact.batch}] += found->second;
    }
    touched.recompute(tx_);
}

void Points::save_series() {
    struct Seen {
        std::string dimensions;
        std::int64_t position{};
    };
    std::map<SeriesKey, Seen> series;
    for (const auto& one : gathered_) {
        for (auto& place : places_of(one.tenant, one.fact)) {
            auto& seen = series[place.key];
            seen.dimensions = place.metadata.empty() ? "{}" : std::move(place.metadata);
            seen.position = std::max(seen.position, one.position);
        }
    }
    Uuids tenant, metric;
    Texts location;
    BigInts variant, position;
    Jsonbs dimensions;
    for (const auto& [key, seen] : series) {
        tenant.push_back(key.tenant);
        metric.push_back(key.metric);
        location.push_back(key.location);
        variant.push_back(key.variant);
        dimensions.push_back(Jsonb{seen.dimensions});
        position.push_back(seen.position);
    }
    tx_.exec(prepared(tx_, "metric_series", R"sql(
        insert into board.metric_series as s
            (tenant, metric, location, variant, dimensions, position)
        select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::jsonb[],
                             $6::bigint[])
            on conflict (tenant, metric, location, variant) do update
           set position = greatest(s.position, excluded.position))sql"),
             as_params(tenant, metric, location, variant, dimensions, position))
        .no_rows();
}

void Points::touch_series(domain::TenantId tenant, std::int64_t position, const Ingested& fact) {
    Texts location;
    BigInts variant;
    for (const auto& place : places_of(tenant, fact)) {
        location.push_back(place.key.location);
        variant.push_back(place.key.variant);
    }
    tx_.exec(prepared(tx_, "metric_series_touched", R"sql(
        update board.metric_series s set position = greatest(s.position, $4)
          from unnest($1::text[], $2::bigint[]) as k (location, variant)
         where s.tenant = $3 and s.metric = $5 and s.location = k.location
           and s.variant = k.variant)sql"),
             pqxx::params{as_params(location, variant), domain::to_text(tenant), position,
                          domain::to_text(fact.metric)})
        .no_rows();
}

void Points::flush() {
    if (gathered_.empty()) return;
    Columns columns;
    Sums sums;
    Moments frozen;
    for (const auto& one : gathered_) {
        thaw_around(one.tenant, one.fact, frozen);
        const auto places = places_of(one.tenant, one.fact);
        const int week = week_start(one.tenant);
        for (const auto& point : one.fact.points) {
            const auto& place = places[point.series];
            columns.push_back(place, one.position, point, one.fact.unit);
            sums.add(place.key, point.at, point.day, point.value, week);
        }
    }
    save_series();
    late_.save(tx_);
    if (frozen.tenant.size() > 0) thaw(tx_, frozen);
    const auto params = columns.params();
    static const std::string careful = std::string{insert_points} + " on conflict do nothing";
    const auto insert = may_meet_known() ? prepared(tx_, "metric_insert_unless_known", careful)
                                         : prepared(tx_, "metric_insert", insert_points);
    const auto inserted = tx_.exec(insert, params).affected_rows();
    if (static_cast<std::size_t>(inserted) == points_) sums.save(tx_);
    else correct(columns.bounded(params));
    gathered_.clear();
    ranges_.clear();
    points_ = 0;
}

void Points::revert(domain::TenantId tenant, std::int64_t position, std::int64_t reverted_at,
                    const Ingested& brought) {
    flush();
    const auto fact = kept(tenant, brought);
    if (fact.points.empty()) return;
    touch_series(tenant, reverted_at, fact);
    forget_late(tx_, tenant, position, fact);
    Moments frozen;
    thaw_around(tenant, fact, frozen);
    if (frozen.tenant.size() > 0) thaw(tx_, frozen);
    const auto places = places_of(tenant, fact);
    const int week = week_start(tenant);
    Columns columns;
    Touched touched;
    for (const auto& point : fact.points) {
        columns.push_back(places[point.series], position, point, fact.unit);
        touched.add(places[point.series].key, point.at, point.day, week);
    }
    const pqxx::params params{
        as_params(columns.tenant, columns.metric, columns.location, columns.variant, columns.at),
        position};
    tx_.exec(prepared(tx_, "metric_forget", forget_superseded), params).no_rows();
    const auto bounded = columns.bounded(params);
    for (const auto& row : tx_.exec(prepared(tx_, "metric_restore", restore_points), bounded)) {
        const auto [series, at, day] = returned(row);
        touched.add(series, at, day, week);
    }
    tx_.exec(prepared(tx_, "metric_remove", remove_points), bounded).no_rows();
    touched.recompute(tx_);
}

}  // namespace projections::metric
