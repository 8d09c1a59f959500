// Whether a metric's numbers can be trusted.
#include "projections/columns.hpp"
#include "projections/metric_definition.hpp"
#include "projections/metric_query.hpp"

#include <pqxx/pqxx>
#include <set>

namespace projections::metric {
namespace {

using domain::Date;

/// $1 tenant, $2 the metrics with points, $3 and $4 the days, $5 the location or null, $6 and $7
/// from when to when each metric of $2 is needed. A day is there when all that it needs are, and
/// numbers of points are those of all metrics together. Nothing reads points: the
/// roll-ups of days count them as far as they are kept, metric_late counts those that came late,
/// by the event that brought them, and metric_superseded has what was sent again. What is late and
/// was replaced counts in both, so it is taken off.
constexpr const char* quality_sql = R"sql(
        with needed as materialized (
            select n.* from unnest($2::uuid[], $6::date[], $7::date[]) n (metric, since, until)),
        metrics as materialized (select distinct metric from needed),
        days as (
            select d::date as day, not exists (select from needed n
                     where d::date >= n.since and d::date < n.until
                       and not exists (select from board.metric_rollup r
                             where r.tenant = $1 and r.metric = n.metric and r.grain = 1
                               and r.bucket = d::date::timestamp at time zone 'UTC'
                               and ($5::text is null or r.location = $5))) as there,
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
              from metrics m
              join board.metric_rollup r on r.metric = m.metric
             where r.tenant = $1 and r.grain = 1
               and r.bucket >= (select day from kept)::timestamp at time zone 'UTC'
               and r.bucket < $4::date::timestamp at time zone 'UTC'
               and ($5::text is null or r.location = $5)),
        brought_late as (
            select coalesce(sum(l.points), 0)::bigint as points
              from metrics m
              join board.metric_late l on l.metric = m.metric
             where l.tenant = $1 and l.day >= (select day from kept)
               and l.day < $4::date
               and ($5::text is null or l.location = $5)),
        again as materialized (
            select r.* from kept, metrics m,
                   board.metric_replaced(m.metric, $5, kept.day, $4::date) r),
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

/// The metrics with points that a metric follows from, each for the days on which it does: by the
/// formulas that hold on them, and those of their inputs.
class Needed {
public:
    Needed(pqxx::transaction_base& tx, const Ask& ask) : tx_{tx}, ask_{ask} {}

    domain::Result<void> add(const Definition& metric, Date from, Date to, int depth = 0) {
        constexpr int formula_levels_max = 10;
        if (depth > formula_levels_max || !seen_.insert({metric.key, from, to}).second) return {};
        if (metric.formulas.empty()) {
            metrics.push_back(metric.metric);
            since.push_back(from);
            until.push_back(to);
        }
        for (auto at = metric.formulas.begin(); at != metric.formulas.end(); ++at) {
            const auto next = std::next(at);
            const auto first = std::max(at->first.value_or(from), from);
            const auto last =
                next == metric.formulas.end() ? to : std::min(next->first.value_or(to), to);
            if (first >= last) continue;
            if (auto added = add_inputs(at->second, first, last, depth); !added) return added;
        }
        return {};
    }

    Uuids metrics;
    Dates since, until;

private:
    domain::Result<void> add_inputs(const std::string& formula, Date from, Date to, int depth) {
        const auto parsed = domain::formula::parse(formula);
        if (!parsed) return std::unexpected(parsed.error());
        for (const auto& key : domain::formula::inputs(*parsed)) {
            const auto input = definition_of(tx_, ask_, key);
            if (!input) return std::unexpected(input.error());
            if (auto added = add(*input, from, to, depth + 1); !added) return added;
        }
        return {};
    }

    pqxx::transaction_base& tx_;
    const Ask& ask_;
    std::set<std::tuple<std::string, Date, Date>> seen_;
};

}  // namespace

domain::Result<Answer> quality(pqxx::transaction_base& tx, const Ask& ask) {
    constexpr int days_default = 30, days_max = 1100;
    const auto to = domain::date_from(first_filter(ask, "to", domain::to_text(ask.today)));
    if (!to) return std::unexpected(wrong_parameter("to", "must be a date"));
    const auto from =
        domain::date_from(first_filter(ask, "from", domain::to_text(*to + -days_default)));
    if (!from || *from >= *to || *to - *from > days_max)
        return std::unexpected(wrong_parameter("from", "must be a date, 1 to 1100 days before to"));
    const auto metric = definition_of(tx, ask, ask.path.find("metric")->second);
    if (!metric) return std::unexpected(metric.error());
    Needed needed{tx, ask};
    if (const auto added = needed.add(*metric, *from, *to); !added)
        return std::unexpected(added.error());
    const auto location = ask.filters.find("location");
    pqxx::params params{
        domain::to_text(ask.tenant), as_params(needed.metrics), domain::to_text(*from),
        domain::to_text(*to),
        location == ask.filters.end() ? std::nullopt : std::optional{location->second.front()}};
    params.append(as_params(needed.since, needed.until));
    const auto json = tx.exec(quality_sql, params);
    return Answer{json.one_field().as<std::string>()};
}

}  // namespace projections::metric
