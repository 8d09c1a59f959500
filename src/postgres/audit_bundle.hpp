#pragma once
#include "domain/base/ids.hpp"
#include "src/postgres/audit.hpp"

namespace postgres {

struct BundleOf {
    int lane{};
    std::optional<domain::TenantId> tenant{};  ///< only its events, with their payload
};
using Sink = std::function<void(const std::string& line)>;

/// Writes what is sealed as a bundle (events/audit_bundle.hpp); the number of events in it. `tx` is
/// the auditor's for a lane, a reader's of the tenant for a tenant.
domain::Result<std::int64_t> write_bundle(pqxx::transaction_base& tx, const BundleOf& what,
                                          const Sink& sink);

}  // namespace postgres
