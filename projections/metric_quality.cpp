// Whether a metric's numbers can be trusted.
#include "projections/metric_query.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

/// $1 tenant, $2 metric, $3 and $4 the days, $5 the location or null. A business day lies within
/// two days of its date in UTC. The log is asked once for each batch: a batch's points share a
/// position. A point that was sent again is in metric_superseded, with the value that it had.
constexpr const char* quality_sql = R"sql(
        with days as (
            select d::date as day, exists (select from board.metric_rollup r
                     where r.tenant = $1 and r.metric = $2 and r.grain = 1
                       and r.bucket = d::date::timestamp at time zone 'UTC'
                       and ($5::text is null or r.location = $5)) as there,
                   exists (select from board.closure c
                     where c.tenant = $1 and (c.location = '' or c.location = $5)
                       and not c.cancelled and d::date between c.from_day and c.to_day) as closed
              from generate_series($3::date, $4::date - 1, interval '1 day') as d),
        holes as (
            select min(day) as "from", max(day) as "to", count(*)::int as days
              from (select day, day - (row_number() over (order by day))::int as island
                      from days where not there and not closed) gaps
             group by island),
        points as materialized (
            select p.location, p.variant, p.at, p.value, p.position
              from board.metric_points($2, $3::date - 2, $4::date + 2) p
             where p.day >= $3::date and p.day < $4::date
               and ($5::text is null or p.location = $5)),
        sent as materialized (
            select e.position, e.recorded_at
              from (select distinct position from points) b
              join log.tenant_lane l on l.tenant = $1
              join log.event e on e.lane = l.lane and e.position = b.position),
        late as (
            select count(*) as points from points p join sent s using (position)
             where s.recorded_at > p.at + interval '48 hours'),
        again as (
            select s.value, coalesce(lead(s.value) over (partition by s.location, s.variant, s.at
                                                             order by s.position), p.value) as next
              from board.metric_superseded s
              left join points p using (location, variant, at)
             where s.tenant = $1 and s.metric = $2 and s.day >= $3::date and s.day < $4::date
               and s.at >= $3::date - 2 and s.at < $4::date + 2
               and ($5::text is null or s.location = $5))
        select row_to_json(j) from (
            select $3::date as "from", $4::date as "to",
                   (count(*) filter (where there or not closed))::int as expected_days,
                   (count(*) filter (where there))::int as received_days,
                   round(avg(there::int) filter (where there or not closed),
                         4)::float8 as completeness,
                   (select count(*) from points) as points,
                   (select points from late) as late_points,
                   (select count(*) from again where value is distinct from next)
                       as replaced_points,
                   (select count(*) from again where value = next) as duplicate_points,
                   (select coalesce('[' || string_agg(row_to_json(h)::text, ','
                                                      order by h."from") || ']', '[]')::json
                      from holes h) as gaps
              from days) j)sql";

}  // namespace

domain::Result<Answer> quality(pqxx::transaction_base& tx, const Ask& ask) {
    constexpr int days_default = 30, days_max = 1100;
    const auto to = domain::date_from(first_filter(ask, "to", domain::to_text(ask.today)));
    if (!to) return std::unexpected(wrong_parameter("to", "must be a date"));
    const auto from =
        domain::date_from(first_filter(ask, "from", domain::to_text(*to + -days_default)));
    if (!from || *from >= *to || *to - *from > days_max)
        return std::unexpected(wrong_parameter("from", "must be a date, 1 to 1100 days before to"));
    const auto metric = named_metric(ask.tenant, ask.path.find("metric")->second);
    const pqxx::params whose{domain::to_text(ask.tenant), domain::to_text(metric)};
    const auto known =
        tx.exec("select 1 from board.metric where tenant = $1 and metric = $2", whose);
    if (known.empty()) return domain::refuse(not_found);
    const auto location = ask.filters.find("location");
    const auto json =
        tx.exec(quality_sql, pqxx::params{whose, domain::to_text(*from), domain::to_text(*to),
                                          location == ask.filters.end()
                                              ? std::nullopt
                                              : std::optional{location->second.front()}});
    return Answer{json.one_field().as<std::string>()};
}

}  // namespace projections::metric
