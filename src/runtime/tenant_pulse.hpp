#pragma once
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <functional>

namespace pqxx {
class transaction_base;
}

/// What has changed at a tenant since somebody looked, in a few probes of indexes.
namespace runtime {

/// While it is the same, there is nothing new to say about the tenant's metrics.
struct TenantPulse {
    domain::TenantId tenant;
    domain::Date today;  ///< its business day
    int week_start{};
    std::int64_t position{};           ///< of the last change of any of its points
    std::int64_t closures{}, rules{};  ///< how often they changed
    std::int64_t goals{};              ///< a hash of the active ones that a metric measures
    std::string defined;               ///< when a metric's definition last changed
    bool operator==(const TenantPulse&) const = default;
};

/// Gives each tenant to `take` until that says false. `now` says which day it is.
void each_tenant(pqxx::transaction_base& tx, domain::Instant now,
                 const std::function<bool(const TenantPulse&)>& take);

}  // namespace runtime
