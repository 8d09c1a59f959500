#include "projections/metric_formula.hpp"

#include "projections/fields.hpp"
#include "projections/prepared.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::Date;
using domain::metric::Formulas;

/// The day of `-infinity` is none.
std::optional<Date> day_from(const pqxx::field& since) { return domain::date_from(since.view()); }

}  // namespace

void FormulaChanges::note(const RowKey& key, const std::string& formula, std::optional<Date> from) {
    if (!formula.empty()) changes_[key].push_back({formula, from});
}

void FormulaChanges::save(pqxx::transaction_base& tx) const {
    if (changes_.empty()) return;
    Uuids tenants, metrics;
    for (const auto& [key, changes] : changes_) {
        tenants.push_back(key.tenant);
        metrics.push_back(key.id);
    }
    std::map<RowKey, Formulas> formulas;
    for (const auto& row : tx.exec(prepared(tx, "metric_formulas_taken", R"sql(
             delete from board.metric_formula f
              using unnest($1::uuid[], $2::uuid[]) as r (tenant, metric)
              where f.tenant = r.tenant and f.metric = r.metric
          returning f.tenant, f.metric, f.since, f.formula)sql"),
                                   as_params(tenants, metrics)))
        formulas[{{uuid_of(row[0])}, uuid_of(row[1])}].emplace(day_from(row[2]),
                                                               row[3].as<std::string>());
    Uuids tenant, metric;
    Dates since;
    Texts formula;
    for (const auto& [key, changes] : changes_) {
        auto& held = formulas[key];
        for (const auto& change : changes) domain::metric::hold(held, change.formula, change.from);
        for (const auto& [from, text] : held) {
            tenant.push_back(key.tenant);
            metric.push_back(key.id);
            since.push_back(from);
            formula.push_back(text);
        }
    }
    tx.exec(prepared(tx, "metric_formulas", R"sql(
        insert into board.metric_formula (tenant, metric, since, formula)
        select tenant, metric, coalesce(since, '-infinity'), formula
          from unnest($1::uuid[], $2::uuid[], $3::date[], $4::text[])
               as r (tenant, metric, since, formula))sql"),
            as_params(tenant, metric, since, formula))
        .no_rows();
}

}  // namespace projections::metric
