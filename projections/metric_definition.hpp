#pragma once
#include "domain/formula.hpp"
#include "domain/metric.hpp"
#include "projections/query.hpp"

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
/// Up to `limit` metrics that are not archived, by key, those after `after`.
std::vector<Definition> definitions_after(pqxx::transaction_base& tx, const Ask& ask,
                                          const std::string& after, int limit);

}  // namespace projections::metric
