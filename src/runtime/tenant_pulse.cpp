#include "src/runtime/tenant_pulse.hpp"

#include "domain/base/business_day.hpp"
#include "projections/fields.hpp"

#include <pqxx/pqxx>

namespace runtime {
namespace {

constexpr int tenants_at_once = 1000;

domain::TenantId tenant_in(const pqxx::field& field) { return {projections::uuid_of(field)}; }

/// The next page of tenants after `last`.
std::vector<TenantPulse> pulses_after(pqxx::transaction_base& tx, domain::Instant now,
                                      domain::TenantId last) {
    std::vector<TenantPulse> found;
    for (const auto& row : tx.exec(R"sql(
             select t.tenant, t.time_zone, t.day_cutoff_minutes, t.week_start,
                    coalesce((select max(s.position) from board.metric_series s
                               where s.tenant = t.tenant), 0),
                    coalesce((select sum(c.version) from board.closure c
                               where c.tenant = t.tenant), 0)::bigint,
                    coalesce((select sum(a.version) from board.alert_rule a
                               where a.tenant = t.tenant), 0)::bigint,
                    coalesce((select bit_xor(hashtextextended(g.goal::text, g.version))
                                from board.smart_goals g
                               where g.tenant = t.tenant and g.lifecycle = 'active'
                                 and g.metric is not null), 0),
                    coalesce((select max(m.updated_at) from board.metric m
                               where m.tenant = t.tenant)::text, '')
               from board.tenant t
              where t.tenant > $1::uuid order by t.tenant limit $2)sql",
                                   pqxx::params{domain::to_text(last), tenants_at_once}))
        found.push_back({.tenant = tenant_in(row[0]),
                         .today = domain::business_today(row[1].view(), row[2].as<int>(), now),
                         .week_start = row[3].as<int>(),
                         .position = row[4].as<std::int64_t>(),
                         .closures = row[5].as<std::int64_t>(),
                         .rules = row[6].as<std::int64_t>(),
                         .goals = row[7].as<std::int64_t>(),
                         .defined = row[8].as<std::string>()});
    return found;
}

}  // namespace

void each_tenant(pqxx::transaction_base& tx, domain::Instant now,
                 const std::function<bool(const TenantPulse&)>& take) {
    domain::TenantId last{};
    while (true) {
        const auto page = pulses_after(tx, now, last);
        for (const auto& pulse : page) {
            if (!take(pulse)) return;
        }
        if (page.size() < static_cast<std::size_t>(tenants_at_once)) return;
        last = page.back().tenant;
    }
}

}  // namespace runtime
