#pragma once
#include "src/audit/trail_writer.hpp"

namespace pqxx {
class connection;
}

/// Whether the audit trail is what was recorded.
namespace audit {

struct TrailFault {
    std::int64_t sequence{};  ///< the first entry that is not as it was recorded
    std::string what;
};

struct TrailReport {
    domain::TenantId tenant;
    std::int64_t first{}, last{};  ///< of the entries that are there; 0 when there are none
    std::int64_t entries{};
    std::optional<TrailFault> fault;
};

/// The tenants that have a trail or should have one, in the order of their ids, after `after`; at
/// most 1,000.
std::vector<domain::TenantId> tenants_with_trail(pqxx::connection& connection,
                                                 domain::TenantId after);

/// Walks the chain of one tenant in pages, in one snapshot. `connection` is an auditor's; it
/// throws pqxx's exceptions. Without `seal_key` a chain that was made anew from some entry on, with
/// its head, is not noticed. What it ends in is only known to be newest by a checkpoint elsewhere.
TrailReport check_trail(pqxx::connection& connection, domain::TenantId tenant,
                        const std::optional<security::Key>& seal_key);

}  // namespace audit
