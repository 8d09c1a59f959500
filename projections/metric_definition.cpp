#include "projections/metric_definition.hpp"

#include "domain/metric_words.hpp"
#include "projections/fields.hpp"
#include "projections/metric_query.hpp"
#include "projections/prepared.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::metric::Aggregation;
using domain::metric::GapPolicy;
using domain::metric::GoodDirection;

std::string one_metric(std::string_view metric) {
    return "select * from board.metric where tenant = $1 and metric = " + std::string{metric};
}

/// A row a formula, or one row; `m` are the metrics that are meant, `more` is one more column.
std::string definition_sql(const std::string& metrics, std::string_view more = "null") {
    return R"sql(
        select m.metric, m.key, m.unit, m.aggregation, m.gap_policy, m.good_direction,
               m.additivity, m.kind, m.precision, f.since, f.formula, n.series, )sql" +
           std::string{more} + " from (" + metrics + R"sql() m
         cross join lateral (select count(*) as series
                               from (select from board.metric_series s
                                      where s.tenant = m.tenant and s.metric = m.metric
                                      limit 2) s) n
          left join board.metric_formula f on f.tenant = m.tenant and f.metric = m.metric
         order by m.key, f.since)sql";
}

Definition definition_in(const pqxx::row& row) {
    const auto aggregation =
        domain::metric::aggregation_from(row[3].view()).value_or(Aggregation::sum);
    return {.metric = uuid_of(row[0]),
            .key = row[1].as<std::string>(),
            .unit = row[2].as<std::string>(),
            .aggregation = aggregation,
            .gap_policy = domain::metric::gap_policy_from(row[4].view()).value_or(GapPolicy::gap),
            .good_direction =
                domain::metric::good_direction_from(row[5].view()).value_or(GoodDirection::neutral),
            .adds_up = row[6].view() != "none",
            // Other aggregations tell readings of what has run up already.
            .accumulates = row[7].view() == "cumulative" && aggregation == Aggregation::sum,
            .precision = row[8].as<int>(),
            .one_series = row[11].as<int>() < 2,
            .formulas = {}};
}

std::vector<Definition> definitions_in(const pqxx::result& rows) {
    std::vector<Definition> out;
    for (const auto& row : rows) {
        auto definition = definition_in(row);
        if (out.empty() || out.back().metric != definition.metric)
            out.push_back(std::move(definition));
        // The day of -infinity is none.
        if (!row[10].is_null())
            out.back().formulas.emplace(domain::date_from(row[9].view()),
                                        row[10].as<std::string>());
    }
    return out;
}

}  // namespace

domain::Result<Definition> definition_of(pqxx::transaction_base& tx, const Ask& ask,
                                         std::string_view name) {
    auto found =
        definitions_in(tx.exec(prepared(tx, "metric_definition", definition_sql(one_metric("$2"))),
                               pqxx::params{domain::to_text(ask.tenant),
                                            domain::to_text(named_metric(ask.tenant, name))}));
    if (found.empty()) return domain::refuse(not_found);
    return std::move(found.front());
}

domain::Result<Described> described(pqxx::transaction_base& tx, const std::string& statement,
                                    std::string_view metric, std::string_view more,
                                    const pqxx::params& params) {
    const auto rows =
        tx.exec(prepared(tx, statement, definition_sql(one_metric(metric), more)), params);
    if (rows.empty()) return domain::refuse(not_found);
    return Described{std::move(definitions_in(rows).front()),
                     rows[0][12].as<std::optional<std::string>>()};
}

std::vector<Definition> definitions_after(pqxx::transaction_base& tx, const Ask& ask,
                                          const std::string& after, int limit) {
    return definitions_in(
        tx.exec(prepared(tx, "metric_definitions_after",
                         definition_sql("select * from board.metric where tenant = $1 "
                                        "and key > $2 and not archived order by key limit $3")),
                pqxx::params{domain::to_text(ask.tenant), after, limit}));
}

}  // namespace projections::metric
