// A metric beside its benchmarks, and among its tenant's peers.
#include "domain/benchmark_period.hpp"
#include "domain/benchmark_standing.hpp"
#include "domain/cohort.hpp"
#include "events/writer.hpp"
#include "projections/benchmark_query.hpp"
#include "projections/metric_query.hpp"
#include "projections/metric_series.hpp"

#include <pqxx/pqxx>

namespace projections::benchmark {
namespace {

using domain::benchmark::among_percentiles;
using domain::benchmark::Frequency;
using domain::benchmark::frequency_from;
using domain::benchmark::Percentiles;
using domain::benchmark::percents;
using domain::benchmark::Period;
using domain::benchmark::Standing;

/// The metric that is asked for, over the period that is asked for.
struct Own {
    std::string key, unit;
    bool derived{};
    Period period;
    std::optional<domain::Decimal> value;
    int days{};  ///< with a point
};

domain::Result<Period> period_of(const Ask& ask) {
    const auto text = first_filter(ask, "period");
    if (text.empty()) {
        const auto day_of_month = std::stoi(domain::to_text(ask.today).substr(8));
        return domain::benchmark::period_at(ask.today + -day_of_month, Frequency::month);
    }
    const auto period = domain::benchmark::period_from(text);
    if (!period)
        return std::unexpected(
            wrong_parameter("period", "must be a date, or written like 2024-03, 2024-Q1 or 2024"));
    return *period;
}

domain::Result<Own> own_of(pqxx::transaction_base& tx, const Ask& ask) {
    const auto period = period_of(ask);
    if (!period) return std::unexpected(period.error());
    const auto name = ask.path.find("metric")->second;
    const pqxx::params params{domain::to_text(ask.tenant),
                              domain::to_text(metric::named_metric(ask.tenant, name)),
                              domain::to_text(period->from), domain::to_text(period->to)};
    const auto rows = tx.exec(R"sql(
        select m.key, m.unit, m.formula <> '',
               (select count(distinct r.bucket) from board.metric_rollup r
                 where r.tenant = m.tenant and r.metric = m.metric and r.grain = 1
                   and r.bucket >= $3::date::timestamp at time zone 'UTC'
                   and r.bucket < $4::date::timestamp at time zone 'UTC')
          from board.metric m where m.tenant = $1 and m.metric = $2)sql",
                              params);
    if (rows.empty()) return domain::refuse(not_found);
    auto value = metric::value_over(tx, ask, name, period->from, period->to);
    if (!value) return std::unexpected(std::move(value.error()));
    return Own{rows[0][0].as<std::string>(),
               rows[0][1].as<std::string>(),
               rows[0][2].as<bool>(),
               *period,
               *value,
               rows[0][3].as<int>()};
}

void put_own(events::Writer& out, const Own& own) {
    out.open().key("metric").text(own.key).key("unit").text(own.unit);
    out.key("period").text(to_text(own.period)).key("from").text(domain::to_text(own.period.from));
    out.key("to").text(domain::to_text(own.period.to)).key("own").open().key("value");
    if (own.value) out.text(own.value->text());
    else out.null();
    if (!own.derived) out.key("days").integer(own.days);
    out.key("expected_days").integer(own.period.to - own.period.from).close();
}

void put_standing(events::Writer& out, const std::optional<Standing>& standing,
                  std::string_view method, std::optional<int> count) {
    out.key("percentile");
    if (!standing) {
        out.null();
        return;
    }
    out.open().key("value").number(standing->percentile).key("low").number(standing->low);
    out.key("high").number(standing->high).key("method").text(method);
    if (count) out.key("n").integer(*count);
    out.close();
}

// ---- Beside benchmarks.
struct Beside {
    std::string benchmark, provider, title, transform, adjustment, factor, licence;
    std::optional<std::string> deflator, deflator_attribution;
    Frequency frequency{};
};

std::vector<Beside> benchmarks_of(pqxx::transaction_base& tx, const Ask& ask,
                                  std::string_view metric) {
    std::vector<Beside> found;
    for (const auto& row :
         tx.exec(std::string{R"sql(
        select m.benchmark, b.provider, b.title, m.transform, m.adjustment, m.factor::text,
               m.deflator, d.attribution, b.frequency, row_to_json(j)
          from board.benchmark_mapping m
          join board.benchmark b on b.tenant = m.tenant and b.benchmark = m.benchmark
          left join board.benchmark d on d.tenant = m.tenant and d.benchmark = m.deflator
         cross join lateral (select )sql"} +
                     licence_sql + ") j where m.tenant = $1 and m.metric = $2 order by m.benchmark",
                 pqxx::params{domain::to_text(ask.tenant),
                              domain::to_text(metric::named_metric(ask.tenant, metric))})) {
        const auto licence = row[9].view();
        found.push_back(
            {row[0].as<std::string>(), row[1].as<std::string>(), row[2].as<std::string>(),
             row[3].as<std::string>(), row[4].as<std::string>(), row[5].as<std::string>(),
             std::string{licence.substr(1, licence.size() - 2)},
             row[6].as<std::optional<std::string>>(), row[7].as<std::optional<std::string>>(),
             frequency_from(row[8].view()).value_or(Frequency::month)});
    }
    return found;
}

/// $1 tenant, $2 benchmark, $3 as of, $4 what a bucket is (a word of date_trunc; empty: each
/// observation), $5 and $6 the period asked for, $7 transform, $8 factor, $9 deflator, $10 own
/// value, $11 how long a bucket is, $12 the series' frequency.
constexpr const char* comparison_sql = R"sql(
    with known as (
        select distinct on (o.period) o.*
          from board.benchmark_observation o
         where o.tenant = $1 and o.benchmark = $2 and o.vintage <= $3::date
           and o.period < $6::date
         order by o.period, o.vintage desc),
    prices as (
        select distinct on (o.period) o.period, o.value
          from board.benchmark_observation o
         where o.tenant = $1 and o.benchmark = $9::uuid and o.vintage <= $3::date
           and o.period < $6::date
         order by o.period, o.vintage desc),
    placed as (
        select case when $4 = '' then k.period
                    else date_trunc($4, k.period::timestamp)::date end as bucket, k.*
          from known k),
    buckets as (
        select p.bucket, (p.bucket + $11::interval)::date as ends, count(*) as count,
               max(p.vintage) as vintage,
               case $7 when 'sum' then sum(p.value) when 'mean' then avg(p.value)
                       else (array_agg(p.value order by p.period desc))[1] end as value,
               min(p.p10) as p10, min(p.p25) as p25, min(p.p50) as p50, min(p.p75) as p75,
               min(p.p90) as p90
          from placed p
         where p.bucket <= $5::date
         group by p.bucket
        having $7 <> 'sum' or count(*) >=
               case $12 when 'day' then (p.bucket + $11::interval)::date - p.bucket
                        when 'week' then ((p.bucket + $11::interval)::date - p.bucket) / 7
                        else round(extract(epoch from $11::interval)
                                   / extract(epoch from ('1 ' || $12)::interval)) end
         order by p.bucket desc limit 600),
    level as (
        select coalesce(
               (select avg(q.value) from prices q where q.period >= $5::date),
               (select q.value from prices q order by q.period desc limit 1)) as price),
    scaled as (
        select b.*, case when $9::uuid is null then $8::numeric
                         else $8::numeric * l.price / nullif(coalesce(
                              (select avg(q.value) from prices q
                                where q.period >= b.bucket and q.period < b.ends),
                              (select q.value from prices q
                                where q.period < b.ends order by q.period desc limit 1)), 0)
                    end as scale
          from buckets b cross join level l),
    told as (
        select s.bucket, s.ends, s.vintage, s.count, s.scale,
               round(s.value * s.scale, 12) as value, s.p10, s.p25, s.p50, s.p75, s.p90
          from scaled s where s.scale is not null),
    history as (
        select count(*)::int as n, (count(*) filter (where t.value < $10::numeric))::int as below,
               (count(*) filter (where t.value = $10::numeric))::int as equal
          from told t)
    select t.bucket, t.ends, t.vintage, trim_scale(t.value)::text,
           trim_scale($10::numeric - t.value)::text, h.n, h.below, h.equal, t.count = 1,
           round(t.p10 * t.scale, 6)::text, round(t.p25 * t.scale, 6)::text,
           round(t.p50 * t.scale, 6)::text, round(t.p75 * t.scale, 6)::text,
           round(t.p90 * t.scale, 6)::text
      from told t cross join history h
     order by t.bucket desc limit 1)sql";

Percentiles percentiles_in(const pqxx::row& row, int first) {
    Percentiles out;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto field = row[first + static_cast<int>(i)];
        if (!field.is_null()) out[i] = domain::Decimal::from(field.view());
    }
    return out;
}

/// Percentiles where the provider gave them for exactly this period, else the series' history.
void put_position(events::Writer& out, const Own& own, const pqxx::row& row) {
    constexpr int one_observation = 8, first_percentile = 9;
    if (!own.value) return put_standing(out, {}, {}, {});
    if (row[one_observation].as<bool>()) {
        const auto published = among_percentiles(*own.value, percentiles_in(row, first_percentile));
        if (published) return put_standing(out, published, "published-percentiles", {});
    }
    const auto count = row[5].as<int>();
    put_standing(out, domain::benchmark::among_values(row[6].as<int>(), row[7].as<int>(), count),
                 "own-history", count);
}

void put_value(events::Writer& out, const Own& own, const pqxx::row& row, Frequency length,
               domain::Date known_on) {
    const auto day = [&](int column) {
        return domain::benchmark::period_from(row[column].view())->from;
    };
    out.key("period").text(to_text(Period{length, day(0), day(1)}));
    out.key("value").text(row[3].view()).key("difference");
    if (row[4].is_null()) out.null();
    else out.text(row[4].view());
    put_position(out, own, row);
    out.key("vintage").text(row[2].view()).key("age_days").integer(known_on - day(1));
}

void put_beside(events::Writer& out, pqxx::transaction_base& tx, const Ask& ask, const Own& own,
                const Beside& beside, const std::string& as_of) {
    const bool longer = beside.frequency > own.period.length;
    const auto length = longer ? beside.frequency : own.period.length;
    const std::string word{to_text(length)};
    const std::string span = length == Frequency::quarter ? "3 months" : "1 " + word;
    out.open().key("benchmark").text(beside.benchmark).key("provider").text(beside.provider);
    out.key("title").text(beside.title).key("transform").text(beside.transform);
    out.key("adjustment").text(beside.adjustment);
    if (beside.deflator) out.key("deflator").text(*beside.deflator);
    if (beside.deflator_attribution)
        out.key("deflator_attribution").text(*beside.deflator_attribution);
    out.raw(beside.licence);
    if (longer && beside.transform == "sum") {
        out.key("value").null().key("unavailable").text("longer-period").close();
        return;
    }
    const auto rows = tx.exec(
        comparison_sql,
        pqxx::params{domain::to_text(ask.tenant), beside.benchmark, as_of, longer ? "" : word,
                     domain::to_text(own.period.from), domain::to_text(own.period.to),
                     beside.transform, beside.factor, beside.deflator,
                     own.value ? std::optional{own.value->text()} : std::nullopt, span,
                     std::string{to_text(beside.frequency)}});
    if (rows.empty()) {
        out.key("value").null().key("unavailable").text("no-observations").close();
        return;
    }
    put_value(out, own, rows[0], length, domain::date_from(as_of).value_or(ask.today));
    out.close();
}

// ---- Among peers.
domain::Result<void> refused(std::string_view verdict) {
    namespace cohort = domain::cohort;
    if (verdict == "ok") return {};
    if (verdict == "not-joined") return domain::refuse(cohort::not_joined);
    if (verdict == "dominated") return domain::refuse(cohort::dominated);
    return domain::refuse(cohort::too_small);
}

}  // namespace

domain::Result<Answer> comparison(pqxx::transaction_base& tx, const Ask& ask) {
    const auto own = own_of(tx, ask);
    if (!own) return std::unexpected(own.error());
    const auto as_of = first_filter(ask, "as_of", "infinity");
    if (as_of != "infinity" && !domain::date_from(as_of))
        return std::unexpected(wrong_parameter("as_of", "must be a date"));
    events::Writer out;
    put_own(out, *own);
    out.key("benchmarks").open_list();
    for (const auto& beside : benchmarks_of(tx, ask, ask.path.find("metric")->second))
        put_beside(out, tx, ask, *own, beside, as_of);
    return Answer{out.close_list().close().take()};
}

domain::Result<Answer> peers(pqxx::transaction_base& tx, const Ask& ask) {
    const auto own = own_of(tx, ask);
    if (!own) return std::unexpected(own.error());
    if (own->derived) return domain::refuse(domain::cohort::not_measured);
    if (own->period.length < Frequency::month || own->period.to > ask.today)
        return std::unexpected(
            wrong_parameter("period", "must be a month, quarter or year that is over"));
    const auto row = tx.exec("select * from board.peer_distribution($1, $2, $3::date)",
                             pqxx::params{own->key, std::string{to_text(own->period.length)},
                                          domain::to_text(own->period.from)})
                         .one_row();
    if (auto fine = refused(row[0].view()); !fine) return std::unexpected(fine.error());
    constexpr int first_percentile = 4;
    events::Writer out;
    put_own(out, *own);
    out.key("cohort").open().key("naics").text(row[1].view()).key("country").text(row[2].view());
    out.key("tenants").integer(row[3].as<int>()).close().key("percentiles").open();
    for (std::size_t i = 0; i < percents.size(); ++i)
        out.key("p" + std::to_string(percents[i]))
            .text(row[first_percentile + static_cast<int>(i)].view());
    out.close();
    const auto spread = percentiles_in(row, first_percentile);
    put_standing(out, own->value ? among_percentiles(*own->value, spread) : std::nullopt,
                 "peer-percentiles", {});
    return Answer{out.close().take()};
}

domain::Result<Answer> cohort(pqxx::transaction_base& tx, const Ask& ask) {
    const auto rows = tx.exec(R"sql(
        select c.version, row_to_json(j)
          from board.cohort_member c
         cross join lateral (select true as share, c.naics, c.country,
                to_char(c.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as since) j
         where c.tenant = $1)sql",
                              pqxx::params{domain::to_text(ask.tenant)});
    if (rows.empty()) return Answer{R"({"share":false})"};
    return Answer{rows[0][1].as<std::string>(), rows[0][0].as<std::int64_t>(), {}, false};
}

}  // namespace projections::benchmark
