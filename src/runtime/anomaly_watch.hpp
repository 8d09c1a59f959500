#pragma once
#include "src/postgres/event_store.hpp"
#include "src/runtime/system_command.hpp"
#include "src/runtime/tenant_pulse.hpp"

namespace pqxx {
class connection;
}

/// Tells days that do not look like the days around them.
namespace runtime {

/// Judges the daily values of every series that takes points whose points, closures or definition
/// have changed since it was judged last, or of which another day is over: up to 1,100 days. What
/// accumulates is judged by what a day added; readings that run up are not. What is found is
/// reported, what was corrected or closed since is withdrawn. A day says nothing twice.
class AnomalyWatch {
public:
    /// Whether nothing at the tenant has changed since everything was said.
    bool is_settled(const TenantPulse& pulse) const;
    void look(pqxx::connection& connection, const TenantPulse& pulse, postgres::Reader& reader,
              SystemCommands& commands, const std::function<bool()>& stopping);

private:
    using Basis = std::tuple<std::int64_t, std::int64_t, std::string, domain::Date>;
    static Basis basis_of(const TenantPulse& pulse) {
        return {pulse.position, pulse.closures, pulse.defined, pulse.today};
    }

    std::map<domain::TenantId, Basis> settled_;
};

}  // namespace runtime
