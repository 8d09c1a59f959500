#include "src/runtime/alert_watch.hpp"

#include "commands/alert_rule.hpp"
#include "domain/base/business_day.hpp"
#include "domain/formula.hpp"
#include "projections/fields.hpp"
#include "projections/metric_series.hpp"
#include "projections/watch_query.hpp"
#include "src/runtime/log.hpp"

#include <pqxx/pqxx>
#include <set>

namespace runtime {
namespace {

using domain::Date;
using domain::alert_rule::Comparison;
using domain::alert_rule::Grain;
using domain::alert_rule::Period;

constexpr int periods_judged = 31;

struct WatchedRule {
    domain::TenantId tenant;
    domain::AlertRuleId id;
    std::int64_t version{}, position{};
    std::string metric, location;
    Comparison comparison{};
    Grain grain{};
    int for_periods{}, week_start{};
    Date today;
};

Date start_of(const WatchedRule& rule, Date day) {
    switch (rule.grain) {
        case Grain::day: return day;
        case Grain::week: return domain::week_of(day, rule.week_start);
        case Grain::month: return domain::month_of(day);
    }
    std::unreachable();
}
Date next_of(const WatchedRule& rule, Date start) {
    return start_of(rule, start + domain::alert_rule::days_of(rule.grain));
}

projections::metric::Grain rollup_of(Grain grain) {
    switch (grain) {
        case Grain::day: return projections::metric::Grain::day;
        case Grain::week: return projections::metric::Grain::week;
        case Grain::month: return projections::metric::Grain::month;
    }
    std::unreachable();
}

std::vector<WatchedRule> rules_of(pqxx::transaction_base& tx, const TenantPulse& pulse) {
    std::vector<WatchedRule> found;
    for (const auto& row : tx.exec(R"sql(
             select a.rule, a.version, a.metric, a.location, a.comparison, a.grain, a.for_periods,
                    case when m.formula = ''
                         then coalesce((select max(s.position) from board.metric_series s
                                         where s.tenant = $1 and s.metric = m.metric), 0)
                         else $2::bigint end
               from board.alert_rule a
               left join board.metric m on m.tenant = $1 and m.key = a.metric
              where a.tenant = $1 and not a.removed order by a.rule)sql",
                                   pqxx::params{domain::to_text(pulse.tenant), pulse.position})) {
        const auto comparison = domain::alert_rule::comparison_from(row[4].view());
        const auto grain = domain::alert_rule::grain_from(row[5].view());
        if (!grain || !comparison) throw pqxx::data_exception{"an alert rule of another kind"};
        found.push_back({.tenant = pulse.tenant,
                         .id = {projections::uuid_of(row[0])},
                         .version = row[1].as<std::int64_t>(),
                         .position = row[7].as<std::int64_t>(),
                         .metric = row[2].as<std::string>(),
                         .location = row[3].as<std::string>(),
                         .comparison = *comparison,
                         .grain = *grain,
                         .for_periods = row[6].as<int>(),
                         .week_start = pulse.week_start,
                         .today = pulse.today});
    }
    return found;
}

/// The metrics with points that `metric` follows from: itself, or its formula's inputs and theirs.
std::set<std::string> leaves_of(pqxx::transaction_base& tx, const WatchedRule& rule) {
    constexpr int depth_max = 10;
    std::set<std::string> leaves, seen{rule.metric};
    std::vector<std::string> wanted{rule.metric};
    for (int depth = 0; !wanted.empty() && depth <= depth_max; ++depth) {
        std::vector<std::string> next;
        for (const auto& [key, formula] : tx.query<std::string, std::string>(
                 "select key, formula from board.metric where tenant = $1 and key = any ($2)",
                 pqxx::params{domain::to_text(rule.tenant), wanted})) {
            const auto parsed = domain::formula::parse(formula);
            if (formula.empty() || !parsed) {
                leaves.insert(key);
                continue;
            }
            for (auto& input : domain::formula::inputs(*parsed)) {
                if (seen.insert(input).second) next.push_back(std::move(input));
            }
        }
        wanted = std::move(next);
    }
    return leaves;
}

/// The newest day that every metric with points behind the rule has, at each of its places that
/// sent any in the last week: one that sends early does not say that the others are done. The first
/// of all days when a metric has none; whoever is silent is waited for as long as a day may be.
Date newest_day(pqxx::transaction_base& tx, const WatchedRule& rule) {
    constexpr int active_days = 7;
    const auto leaves = leaves_of(tx, rule);
    return projections::date_of(
        tx.exec(R"sql(
        select case when bool_and(n.day is not null) then min(n.day) end from (
            select (select min(p.day)
                      from (select max(r.bucket)::date as day from board.metric_rollup r
                             where r.tenant = m.tenant and r.metric = m.metric and r.grain = 1
                               and r.bucket >= $4::date::timestamp at time zone 'UTC'
                               and ($3::text = '' or r.location = $3)
                               and not exists (select from board.location l
                                                where l.tenant = r.tenant and l.key = r.location
                                                  and l.closed)
                             group by r.location) p) as day
              from board.metric m
             where m.tenant = $1 and m.key = any ($2::text[])) n)sql",
                pqxx::params{domain::to_text(rule.tenant),
                             std::vector<std::string>{leaves.begin(), leaves.end()}, rule.location,
                             domain::to_text(rule.today + -active_days)})
            .one_field());
}

/// What is missing may still come, so newer days of other metrics are no sign that it does not.
Date complete_days(pqxx::transaction_base& tx, const WatchedRule& rule) {
    const auto newest = rule.comparison == Comparison::missing ? Date{} : newest_day(tx, rule);
    return domain::complete_before(newest, rule.today);
}

using Periods = std::vector<Period>;

/// The rule's complete periods. What is missing are points, whatever a period without any is worth.
domain::Result<Periods> periods_of(pqxx::transaction_base& tx, const WatchedRule& rule,
                                   events::Keys& keys) {
    using projections::metric::EmptyPeriods;
    projections::Ask ask{.tenant = rule.tenant,
                         .user = {},
                         .today = rule.today,
                         .keys = keys,
                         .path = {},
                         .filters = {},
                         .cursor = {}};
    if (!rule.location.empty()) ask.filters["location"] = {rule.location};
    const auto end = start_of(rule, complete_days(tx, rule));
    auto from = end;
    for (int i = 0; i < periods_judged + rule.for_periods && from.days > 0; ++i)
        from = start_of(rule, from + -1);
    const bool missing = rule.comparison == Comparison::missing;
    const auto values = projections::metric::values_between(
        tx, ask, rule.metric, rollup_of(rule.grain), from, end,
        missing ? EmptyPeriods::left_out : EmptyPeriods::filled);
    if (!values) return std::unexpected(values.error());
    const auto closures = projections::watch_board::closures_of(tx, rule.tenant);
    Periods periods;
    for (auto start = from; start < end; start = next_of(rule, start)) {
        const auto value = values->find(start);
        periods.push_back(
            {start, value == values->end() ? std::nullopt : std::optional{value->second},
             domain::closure::is_closed(closures, rule.location, start, next_of(rule, start))});
    }
    return periods;
}

/// Whether what the rule has to say was recorded.
bool judge(postgres::Reader& reader, SystemCommands& commands, const WatchedRule& rule) {
    // One snapshot: definitions, points and closures go together.
    auto periods = reader.query<Periods>(rule.tenant, [&](pqxx::transaction_base& tx) {
        return periods_of(tx, rule, commands.keys());
    });
    if (!periods) {
        log::warn("an alert rule could not be judged",
                  {{"rule", domain::to_text(rule.id.value)},
                   {"code", std::string{periods.error().why.slug}}});
        // Another look helps only where the database was away.
        return periods.error().why.kind != domain::Reason::Kind::unavailable;
    }
    const auto request = commands.request(rule.tenant, rule.today);
    return commands.submit(rule.tenant,
                           commands::alert_rule::judge(reader, commands.keys(), request, rule.id,
                                                       *std::move(periods)));
}

}  // namespace

bool AlertWatch::is_settled(const TenantPulse& pulse) const {
    const auto found = judged_.find(pulse.tenant);
    return found != judged_.end() && found->second.pulse == pulse;
}

void AlertWatch::look(pqxx::connection& connection, const TenantPulse& pulse,
                      postgres::Reader& reader, SystemCommands& commands,
                      const std::function<bool()>& stopping) {
    pqxx::nontransaction tx{connection};
    const auto before = std::move(judged_[pulse.tenant].rules);
    auto& judged = judged_[pulse.tenant];
    judged = {};
    bool recorded = true;
    for (const auto& rule : rules_of(tx, pulse)) {
        if (stopping()) return;
        const Basis basis{rule.version, rule.position, pulse.closures, pulse.defined, pulse.today};
        const auto last = before.find(rule.id);
        const bool same = last != before.end() && last->second == basis;
        if (same || judge(reader, commands, rule)) judged.rules[rule.id] = basis;
        else recorded = false;
    }
    if (recorded) judged.pulse = pulse;
}

}  // namespace runtime
