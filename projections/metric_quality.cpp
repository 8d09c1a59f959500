// Whether a metric's numbers can be trusted.
#include "projections/metric_query.hpp"

#include <pqxx/pqxx>

namespace projections::metric {

domain::Result<Answer> quality(pqxx::transaction_base& tx, const Ask& ask) {
    constexpr int days_default = 30, days_max = 1100;
    const auto to = domain::date_from(first_filter(ask, "to", domain::to_text(ask.today)));
    if (!to) return std::unexpected(wrong_parameter("to", "must be a date"));
    const auto from =
        domain::date_from(first_filter(ask, "from", domain::to_text(*to + -days_default)));
    if (!from || *from >= *to || *to - *from > days_max)
        return std::unexpected(wrong_parameter("from", "must be a date, 1 to 1100 days before to"));
    const auto metric = named_metric(ask.tenant, ask.path.find("metric")->second);
    const pqxx::params params{domain::to_text(ask.tenant), domain::to_text(metric),
                              domain::to_text(*from), domain::to_text(*to)};
    const auto known = tx.exec("select 1 from board.metric where tenant = $1 and metric = $2",
                               pqxx::params{domain::to_text(ask.tenant), domain::to_text(metric)});
    if (known.empty()) return domain::refuse(not_found);
    const auto json = tx.exec(R"sql(
        with days as (
            select d::date as day, exists (select from board.metric_rollup r
                     where r.tenant = $1 and r.metric = $2 and r.grain = 1
                       and r.bucket = d::date::timestamp at time zone 'UTC') as there,
                   exists (select from board.closure c
                     where c.tenant = $1 and c.location = '' and not c.cancelled
                       and d::date between c.from_day and c.to_day) as closed
              from generate_series($3::date, $4::date - 1, interval '1 day') as d),
        holes as (
            select min(day) as "from", max(day) as "to", count(*)::int as days
              from (select day, day - (row_number() over (order by day))::int as island
                      from days where not there and not closed) gaps
             group by island),
        points as (
            select count(*) as points,
                   count(*) filter (where e.recorded_at > p.at + interval '48 hours') as late
              from board.metric_points($2, $3::date - 2, $4::date + 2) p
              join log.tenant_lane l on l.tenant = $1
              join log.event e on e.lane = l.lane and e.position = p.position
             where p.day >= $3::date and p.day < $4::date)
        select row_to_json(j) from (
            select $3::date as "from", $4::date as "to",
                   (count(*) filter (where there or not closed))::int as expected_days,
                   (count(*) filter (where there))::int as received_days,
                   round(avg(there::int) filter (where there or not closed),
                         4)::float8 as completeness,
                   (select points from points) as points, (select late from points) as late_points,
                   (select coalesce('[' || string_agg(row_to_json(h)::text, ','
                                                      order by h."from") || ']', '[]')::json
                      from holes h) as gaps
              from days) j)sql",
                              params);
    return Answer{json.one_field().as<std::string>()};
}

}  // namespace projections::metric
