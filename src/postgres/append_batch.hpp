#pragma once
#include "events/store.hpp"

#include <span>

namespace pqxx {
class connection;
}

/// One call of log.append.
namespace postgres {

enum class Verdict { appended, replayed, conflict, claimed, wrong_lane };

struct Decided {
    Verdict verdict{};
    events::Outcome outcome;
};

struct LanedAppend {
    int lane{};
    const events::Append* append{};
};

/// Prepares the statement on a new connection.
void prepare_append(pqxx::connection& connection);

/// Appends the batch in one transaction and commits it; one verdict each, in order. Hashes every
/// event at `now`. No two commands may share a stream or an id. Throws pqxx exceptions.
std::vector<Decided> append_batch(pqxx::connection& connection, domain::Instant now,
                                  std::span<const LanedAppend> batch);

}  // namespace postgres
