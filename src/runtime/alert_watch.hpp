#pragma once
#include "domain/alert_rule.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/system_command.hpp"

namespace pqxx {
class connection;
}

/// Raises and resolves alerts as complete periods say.
namespace runtime {

/// Judges rules over the complete periods that they ask for and 31 more, when a rule, its tenant's
/// points or its day have changed since it was judged last.
class AlertWatch {
public:
    void look(pqxx::connection& connection, postgres::Reader& reader, SystemCommands& commands,
              const std::function<bool()>& stopping);

private:
    /// The rule's version, the position of the tenant's newest points, closures, the day.
    using Basis = std::tuple<std::int64_t, std::int64_t, std::int64_t, domain::Date>;
    using RuleKey = std::pair<domain::TenantId, domain::AlertRuleId>;

    std::map<RuleKey, Basis> judged_;
};

}  // namespace runtime
