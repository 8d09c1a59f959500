// Alert rules, and the alerts they raise and resolve.
#include "events/codec.hpp"
#include "projections/prepared.hpp"
#include "projections/watch_rows.hpp"

#include <pqxx/pqxx>

namespace projections::watch_board {

using domain::alert_rule::Raised;
using domain::alert_rule::Removed;
using domain::alert_rule::Resolved;
using domain::alert_rule::Set;

void Alerts::apply(const events::Recorded& event, const domain::alert_rule::Event& fact) {
    auto& row = rows_[{event.tenant, event.stream.id}];
    row.version = event.version;
    row.at = event.recorded_at;
    std::visit(domain::Match{[&](const Set& e) { row.set = e; },
                             [&](const Removed& e) {
                                 row.removed = true;
                                 row.raised = false;
                                 resolve(event, {e.rule, e.on, {}});
                             },
                             [&](const Raised& e) {
                                 row.raised = true;
                                 alerts_[{event.tenant, event.stream.id}].push_back(
                                     {event.version, e, event.recorded_at, {}, {}});
                             },
                             [&](const Resolved& e) {
                                 row.raised = false;
                                 resolve(event, e);
                             }},
               fact);
}

void Alerts::resolve(const events::Recorded& event, const Resolved& fact) {
    auto& alerts = alerts_[{event.tenant, event.stream.id}];
    if (alerts.empty() || alerts.back().resolved) alerts.emplace_back();
    alerts.back().resolved = fact;
    alerts.back().resolved_at = event.recorded_at;
}

void Alerts::save(pqxx::transaction_base& tx) const {
    if (rows_.empty()) return;
    save_rules(tx);
    save_earlier_alerts(tx);
    save_alerts(tx);
}

void Alerts::save_rules(pqxx::transaction_base& tx) const {
    Uuids tenant, id, changed_tenant, changed_id;
    BigInts version, changed_version;
    Texts name, metric, location, comparison, grain, severity;
    Decimals threshold;
    SmallInts periods;
    Dates on;
    Bools removed, raised;
    Instants at, changed_at;
    for (const auto& [key, row] : rows_) {
        changed_tenant.push_back(key.tenant);
        changed_id.push_back(key.id);
        changed_version.push_back(row.version);
        removed.push_back(row.removed);
        raised.push_back(row.raised);
        changed_at.push_back(row.at);
        if (!row.set) continue;
        const auto& rule = row.set->definition;
        tenant.push_back(key.tenant);
        id.push_back(key.id);
        version.push_back(row.version);
        name.push_back(rule.name);
        metric.push_back(rule.metric);
        location.push_back(rule.location);
        comparison.push_back(to_text(rule.comparison));
        threshold.push_back(rule.threshold);
        grain.push_back(to_text(rule.grain));
        periods.push_back(static_cast<std::int16_t>(rule.for_periods));
        severity.push_back(to_text(rule.severity));
        on.push_back(row.set->on);
        at.push_back(row.at);
    }
    tx.exec(prepared(tx, "alert_rule_rows", R"sql(
        insert into board.alert_rule (tenant, rule, version, name, metric, location, comparison,
                                      threshold, grain, for_periods, severity, set_on, updated_at,
                                      removed, raised)
        select r.*, false, false
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                      $7::text[], $8::numeric[], $9::text[], $10::smallint[], $11::text[],
                      $12::date[], $13::timestamptz[]) as r
            on conflict (tenant, rule) do update
           set (name, metric, location, comparison, threshold, grain, for_periods, severity, set_on)
             = (excluded.name, excluded.metric, excluded.location, excluded.comparison,
                excluded.threshold, excluded.grain, excluded.for_periods, excluded.severity,
                excluded.set_on))sql"),
            as_params(tenant, id, version, name, metric, location, comparison, threshold, grain,
                      periods, severity, on, at))
        .no_rows();
    tx.exec(prepared(tx, "alert_rule_changed", R"sql(
        update board.alert_rule a
           set version = r.version, updated_at = r.at, removed = a.removed or r.removed,
               raised = coalesce(r.raised, a.raised)
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bool[], $5::bool[],
                      $6::timestamptz[]) as r (tenant, rule, version, removed, raised, at)
         where a.tenant = r.tenant and a.rule = r.rule)sql"),
            as_params(changed_tenant, changed_id, changed_version, removed, raised, changed_at))
        .no_rows();
}

void Alerts::save_alerts(pqxx::transaction_base& tx) const {
    Uuids tenant, rule;
    BigInts version;
    Dates on, resolved_on;
    Decimals value, threshold, resolved_value;
    Instants at, resolved_at;
    for (const auto& [key, alerts] : alerts_) {
        for (const auto& alert : alerts) {
            if (!alert.raised_by) continue;
            tenant.push_back(key.tenant);
            rule.push_back(key.id);
            version.push_back(*alert.raised_by);
            on.push_back(alert.raised.on);
            value.push_back(alert.raised.value);
            threshold.push_back(alert.raised.threshold);
            at.push_back(alert.raised_at);
            const auto& resolved = alert.resolved;
            resolved_on.push_back(resolved ? std::optional{resolved->on} : std::nullopt);
            resolved_value.push_back(resolved ? resolved->value : std::nullopt);
            resolved_at.push_back(resolved ? std::optional{alert.resolved_at} : std::nullopt);
        }
    }
    tx.exec(prepared(tx, "alert_raised", R"sql(
        insert into board.alert (tenant, rule, version, raised_on, value, threshold, raised_at,
                                 resolved_on, resolved_value, resolved_at)
        select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::date[], $5::numeric[],
                             $6::numeric[], $7::timestamptz[], $8::date[], $9::numeric[],
                             $10::timestamptz[]))sql"),
            as_params(tenant, rule, version, on, value, threshold, at, resolved_on, resolved_value,
                      resolved_at))
        .no_rows();
}

void Alerts::save_earlier_alerts(pqxx::transaction_base& tx) const {
    Uuids tenant, rule;
    Dates on;
    Decimals value;
    Instants at;
    for (const auto& [key, alerts] : alerts_) {
        if (alerts.front().raised_by) continue;
        tenant.push_back(key.tenant);
        rule.push_back(key.id);
        on.push_back(alerts.front().resolved->on);
        value.push_back(alerts.front().resolved->value);
        at.push_back(alerts.front().resolved_at);
    }
    tx.exec(prepared(tx, "alert_resolved", R"sql(
        update board.alert a set resolved_on = r.on_day, resolved_value = r.value,
                                 resolved_at = r.at
          from unnest($1::uuid[], $2::uuid[], $3::date[], $4::numeric[], $5::timestamptz[])
               as r (tenant, rule, on_day, value, at)
         where a.tenant = r.tenant and a.rule = r.rule and a.resolved_at is null)sql"),
            as_params(tenant, rule, on, value, at))
        .no_rows();
}

}  // namespace projections::watch_board
