#include "projections/metric_query.hpp"

#include "events/recorded.hpp"
#include "projections/page.hpp"

#include <charconv>
#include <pqxx/pqxx>

namespace projections::metric {
namespace {

// row_to_json writes without spaces; json_build_object does not.
constexpr const char* metric_rows = R"sql(
      from board.metric m
     cross join lateral (select m.metric as id, m.key, m.name, m.kind, m.unit, m.additivity,
            m.aggregation, m.good_direction, m.gap_policy, m.dimensions, m.precision,
            nullif(m.formula, '') as formula, m.minimum::text, m.maximum::text, m.archived,
            m.version, to_char(m.updated_at at time zone 'UTC',
                               'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at) j
     where m.tenant = $1)sql";

constexpr const char* batch_rows = R"sql(
      from board.metric_batch b
     cross join lateral (select b.batch as id, b.source, b.received, b.accepted, b.duplicate,
            b.corrected, b.rejected, b.reverted, nullif(b.reason, '') as reason, b.version,
            to_char(b.recorded_at at time zone 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at) j
     where b.tenant = $1)sql";

}  // namespace

domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask) {
    const auto archived = first_filter(ask, "archived", "false");
    if (archived != "true" && archived != "false")
        return std::unexpected(wrong_parameter("archived", "must be true or false"));
    return page(ask, tx.exec(std::string{"select m.key, row_to_json(j)"} + metric_rows +
                                 " and m.key > $2 "
                                 "and m.archived = $3::bool order by m.key limit $4",
                             pqxx::params{domain::to_text(ask.tenant), ask.cursor, archived,
                                          ask.limit + 1}));
}

domain::Uuid named_metric(domain::TenantId tenant, std::string_view name) {
    const auto id = domain::uuid_from(name);
    return id ? *id : events::id_of_name(tenant, "metric", name);
}

domain::Result<Answer> get(pqxx::transaction_base& tx, const Ask& ask) {
    const auto rows = tx.exec(
        std::string{"select m.version, row_to_json(j)"} + metric_rows + " and m.metric = $2",
        pqxx::params{domain::to_text(ask.tenant),
                     domain::to_text(named_metric(ask.tenant, ask.path.find("metric")->second))});
    if (rows.empty()) return domain::refuse(not_found);
    return Answer{rows[0][1].as<std::string>(), rows[0][0].as<std::int64_t>(), {}, false};
}

domain::Result<Answer> locations(pqxx::transaction_base& tx, const Ask& ask) {
    return page(ask, tx.exec(R"sql(
        select l.key, row_to_json(j)
          from board.location l
         cross join lateral (select l.location as id, l.key, l.name, l.time_zone,
                                    l.day_cutoff_minutes, l.closed, l.version) j
         where l.tenant = $1 and l.key > $2 order by l.key limit $3)sql",
                             pqxx::params{domain::to_text(ask.tenant), ask.cursor, ask.limit + 1}));
}

domain::Result<Answer> batches(pqxx::transaction_base& tx, const Ask& ask) {
    const auto place = cursor_of(ask).value_or(Cursor{"infinity", domain::to_text(domain::Uuid{})});
    return page(
        ask, tx.exec(std::string{"select b.recorded_at::text || '|' || b.batch, row_to_json(j)"} +
                         batch_rows +
                         " and (b.recorded_at, b.batch) < ($2::timestamptz, $3::uuid) "
                         "order by b.recorded_at desc, b.batch desc limit $4",
                     pqxx::params{domain::to_text(ask.tenant), place.first, place.second,
                                  ask.limit + 1}));
}

domain::Result<Answer> batch(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "batch");
    if (!id) return std::unexpected(id.error());
    const auto rows =
        tx.exec(std::string{"select b.version, row_to_json(j)"} + batch_rows + " and b.batch = $2",
                pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id)});
    if (rows.empty()) return domain::refuse(not_found);
    return Answer{rows[0][1].as<std::string>(), rows[0][0].as<std::int64_t>(), {}, false};
}

domain::Result<Answer> rejects(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "batch");
    if (!id) return std::unexpected(id.error());
    const auto known = tx.exec("select 1 from board.metric_batch where tenant = $1 and batch = $2",
                               pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id)});
    if (known.empty()) return domain::refuse(not_found);
    const auto after = cursor_of(ask).value_or(Cursor{"0", "-1"});
    return page(ask, tx.exec(R"sql(
        select r.line || '|' || r.place,
               row_to_json(j)
          from board.metric_reject r
         cross join lateral (select r.line, nullif(r.metric, '') as metric, r.code, r.detail) j
         where r.tenant = $1 and r.batch = $2 and (r.line, r.place) > ($3::int, $4::int)
         order by r.line, r.place limit $5)sql",
                             pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id),
                                          after.first, after.second, ask.limit + 1}));
}

domain::Result<Answer> latest(pqxx::transaction_base& tx, const Ask& ask) {
    return page(ask, tx.exec(R"sql(
        select m.key, row_to_json(j)
          from board.metric m
         cross join lateral (select max(r.bucket) as day from board.metric_rollup r
                              where r.tenant = m.tenant and r.metric = m.metric
                                and r.grain = 1) n
         cross join lateral (
               select trim_scale(case m.aggregation
                          when 'sum' then sum(r.sum)
                          when 'mean' then round(sum(r.sum) / sum(r.count), 12)
                          when 'last' then (array_agg(r.last order by r.last_at desc))[1]
                          when 'min' then min(r.min) else max(r.max) end)::text as value,
                      max(r.last_at) as last_at
                 from board.metric_rollup r
                where r.tenant = m.tenant and r.metric = m.metric and r.grain = 1
                  and r.bucket = n.day) v
         cross join lateral (select m.key as metric, m.unit, n.day::date as day, v.value,
                                    to_char(v.last_at at time zone 'UTC',
                                            'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as last_at) j
         where m.tenant = $1 and m.key > $2 and not m.archived and n.day is not null
         order by m.key limit $3)sql",
                             pqxx::params{domain::to_text(ask.tenant), ask.cursor, ask.limit + 1}));
}

domain::Result<Answer> movers(pqxx::transaction_base& tx, const Ask& ask) {
    constexpr int days_max = 366;
    const auto to = domain::date_from(first_filter(ask, "to", domain::to_text(ask.today + 1)));
    if (!to) return std::unexpected(wrong_parameter("to", "must be a date"));
    const auto text = first_filter(ask, "days", "7");
    int days = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
    if (error != std::errc{} || end != text.data() + text.size() || days < 1 || days > days_max)
        return std::unexpected(wrong_parameter("days", "must be 1 to 366"));
    const auto json =
        tx.exec(R"sql(
        with windows as (
            select m.key, m.unit, m.good_direction, m.aggregation, r.bucket >= $2::date as present,
                   case m.aggregation
                        when 'sum' then sum(r.sum)
                        when 'mean' then sum(r.sum) / sum(r.count)
                        when 'last' then (array_agg(r.last order by r.last_at desc))[1]
                        when 'min' then min(r.min) else max(r.max) end as value
              from board.metric m
              join board.metric_rollup r on r.tenant = m.tenant and r.metric = m.metric
             where m.tenant = $1 and not m.archived and r.grain = 1
               and r.bucket >= $2::date - $4::int and r.bucket < $3::date
             group by m.key, m.unit, m.good_direction, m.aggregation, present),
        pairs as (
            select n.key as metric, n.unit, n.good_direction,
                   trim_scale(round(n.value, 6))::text as value,
                   trim_scale(round(b.value, 6))::text as before,
                   round((n.value - b.value) / nullif(abs(b.value), 0), 6)::float8 as change
              from windows n join windows b on b.key = n.key and not b.present
             where n.present)
        select coalesce('[' || string_agg(row_to_json(j)::text, ','
                                          order by abs(j.change) desc nulls last, j.metric) || ']',
                        '[]')
          from (select * from pairs order by abs(change) desc nulls last, metric limit 20) j)sql",
                pqxx::params{domain::to_text(ask.tenant), domain::to_text(*to + -days),
                             domain::to_text(*to), days});
    return Answer{R"({"days":)" + std::to_string(days) + R"(,"movers":)" +
                  json.one_field().as<std::string>() + "}"};
}

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
              from board.metric_point p
              join log.tenant_lane l on l.tenant = p.tenant
              join log.event e on e.lane = l.lane and e.position = p.position
             where p.tenant = $1 and p.metric = $2 and p.day >= $3::date and p.day < $4::date
               and p.at >= $3::date - 2 and p.at < $4::date + 2)
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
