#pragma once
#include "src/cli/command.hpp"

namespace pqxx {
class transaction_base;
}

/// What `cairn doctor` finds.
namespace cli {

/// One finding. The hint says how to repair it.
struct Finding {
    std::string level;  ///< ok, warn or fail
    std::string check, detail, hint{};
};
using Findings = std::vector<Finding>;

/// `bad` empty: all is well.
inline Finding finding(std::string check, const std::string& level, const std::string& bad,
                       const std::string& good, std::string hint) {
    if (bad.empty()) return {"ok", std::move(check), good};
    return {level, std::move(check), bad, std::move(hint)};
}

/// The names that a query gives in its first column, joined.
std::string names_of(pqxx::transaction_base& tx, const std::string& sql);

/// Names what holds things up: transactions, slots, locks, indexes, dead rows. Needs a role that
/// may see what others do; see pg_read_all_stats.
Findings hold_ups(pqxx::transaction_base& tx);

/// Consumers that wait for somebody, and audit entries older than `access_days`. Needs a role that
/// sees all tenants.
Findings tenant_hold_ups(pqxx::transaction_base& tx, int access_days);

}  // namespace cli
