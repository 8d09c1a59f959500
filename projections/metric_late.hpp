#pragma once
#include "domain/metric_batch.hpp"
#include "events/recorded.hpp"
#include "projections/columns.hpp"

#include <map>
#include <tuple>

namespace pqxx {
class transaction_base;
}

/// How many points came late, by the event that brought them: what a correction replaced counts
/// until its batch is reverted, and whoever asks takes it off again.
namespace projections::metric {

class Late {
public:
    /// Counts the points of a fact that are more than 48 hours older than its event.
    void add(const events::Recorded& event, const domain::metric_batch::Ingested& fact);
    void save(pqxx::transaction_base& tx);

private:
    using Key = std::tuple<domain::TenantId, domain::MetricId, domain::Date, std::string,
                           std::int64_t>;  ///< day, location, position
    std::map<Key, int> points_;
};

/// Takes back what the event at `position` brought.
void forget_late(pqxx::transaction_base& tx, domain::TenantId tenant, std::int64_t position,
                 const domain::metric_batch::Ingested& fact);

}  // namespace projections::metric
