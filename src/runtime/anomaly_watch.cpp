#include "src/runtime/anomaly_watch.hpp"

#include "commands/anomaly.hpp"
#include "domain/anomaly_detect.hpp"
#include "domain/base/business_day.hpp"
#include "projections/fields.hpp"
#include "projections/metric_series.hpp"
#include "projections/watch_query.hpp"
#include "src/runtime/log.hpp"

#include <pqxx/pqxx>

namespace runtime {
namespace {

using domain::Date;
using domain::Decimal;
namespace anomaly = domain::anomaly;

constexpr int days_judged = 1100;
constexpr int silent_days_max = 60;
constexpr int decimals_max = 6;

/// A series, and what it was when it was judged last.
struct Series {
    domain::TenantId tenant;
    domain::Uuid metric{};
    std::string key, location;
    std::int64_t position{}, closures{}, definition{};
    int precision{};
    bool zero{};   ///< silence is a value
    Date today;    ///< the tenant's business day
    Date end;      ///< the first day that is not over there
    Date newest;   ///< with a point
    bool moved{};  ///< its points, closures or definition have
    Date judged_to;
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

std::vector<Series> series_of(pqxx::transaction_base& tx, const TenantPulse& pulse) {
    std::vector<Series> found;
    for (const auto& row : tx.exec(R"sql(
             select s.metric, m.key, s.location, s.position, s.closures, m.version, m.precision,
                    m.gap_policy = 'zero', n.newest,
                    j.position is null or (s.position, s.closures, m.version)
                        is distinct from (j.position, j.closures, j.definition),
                    j.judged_to
               from (select p.metric, p.location, max(p.position) as position,
                            (select coalesce(sum(c.version), 0)::bigint from board.closure c
                              where c.tenant = $1 and c.location in ('', p.location)) as closures
                       from board.metric_series p
                      where p.tenant = $1 group by p.metric, p.location) s
               join board.metric m on m.tenant = $1 and m.metric = s.metric
              cross join lateral (select max(r.bucket)::date as newest from board.metric_rollup r
                                   where r.tenant = $1 and r.metric = s.metric and r.grain = 1
                                     and r.location = s.location) n
               left join projection.series_judged j
                 on j.tenant = $1 and j.metric = s.metric and j.location = s.location
              where not m.archived and s.position > 0
                and (m.kind = 'simple' or (m.kind = 'cumulative' and m.aggregation = 'sum'))
              order by s.metric, s.location)sql",
                                   pqxx::params{domain::to_text(pulse.tenant)})) {
        const auto newest = projections::date_of(row[8]);
        found.push_back({.tenant = pulse.tenant,
                         .metric = projections::uuid_of(row[0]),
                         .key = row[1].as<std::string>(),
                         .location = row[2].as<std::string>(),
                         .position = row[3].as<std::int64_t>(),
                         .closures = row[4].as<std::int64_t>(),
                         .definition = row[5].as<std::int64_t>(),
                         .precision = row[6].as<int>(),
                         .zero = row[7].as<bool>(),
                         .today = pulse.today,
                         .end = domain::complete_before(newest, pulse.today),
                         .newest = newest,
                         .moved = row[9].as<bool>(),
                         .judged_to = projections::date_of(row[10])});
    }
    return found;
}

/// Days become complete without a point too: the newest one does, and where silence is a value each
/// one after it, until the place has been silent for so long that nobody wonders.
bool is_due(const Series& series) {
    if (series.moved) return true;
    if (series.end <= series.judged_to) return false;
    const bool wondering = series.zero && series.judged_to <= series.newest + silent_days_max;
    return wondering || series.judged_to <= series.newest;
}

std::map<Date, Known> known_days(pqxx::transaction_base& tx, const Series& series) {
    std::map<Date, Known> found;
    for (const auto& row :
         tx.exec("select anomaly, on_day, observed::text, severity, status from board.anomaly "
                 "where tenant = $1 and metric = $2 and location = $3",
                 pqxx::params{domain::to_text(series.tenant), series.key, series.location}))
        found[projections::date_of(row[1])] = {
            {projections::uuid_of(row[0])},
            Decimal::from(row[2].view()).value_or(Decimal{}),
            anomaly::severity_from(row[3].view()).value_or(anomaly::Severity::notice),
            anomaly::status_from(row[4].view()).value_or(anomaly::Status::open)};
    return found;
}

void mark_judged(pqxx::transaction_base& tx, const Series& series) {
    tx.exec(R"sql(
        insert into projection.series_judged as j
            (tenant, metric, location, position, closures, definition, judged_to)
        values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (tenant, metric, location) do update
           set (position, closures, definition, judged_to)
             = (excluded.position, excluded.closures, excluded.definition,
                excluded.judged_to))sql",
            pqxx::params{domain::to_text(series.tenant), domain::to_text(series.metric),
                         series.location, series.position, series.closures, series.definition,
                         domain::to_text(series.end)})
        .no_rows();
}

Findings odd_days(const Series& series, const Values& values, const Closures& closures) {
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

/// What one snapshot knows of a series.
struct Seen {
    Values values;
    Closures closures;
    std::map<Date, Known> known;
};

domain::Result<Seen> seen_of(pqxx::transaction_base& tx, events::Keys& keys, const Series& series) {
    const projections::Ask ask{.tenant = series.tenant,
                               .user = {},
                               .today = series.today,
                               .keys = keys,
                               .path = {},
                               .filters = {{"location", {series.location}}},
                               .cursor = {}};
    auto values = projections::metric::values_between(
        tx, ask, series.key, projections::metric::Grain::day,
        std::max(series.end + -days_judged, Date{}), series.end);
    if (!values) return std::unexpected(std::move(values.error()));
    return Seen{*std::move(values), projections::watch_board::closures_of(tx, series.tenant),
                known_days(tx, series)};
}

/// Whether everything that the series has to say was recorded.
bool judge(postgres::Reader& reader, SystemCommands& commands, const Series& series) {
    const auto seen = reader.query<Seen>(series.tenant, [&](pqxx::transaction_base& tx) {
        return seen_of(tx, commands.keys(), series);
    });
    if (!seen) {
        log::warn("a series could not be judged", {{"metric", domain::to_text(series.metric)},
                                                   {"code", std::string{seen.error().why.slug}}});
        // Another look helps only where the database was away.
        return seen.error().why.kind != domain::Reason::Kind::unavailable;
    }
    const auto& [values, closures, known] = *seen;
    const auto odd = odd_days(series, values, closures);
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
        const auto observed = value_on(values, day);
        const bool closed = domain::closure::is_closed(closures, series.location, day, day + 1);
        if (observed == one.observed && !closed) continue;
        recorded &= commands.submit(
            series.tenant,
            commands::anomaly::withdraw(reader, commands.keys(), request, one.id, observed));
    }
    return recorded;
}

}  // namespace

bool AnomalyWatch::is_settled(const TenantPulse& pulse) const {
    const auto found = settled_.find(pulse.tenant);
    return found != settled_.end() && found->second == basis_of(pulse);
}

void AnomalyWatch::look(pqxx::connection& connection, const TenantPulse& pulse,
                        postgres::Reader& reader, SystemCommands& commands,
                        const std::function<bool()>& stopping) {
    pqxx::nontransaction tx{connection};
    bool recorded = true;
    for (const auto& series : series_of(tx, pulse)) {
        if (stopping()) return;
        if (!is_due(series)) continue;
        // What could not be recorded is looked at again the next time.
        const bool said = judge(reader, commands, series);
        if (said) mark_judged(tx, series);
        recorded &= said;
    }
    if (recorded) settled_[pulse.tenant] = basis_of(pulse);
}

}  // namespace runtime
