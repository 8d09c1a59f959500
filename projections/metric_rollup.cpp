#include "projections/metric_rollup.hpp"

#include "domain/base/business_day.hpp"
#include "projections/prepared.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

/// Reading some days more is cheaper than another look into every chunk.
constexpr std::int64_t stretch_gap_micros = 14 * domain::day_micros;
constexpr Grain all_grains[]{Grain::hour, Grain::day, Grain::week, Grain::month, Grain::quarter};

struct Stretch {
    domain::Instant from, to;
};

std::int64_t floored(std::int64_t micros, std::int64_t step) {
    const auto rest = micros % step;
    return micros - (rest < 0 ? rest + step : rest);
}

/// The columns that say which bucket a row is.
struct Places {
    Uuids tenant, metric;
    SmallInts grain;
    Instants bucket;
    Texts location;
    BigInts variant;

    void push_back(const SeriesKey& series, const BucketKey& key) {
        tenant.push_back(series.tenant);
        metric.push_back(series.metric);
        grain.push_back(static_cast<std::int16_t>(key.grain));
        bucket.push_back(key.start);
        location.push_back(series.location);
        variant.push_back(series.variant);
    }
    pqxx::params params() const {
        return as_params(tenant, metric, grain, bucket, location, variant);
    }
};

/// Stretches of time that hold every point of the touched days, few and apart from each other: a
/// business day lies within a day and a half of its date in UTC, whatever zone and cut-off.
std::vector<Stretch> stretches_of(const std::map<BucketKey, bool>& touched) {
    std::vector<Stretch> stretches;
    for (const auto& [place, is] : touched) {
        if (place.grain != Grain::day) continue;
        const Stretch around{{place.start.micros - 2 * domain::day_micros},
                             {place.start.micros + 3 * domain::day_micros}};
        if (!stretches.empty() &&
            around.from.micros - stretches.back().to.micros <= stretch_gap_micros)
            stretches.back().to = around.to;
        else stretches.push_back(around);
    }
    return stretches;
}

/// The columns that say where the touched days' points are.
struct Reaches {
    Uuids tenant, metric;
    Texts location;
    BigInts variant;
    Instants from, to;
    domain::Instant first{INT64_MAX}, last{INT64_MIN};

    void push_back(const SeriesKey& series, const Stretch& stretch) {
        tenant.push_back(series.tenant);
        metric.push_back(series.metric);
        location.push_back(series.location);
        variant.push_back(series.variant);
        from.push_back(stretch.from);
        to.push_back(stretch.to);
        first = std::min(first, stretch.from);
        last = std::max(last, stretch.to);
    }
    pqxx::params params() const { return as_params(tenant, metric, location, variant, from, to); }
};

}  // namespace

BucketKey bucket_of(Grain grain, domain::Instant at, domain::Date day, int week_start) {
    switch (grain) {
        case Grain::hour: return {grain, {floored(at.micros, domain::hour_micros)}};
        case Grain::day: return {grain, midnight(day)};
        case Grain::week: return {grain, midnight(domain::week_of(day, week_start))};
        case Grain::month: return {grain, midnight(domain::month_of(day))};
        case Grain::quarter: return {grain, midnight(domain::quarter_of(day))};
    }
    std::unreachable();
}

void Sums::add(const SeriesKey& key, domain::Instant at, domain::Date day,
               const domain::Decimal& value, int week_start) {
    if (last_key_ == nullptr || *last_key_ != key) {
        const auto found = series_.try_emplace(key).first;
        last_key_ = &found->first;
        last_ = &found->second;
    }
    for (const auto grain : all_grains) {
        auto& present = last_->present[static_cast<std::size_t>(grain)];
        const auto place = bucket_of(grain, at, day, week_start);
        if (present == nullptr || present->first != place)
            present = &*last_->buckets.try_emplace(place).first;
        auto& bucket = present->second;
        if (bucket.count == 0 || value < bucket.min) bucket.min = value;
        if (bucket.count == 0 || value > bucket.max) bucket.max = value;
        if (bucket.count == 0 || at < bucket.first_at) {
            bucket.first = value;
            bucket.first_at = at;
        }
        if (bucket.count == 0 || at > bucket.last_at) {
            bucket.last = value;
            bucket.last_at = at;
        }
        ++bucket.count;
        bucket.sum.add(value);
    }
}

void Sums::save(pqxx::transaction_base& tx) const {
    Places places;
    BigInts count;
    Column<domain::DecimalSum> sum;
    Decimals min, max, first, last;
    Instants first_at, last_at;
    for (const auto& [key, series] : series_) {
        for (const auto& [place, bucket] : series.buckets) {
            places.push_back(key, place);
            count.push_back(bucket.count);
            sum.push_back(bucket.sum);
            min.push_back(bucket.min);
            max.push_back(bucket.max);
            first.push_back(bucket.first);
            first_at.push_back(bucket.first_at);
            last.push_back(bucket.last);
            last_at.push_back(bucket.last_at);
        }
    }
    tx.exec(prepared(tx, "metric_rollup_add", R"sql(
        insert into board.metric_rollup as r
            (tenant, metric, grain, bucket, location, variant, count, sum, min, max, first,
             first_at, last, last_at)
        select * from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::timestamptz[],
                             $5::text[], $6::bigint[], $7::bigint[], $8::numeric[], $9::numeric[],
                             $10::numeric[], $11::numeric[], $12::timestamptz[], $13::numeric[],
                             $14::timestamptz[])
            on conflict (tenant, metric, grain, bucket, location, variant) do update
           set count = r.count + excluded.count, sum = r.sum + excluded.sum,
               min = least(r.min, excluded.min), max = greatest(r.max, excluded.max),
               first = case when excluded.first_at < r.first_at then excluded.first
                            else r.first end,
               first_at = least(r.first_at, excluded.first_at),
               last = case when excluded.last_at > r.last_at then excluded.last else r.last end,
               last_at = greatest(r.last_at, excluded.last_at))sql"),
            pqxx::params{places.params(),
                         as_params(count, sum, min, max, first, first_at, last, last_at)})
        .no_rows();
}

void Touched::add(const SeriesKey& series, domain::Instant at, domain::Date day, int week_start) {
    auto& buckets = buckets_[series];
    for (const auto grain : all_grains) buckets[bucket_of(grain, at, day, week_start)] = true;
}

void Touched::recompute(pqxx::transaction_base& tx) const {
    Places places;
    Reaches reaches;
    for (const auto& [series, buckets] : buckets_) {
        for (const auto& [place, touched] : buckets) places.push_back(series, place);
        for (const auto& stretch : stretches_of(buckets)) reaches.push_back(series, stretch);
    }
    const auto params = places.params();
    tx.exec(prepared(tx, "metric_rollup_clear", R"sql(
        delete from board.metric_rollup r
         using unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::timestamptz[], $5::text[],
                      $6::bigint[]) as k (tenant, metric, grain, bucket, location, variant)
         where r.tenant = k.tenant and r.metric = k.metric and r.grain = k.grain
           and r.bucket = k.bucket and r.location = k.location and r.variant = k.variant)sql"),
            params)
        .no_rows();
    // Both sides are as long as a batch, and the planner cannot know: nested, they are multiplied.
    tx.exec("set local enable_nestloop = off").no_rows();
    tx.exec(prepared(tx, "metric_rollup_from_points", R"sql(
        with p as materialized (
            select s.tenant, s.metric, s.location, s.variant, p.at, p.day, p.value
              from unnest($7::uuid[], $8::uuid[], $9::text[], $10::bigint[], $11::timestamptz[],
                          $12::timestamptz[])
                   as s (tenant, metric, location, variant, from_at, to_at)
             cross join lateral (
                   select p.at, p.day, p.value from board.business_metrics p
                    where p.tenant = s.tenant and p.metric = s.metric and p.location = s.location
                      and p.variant = s.variant and p.at >= s.from_at and p.at < s.to_at
                      -- Known beforehand, so that only their chunks are opened.
                      and p.at >= $13::timestamptz and p.at < $14::timestamptz
                   offset 0) p)
        insert into board.metric_rollup
            (tenant, metric, grain, bucket, location, variant, count, sum, min, max, first,
             first_at, last, last_at)
        select tenant, metric, grain, bucket, location, variant, count(*), sum(p.value),
               min(p.value), max(p.value), (array_agg(p.value order by p.at))[1], min(p.at),
               (array_agg(p.value order by p.at desc))[1], max(p.at)
          from (select p.*, 0::smallint as grain,
                       date_bin('1 hour', p.at, timestamptz 'epoch') as bucket from p
                union all
                select p.*, 1::smallint, p.day::timestamp at time zone 'UTC' from p) p
          join unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::timestamptz[], $5::text[],
                      $6::bigint[]) as k (tenant, metric, grain, bucket, location, variant)
         using (tenant, metric, grain, bucket, location, variant)
         group by tenant, metric, grain, bucket, location, variant)sql"),
            pqxx::params{params, reaches.params(), domain::to_text(reaches.first),
                         domain::to_text(reaches.last)})
        .no_rows();
    // The days of a metric's stretch stand in one piece of the index, whatever their series: where
    // many of them are wanted, the piece is read once and not once a series.
    tx.exec(prepared(tx, "metric_rollup_from_days", R"sql(
        with k as materialized (
            select *, count(*) over (partition by tenant, metric, grain, bucket) > 32 as many,
                   bucket + case grain when 2 then interval '7 days'
                                       when 3 then interval '1 month'
                                       else interval '3 months' end as until
              from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::timestamptz[], $5::text[],
                          $6::bigint[])
                       as k (tenant, metric, grain, bucket, location, variant)
             where k.grain > 1),
        piece as materialized (
            select s.grain, s.bucket as of_bucket, d.tenant, d.metric, d.location, d.variant,
                   d.count, d.sum, d.min, d.max, d.first, d.first_at, d.last, d.last_at
              from (select distinct tenant, metric, grain, bucket, until from k where many) s
             cross join lateral (
                   select d.* from board.metric_rollup d
                    where d.tenant = s.tenant and d.metric = s.metric and d.grain = 1
                      and d.bucket >= s.bucket and d.bucket < s.until
                   offset 0) d)
        insert into board.metric_rollup
            (tenant, metric, grain, bucket, location, variant, count, sum, min, max, first,
             first_at, last, last_at)
        select tenant, metric, grain, bucket, location, variant, sum(count), sum(sum), min(min),
               max(max), (array_agg(first order by first_at))[1], min(first_at),
               (array_agg(last order by last_at desc))[1], max(last_at)
          from (select k.tenant, k.metric, k.grain, k.bucket, k.location, k.variant, d.count,
                       d.sum, d.min, d.max, d.first, d.first_at, d.last, d.last_at
                  from k cross join lateral (
                       select d.* from board.metric_rollup d
                        where d.tenant = k.tenant and d.metric = k.metric and d.grain = 1
                          and d.bucket >= k.bucket and d.bucket < k.until
                          and d.location = k.location and d.variant = k.variant
                       offset 0) d
                 where not k.many
                union all
                select k.tenant, k.metric, k.grain, k.bucket, k.location, k.variant, d.count,
                       d.sum, d.min, d.max, d.first, d.first_at, d.last, d.last_at
                  from k join piece d
                    on d.tenant = k.tenant and d.metric = k.metric and d.grain = k.grain
                   and d.of_bucket = k.bucket and d.location = k.location
                   and d.variant = k.variant) d
         group by tenant, metric, grain, bucket, location, variant)sql"),
            params)
        .no_rows();
    tx.exec("set local enable_nestloop = on").no_rows();
}

void recompute_weeks(pqxx::transaction_base& tx, domain::TenantId tenant, int week_start) {
    const pqxx::params params{domain::to_text(tenant), week_start};
    tx.exec(prepared(tx, "metric_weeks_clear",
                     "delete from board.metric_rollup "
                     "where tenant = $1 and grain = 2 and $2::int >= 0"),
            params)
        .no_rows();
    tx.exec(prepared(tx, "metric_weeks_made", R"sql(
        insert into board.metric_rollup
            (tenant, metric, grain, bucket, location, variant, count, sum, min, max, first,
             first_at, last, last_at)
        select d.tenant, d.metric, 2, w.week, d.location, d.variant, sum(d.count), sum(d.sum),
               min(d.min), max(d.max), (array_agg(d.first order by d.first_at))[1],
               min(d.first_at), (array_agg(d.last order by d.last_at desc))[1], max(d.last_at)
          from board.metric_rollup d
         cross join lateral (select d.bucket - ((extract(dow from d.bucket at time zone 'UTC')::int
                                                 - $2::int + 7) % 7) * interval '1 day') w (week)
         where d.tenant = $1 and d.grain = 1
         group by d.tenant, d.metric, w.week, d.location, d.variant)sql"),
            params)
        .no_rows();
}

}  // namespace projections::metric
