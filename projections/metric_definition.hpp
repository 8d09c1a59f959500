#pragma once
#include "domain/formula.hpp"
#include "domain/metric.hpp"
#include "projections/query.hpp"

namespace pqxx {
class params;
}

/// Definitions of metrics as far as their values depend on them.
namespace projections::metric {

struct Definition {
    domain::Uuid metric{};
    std::string key, unit;
    domain::metric::Aggregation aggregation{};
    domain::metric::GapPolicy gap_policy{};
    domain::metric::GoodDirection good_direction{};
    bool adds_up{};      ///< over locations and dimensions
    bool accumulates{};  ///< cumulative: shown as the total since its year began
    int precision{};
    bool one_series{};                  ///< its roll-ups have one row a bucket
    domain::metric::Formulas formulas;  ///< empty: it has points of its own
};

/// Whether a bucket without points has, series by series, the value before it. A running total goes
/// on by itself.
inline bool carries(const Definition& definition) {
    return definition.gap_policy == domain::metric::GapPolicy::carry && !definition.accumulates;
}

/// The metric that an address names, by its key or its id.
domain::Result<Definition> definition_of(pqxx::transaction_base& tx, const Ask& ask,
                                         std::string_view name);
/// A definition, and what was asked about its metric in the same statement.
struct Described {
    Definition definition;
    std::optional<std::string> more;
};
/// `more` is SQL over the metric's row m and n.series, how many series it has, 2 for more. $1 is
/// the tenant, and `metric` the parameter that the metric's id is.
domain::Result<Described> described(pqxx::transaction_base& tx, const std::string& statement,
                                    std::string_view metric, std::string_view more,
                                    const pqxx::params& params);
/// Up to `limit` metrics that are not archived, by key, those after `after`.
std::vector<Definition> definitions_after(pqxx::transaction_base& tx, const Ask& ask,
                                          const std::string& after, int limit);

}  // namespace projections::metric
