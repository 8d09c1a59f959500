#pragma once
#include "domain/metric.hpp"
#include "projections/columns.hpp"

namespace pqxx {
class transaction_base;
}

/// Which formula of a derived metric holds from which business day on.
namespace projections::metric {

/// The changes that a batch of events makes.
class FormulaChanges {
public:
    /// In the order of the log.
    void note(const RowKey& key, const std::string& formula, std::optional<domain::Date> from);
    /// Reads what held before, and writes what holds now.
    void save(pqxx::transaction_base& tx) const;

private:
    struct Change {
        std::string formula;
        std::optional<domain::Date> from;
    };
    std::map<RowKey, std::vector<Change>> changes_;
};

}  // namespace projections::metric
