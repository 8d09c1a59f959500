#pragma once
#include "projections/projection.hpp"
#include "src/postgres/connect.hpp"

#include <memory>
#include <stdexcept>

namespace pqxx {
class connection;
}

/// One batch of one projection on one lane, in one transaction.
namespace runtime {

struct LeaseHolder {
    std::string name;  ///< of this process
    int seconds{};
};

enum class Ran {
    advanced,  ///< and there may be more
    idle,      ///< nothing after the checkpoint
    held,      ///< another process holds the lease
    paused     ///< by an operator, or stopped by an error in our code
};

struct BatchResult {
    Ran ran{};
    std::int64_t position{};  ///< of the checkpoint afterwards
    std::int64_t events{};    ///< that it passed
    std::int64_t folded{};    ///< of those, the ones the projection wanted
    int parked{};
};

/// Throws pqxx exceptions: transient ones are tried again by the caller. An event that does not
/// fold parks its key; a SQL error over data is narrowed down to its key and parked likewise.
BatchResult run_batch(pqxx::connection& connection, const projections::Projection& projection,
                      int lane, int events_max, const LeaseHolder& holder);

/// One of `count` equal shares of a lane's streams.
struct Slice {
    int index = 0;
    int count = 1;
    auto operator<=>(const Slice&) const = default;
};

/// One part of a scan: a projection whose tables stand beside those that serve, under the name its
/// checkpoints have there, and the position of the lane that it must not pass.
struct ScanPart {
    projections::Projection projection;
    std::int64_t up_to{};
};

/// A fold beside has touched a table that serves.
struct TouchedLive : std::logic_error {
    using std::logic_error::logic_error;
};

/// As run_batch, for several projections in one transaction and one reading of the log. Each goes
/// on from its own checkpoint; of a slice only the events of its streams are read, so each
/// projection must fold by stream. On a connection that folds beside, a fold that touches a table
/// of schema board commits nothing and throws TouchedLive.
BatchResult scan_batch(pqxx::connection& connection, std::span<const ScanPart> parts, int lane,
                       int events_max, const LeaseHolder& holder, Slice slice = {});

/// Stops the projection everywhere and keeps the reason for `cairn projection show`.
void stop_projection(pqxx::connection& connection, std::string_view name,
                     const std::string& reason);

struct RetryResult {
    bool repaired{};
    std::string code, detail;  ///< why not
};
/// Folds a parked key's events again, in order, up to the projection's checkpoint.
RetryResult retry_dead_letter(pqxx::connection& connection,
                              const projections::Projection& projection, domain::TenantId tenant,
                              const events::StreamId& stream);

}  // namespace runtime
