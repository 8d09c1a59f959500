#pragma once
#include "src/postgres/event_store.hpp"
#include "src/runtime/system_command.hpp"

namespace pqxx {
class connection;
}

/// Tells days that do not look like the days around them.
namespace runtime {

/// Judges the daily values of every series of a simple metric whose points, or whose closures, have
/// changed since it was judged last: up to 1,100 days that are over. What is found is reported,
/// what was corrected or closed since is withdrawn. A day says nothing twice.
void look_for_anomalies(pqxx::connection& connection, postgres::Reader& reader,
                        SystemCommands& commands, const std::function<bool()>& stopping);

}  // namespace runtime
