#pragma once
#include "domain/formula.hpp"
#include "domain/metric.hpp"
#include "projections/metric_window.hpp"
#include "projections/query.hpp"

/// Values of metrics by bucket: sums of roll-ups, and formulas over them.
namespace projections::metric {

struct Definition {
    domain::Uuid metric{};
    std::string key, unit;
    domain::metric::Aggregation aggregation{};
    domain::metric::GapPolicy gap_policy{};
    bool adds_up{};  ///< over locations and dimensions
    int precision{};
    bool one_series{};                  ///< its roll-ups have one row a bucket
    domain::metric::Formulas formulas;  ///< empty: it has points of its own
};

/// The metric that an address names, by its key or its id.
domain::Result<Definition> definition_of(pqxx::transaction_base& tx, const Ask& ask,
                                         std::string_view name);

/// Which series count: a place, and dimensions that all must be there.
class Where {
public:
    /// From the filters location and dimension.
    static domain::Result<Where> from(const Ask& ask);
    /// Continues a condition on r; its parameters begin at $`first`.
    std::string sql(int first) const;
    /// A word that is the same for conditions of the same text.
    std::string_view kind() const;
    void append_to(pqxx::params& params) const;

private:
    std::optional<std::string> location_;
    std::string dimensions_;
};

struct Inputs {
    pqxx::transaction_base& tx;
    const Ask& ask;
    const Where& where;
    bool whole{};  ///< one bucket for the whole window
};

/// In the order of their buckets' starts, trimmed decimals.
using Points = std::vector<std::pair<domain::Instant, std::optional<std::string>>>;

/// The buckets that have something. A bucket of a derived metric has the formula that holds on its
/// first day; hours follow the days of UTC.
domain::Result<Points> values_of(const Inputs& in, const Definition& definition,
                                 const Window& window);

/// Every bucket of the window, filled as the metric's policy says.
domain::Result<Points> filled(const Inputs& in, const Definition& definition, const Window& window);

/// The formula as SQL over the columns given for its inputs; a division by zero is NULL.
std::string sql_of(const domain::formula::Expression& expression,
                   const std::map<std::string, std::string, std::less<>>& columns);

}  // namespace projections::metric
