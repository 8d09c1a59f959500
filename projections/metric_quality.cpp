// Whether a metric's numbers can be trusted.
#include "projections/metric_query.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

/// $1 tenant, $2 metric, $3 and $4 the days, $5 the location or null. Nothing reads points: the
/// roll-ups of days count them as far as they are kept, metric_late counts those that came late,
/// by the event that brought them, and metric_superseded has what was sent again. What is late and
/// was replaced counts in both, so it is taken off.
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
        kept as (
            select greatest($3::date, max(points_before)) as day
              from board.metric_retention where tenant = $1),
        points as (
            select coalesce(sum(r.count), 0)::bigint as points
              from board.metric_rollup r
             where r.tenant = $1 and r.metric = $2 and r.grain = 1
               and r.bucket >= (select day from kept)::timestamp at time zone 'UTC'
               and r.bucket < $4::date::timestamp at time zone 'UTC'
               and ($5::text is null or r.location = $5)),
        brought_late as (
            select coalesce(sum(l.points), 0)::bigint as points
              from board.metric_late l
             where l.tenant = $1 and l.metric = $2 and l.day >= (select day from kept)
               and l.day < $4::date
               and ($5::text is null or l.location = $5)),
        again as materialized (
            select r.* from kept, board.metric_replaced($2, $5, kept.day, $4::date) r),
        replaced_late as (
            select count(*) as points
              from again a
              join log.tenant_lane t on t.tenant = $1
              join log.event e on e.lane = t.lane and e.position = a.position
             where e.recorded_at > a.at + interval '48 hours')
        select row_to_json(j) from (
            select $3::date as "from", $4::date as "to",
                   (count(*) filter (where there or not closed))::int as expected_days,
                   (count(*) filter (where there))::int as received_days,
                   round(avg(there::int) filter (where there or not closed),
                         4)::float8 as completeness,
                   (select points from points) as points,
                   (select points from brought_late) - (select points from replaced_late)
                       as late_points,
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
