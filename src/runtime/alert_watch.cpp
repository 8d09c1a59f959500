#include "src/runtime/alert_watch.hpp"

#include "commands/alert_rule.hpp"
#include "domain/base/business_day.hpp"
#include "domain/formula.hpp"
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

constexpr int rules_at_once = 500;
constexpr int periods_judged = 31;

struct Rule {
    domain::TenantId tenant;
    domain::AlertRuleId id;
    std::int64_t version{}, position{}, closures{};
    std::string metric, location;
    Comparison comparison{};
    Grain grain{};
    int for_periods{}, week_start{};
    Date today;
};

using Place = std::pair<std::string, std::string>;

domain::Uuid id_of(const pqxx::field& field) {
    return domain::uuid_from(field.view()).value_or(domain::Uuid{});
}
Date day_of(const pqxx::field& field) {
    return domain::date_from(field.is_null() ? "" : field.view()).value_or(Date{});
}

Date start_of(const Rule& rule, Date day) {
    switch (rule.grain) {
        case Grain::day: return day;
        case Grain::week: return domain::week_of(day, rule.week_start);
        case Grain::month: return domain::month_of(day);
    }
    std::unreachable();
}
Date next_of(const Rule& rule, Date start) {
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

/// The next page of rules after `last`, a tenant and a rule.
std::vector<Rule> rules_after(pqxx::transaction_base& tx, const Place& last) {
    std::vector<Rule> found;
    for (const auto& row : tx.exec(R"sql(
             select a.tenant, a.rule, a.version, a.metric, a.location, a.comparison, a.grain,
                    a.for_periods, t.week_start, (now() at time zone t.time_zone)::date,
                    coalesce((select max(s.position) from board.metric_series s
                               where s.tenant = a.tenant), 0),
                    coalesce((select sum(c.version) from board.closure c
                               where c.tenant = a.tenant), 0)::bigint
               from board.alert_rule a
               join board.tenant t on t.tenant = a.tenant
              where not a.removed and (a.tenant, a.rule) > ($1::uuid, $2::uuid)
              order by a.tenant, a.rule limit $3)sql",
                                   pqxx::params{last.first, last.second, rules_at_once})) {
        const auto comparison = domain::alert_rule::comparison_from(row[5].view());
        const auto grain = domain::alert_rule::grain_from(row[6].view());
        if (!grain || !comparison) throw pqxx::data_exception{"an alert rule of another kind"};
        found.push_back({.tenant = {id_of(row[0])},
                         .id = {id_of(row[1])},
                         .version = row[2].as<std::int64_t>(),
                         .position = row[10].as<std::int64_t>(),
                         .closures = row[11].as<std::int64_t>(),
                         .metric = row[3].as<std::string>(),
                         .location = row[4].as<std::string>(),
                         .comparison = *comparison,
                         .grain = *grain,
                         .for_periods = row[7].as<int>(),
                         .week_start = row[8].as<int>(),
                         .today = day_of(row[9])});
    }
    return found;
}

/// The metrics with points that `metric` follows from: itself, or its formula's inputs and theirs.
std::set<std::string> leaves_of(pqxx::transaction_base& tx, const Rule& rule) {
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

/// The newest day that every metric with points behind the rule has; the first of all days when
/// one of them has none yet.
Date newest_day(pqxx::transaction_base& tx, const Rule& rule) {
    const auto leaves = leaves_of(tx, rule);
    return day_of(tx.exec(R"sql(
        select case when bool_and(n.day is not null) then min(n.day) end from (
            select (select max(r.bucket)::date from board.metric_rollup r
                     where r.tenant = m.tenant and r.metric = m.metric and r.grain = 1) as day
              from board.metric m
             where m.tenant = $1 and m.key = any ($2::text[])) n)sql",
                          pqxx::params{domain::to_text(rule.tenant),
                                       std::vector<std::string>{leaves.begin(), leaves.end()}})
                      .one_field());
}

/// What is missing may still come, so newer days of other metrics are no sign that it does not.
Date complete_days(pqxx::transaction_base& tx, const Rule& rule) {
    const auto newest = rule.comparison == Comparison::missing ? Date{} : newest_day(tx, rule);
    return complete_before(newest, rule.today);
}

/// The rule's complete periods; empty when its metric is gone.
std::optional<std::vector<Period>> periods_of(pqxx::transaction_base& tx, const Rule& rule,
                                              events::Keys& keys) {
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
    const auto values =
        projections::metric::values_between(tx, ask, rule.metric, rollup_of(rule.grain), from, end);
    if (!values) {
        log::warn("an alert rule could not be judged",
                  {{"rule", domain::to_text(rule.id.value)},
                   {"code", std::string{values.error().why.slug}}});
        return std::nullopt;
    }
    const auto closures = projections::watch_board::closures_of(tx, rule.tenant);
    std::vector<Period> periods;
    for (auto start = from; start < end; start = next_of(rule, start)) {
        const auto value = values->find(start);
        periods.push_back(
            {start, value == values->end() ? std::nullopt : std::optional{value->second},
             domain::closure::is_closed(closures, rule.location, start, next_of(rule, start))});
    }
    return periods;
}

/// Whether what the rule has to say was recorded.
bool judge(pqxx::transaction_base& tx, postgres::Reader& reader, SystemCommands& commands,
           const Rule& rule) {
    auto periods = periods_of(tx, rule, commands.keys());
    if (!periods) return true;
    const auto request = commands.request(rule.tenant, rule.today);
    return commands.submit(rule.tenant,
                           commands::alert_rule::judge(reader, commands.keys(), request, rule.id,
                                                       *std::move(periods)));
}

}  // namespace

void AlertWatch::look(pqxx::connection& connection, postgres::Reader& reader,
                      SystemCommands& commands, const std::function<bool()>& stopping) {
    pqxx::nontransaction tx{connection};
    const auto nil = domain::to_text(domain::Uuid{});
    Place last{nil, nil};
    std::map<RuleKey, Basis> judged;
    while (true) {
        const auto page = rules_after(tx, last);
        for (const auto& rule : page) {
            if (stopping()) return;
            const RuleKey key{rule.tenant, rule.id};
            const Basis basis{rule.version, rule.position, rule.closures, rule.today};
            const auto before = judged_.find(key);
            const bool same = before != judged_.end() && before->second == basis;
            if (same || judge(tx, reader, commands, rule)) judged[key] = basis;
        }
        if (page.size() < static_cast<std::size_t>(rules_at_once)) break;
        last = {domain::to_text(page.back().tenant), domain::to_text(page.back().id)};
    }
    judged_ = std::move(judged);
}

}  // namespace runtime
