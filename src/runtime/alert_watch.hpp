#pragma once
#include "domain/alert_rule.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/system_command.hpp"
#include "src/runtime/tenant_pulse.hpp"

namespace pqxx {
class connection;
}

/// Raises and resolves alerts as complete periods say.
namespace runtime {

/// Judges rules over the complete periods that they ask for and 31 more, when a rule, its metric's
/// points (of a derived metric, any of the tenant's), a definition, a closure or the day have
/// changed since it was judged last.
class AlertWatch {
public:
    /// Whether nothing at the tenant has changed since all of its rules had their say.
    bool is_settled(const TenantPulse& pulse) const;
    void look(pqxx::connection& connection, const TenantPulse& pulse, postgres::Reader& reader,
              SystemCommands& commands, const std::function<bool()>& stopping);

private:
    /// The rule's version, the position of the newest points, closures, definitions, the day.
    using Basis = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::string, domain::Date>;
    struct Judged {
        TenantPulse pulse;  ///< when all were judged
        std::map<domain::AlertRuleId, Basis> rules;
    };

    std::map<domain::TenantId, Judged> judged_;
};

}  // namespace runtime
