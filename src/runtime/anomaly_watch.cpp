#include "src/runtime/anomaly_watch.hpp"

#include "commands/anomaly.hpp"
#include "domain/anomaly_detect.hpp"
#include "projections/metric_series.hpp"
#include "projections/watch_query.hpp"
#include "src/runtime/log.hpp"

#include <pqxx/pqxx>

namespace runtime {
namespace {

using domain::Date;
using domain::Decimal;
namespace anomaly = domain::anomaly;

constexpr int series_at_once = 100;
constexpr int days_judged = 1100;
constexpr int decimals_max = 6;

/// A series with points or closures that the detector has not seen.
struct Touched {
    domain::TenantId tenant;
    domain::Uuid metric{};
    std::string key, location;
    std::int64_t position{}, closures{};
    int precision{};
    Date today, newest;  ///< the tenant's day, and the metric's newest one
};

/// What is known of a day already.
struct Known {
    domain::AnomalyId id;
    Decimal observed;
    anomaly::Severity severity{};
    anomaly::Status status{};
};

using Values = std::map<Date, Decimal>;
using Findings = std::map<Date, anomaly::Finding>;
using Closures = std::vector<domain::closure::Closure>;

domain::Uuid id_of(const pqxx::field& field) {
    return domain::uuid_from(field.view()).value_or(domain::Uuid{});
}
Date day_of(const pqxx::field& field) {
    return domain::date_from(field.is_null() ? "" : field.view()).value_or(Date{});
}

/// The next page after the series `last`.
std::vector<Touched> touched_series(pqxx::transaction_base& tx, const Touched& last) {
    std::vector<Touched> found;
    for (const auto& row :
         tx.exec(R"sql(
             select s.tenant, s.metric, m.key, s.location, s.position, s.closures, m.precision,
                    (now() at time zone t.time_zone)::date,
                    (select max(r.bucket)::date from board.metric_rollup r
                      where r.tenant = s.tenant and r.metric = s.metric and r.grain = 1)
               from (select p.tenant, p.metric, p.location, max(p.position) as position,
                            (select coalesce(sum(c.version), 0)::bigint from board.closure c
                              where c.tenant = p.tenant
                                and c.location in ('', p.location)) as closures
                       from board.metric_series p
                      group by p.tenant, p.metric, p.location) s
               join board.metric m on m.tenant = s.tenant and m.metric = s.metric
               join board.tenant t on t.tenant = s.tenant
               left join projection.series_judged j
                 on j.tenant = s.tenant and j.metric = s.metric and j.location = s.location
              where m.kind = 'simple' and not m.archived and s.position > 0
                and (j.position is null or s.position > j.position or s.closures > j.closures)
                and (s.tenant, s.metric, s.location) > ($1::uuid, $2::uuid, $3)
              order by s.tenant, s.metric, s.location
              limit $4)sql",
                 pqxx::params{domain::to_text(last.tenant), domain::to_text(last.metric),
                              last.location, series_at_once}))
        found.push_back({.tenant = {id_of(row[0])},
                         .metric = id_of(row[1]),
                         .key = row[2].as<std::string>(),
                         .location = row[3].as<std::string>(),
                         .position = row[4].as<std::int64_t>(),
                         .closures = row[5].as<std::int64_t>(),
                         .precision = row[6].as<int>(),
                         .today = day_of(row[7]),
                         .newest = day_of(row[8])});
    return found;
}

std::map<Date, Known> known_days(pqxx::transaction_base& tx, const Touched& series) {
    std::map<Date, Known> found;
    for (const auto& row :
         tx.exec("select anomaly, on_day, observed::text, severity, status from board.anomaly "
                 "where tenant = $1 and metric = $2 and location = $3",
                 pqxx::params{domain::to_text(series.tenant), series.key, series.location}))
        found[day_of(row[1])] = {
            {id_of(row[0])},
            Decimal::from(row[2].view()).value_or(Decimal{}),
            anomaly::severity_from(row[3].view()).value_or(anomaly::Severity::notice),
            anomaly::status_from(row[4].view()).value_or(anomaly::Status::open)};
    return found;
}

void mark_judged(pqxx::transaction_base& tx, const Touched& series) {
    tx.exec(R"sql(
        insert into projection.series_judged as j (tenant, metric, location, position, closures)
        values ($1, $2, $3, $4, $5)
            on conflict (tenant, metric, location) do update
           set position = excluded.position, closures = excluded.closures)sql",
            pqxx::params{domain::to_text(series.tenant), domain::to_text(series.metric),
                         series.location, series.position, series.closures})
        .no_rows();
}

Findings odd_days(const Touched& series, const Values& values, const Closures& closures) {
    std::vector<anomaly::Day> days;
    for (const auto& [day, value] : values)
        days.push_back({day, value.approximate(),
                        domain::closure::is_closed(closures, series.location, day, day + 1)});
    Findings found;
    for (const auto& odd : anomaly::detect(days)) {
        auto finding = anomaly::finding_of(odd, series.key, series.location, values.at(odd.day),
                                           std::min(series.precision, decimals_max));
        if (finding) found.insert_or_assign(odd.day, *std::move(finding));
    }
    return found;
}

/// The decision is the stream's; this spares asking it about what the board knows.
bool is_news(const Known& known, const anomaly::Finding& finding) {
    if (known.status == anomaly::Status::withdrawn || known.observed != finding.observed)
        return true;
    return known.status == anomaly::Status::open && finding.severity > known.severity;
}

std::optional<Decimal> value_on(const Values& values, Date day) {
    const auto found = values.find(day);
    if (found == values.end()) return std::nullopt;
    return found->second;
}

/// Whether everything that the series has to say was recorded.
bool judge(pqxx::transaction_base& tx, postgres::Reader& reader, SystemCommands& commands,
           const Touched& series) {
    const projections::Ask ask{.tenant = series.tenant,
                               .user = {},
                               .today = series.today,
                               .keys = commands.keys(),
                               .path = {},
                               .filters = {{"location", {series.location}}},
                               .cursor = {}};
    const auto end = complete_before(series.newest, series.today);
    const auto values =
        projections::metric::values_between(tx, ask, series.key, projections::metric::Grain::day,
                                            std::max(end + -days_judged, Date{}), end);
    if (!values) {
        log::warn("a series could not be judged", {{"metric", domain::to_text(series.metric)},
                                                   {"code", std::string{values.error().why.slug}}});
        return true;  // its definition went since
    }
    const auto closures = projections::watch_board::closures_of(tx, series.tenant);
    const auto known = known_days(tx, series);
    const auto odd = odd_days(series, *values, closures);
    const auto request = commands.request(series.tenant, series.today);
    bool recorded = true;
    for (const auto& [day, finding] : odd) {
        const auto before = known.find(day);
        if (before != known.end() && !is_news(before->second, finding)) continue;
        recorded &= commands.submit(
            series.tenant, commands::anomaly::report(reader, commands.keys(), request, finding));
    }
    for (const auto& [day, one] : known) {
        if (odd.contains(day) || one.status == anomaly::Status::withdrawn) continue;
        const auto observed = value_on(*values, day);
        const bool closed = domain::closure::is_closed(closures, series.location, day, day + 1);
        if (observed == one.observed && !closed) continue;
        recorded &= commands.submit(
            series.tenant,
            commands::anomaly::withdraw(reader, commands.keys(), request, one.id, observed));
    }
    return recorded;
}

}  // namespace

void look_for_anomalies(pqxx::connection& connection, postgres::Reader& reader,
                        SystemCommands& commands, const std::function<bool()>& stopping) {
    pqxx::nontransaction tx{connection};
    Touched last;
    while (true) {
        const auto page = touched_series(tx, last);
        for (const auto& series : page) {
            if (stopping()) return;
            // What could not be recorded is looked at again the next time.
            if (judge(tx, reader, commands, series)) mark_judged(tx, series);
        }
        if (page.size() < static_cast<std::size_t>(series_at_once)) return;
        last = page.back();
    }
}

}  // namespace runtime
