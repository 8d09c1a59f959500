#pragma once
#include "projections/projection.hpp"
#include "src/postgres/connect.hpp"
#include "src/runtime/projection_batch.hpp"

#include <functional>

/// A projection from its checkpoints to the heads of all lanes, as fast as the machine allows.
namespace runtime {

struct ReplayOptions {
    LeaseHolder holder;
    int batch_events = 2000;
    int threads = 2;  ///< each with a connection of its own; lanes take turns
};

struct Replayed {
    int parked{};
    /// Why a lane stopped before its head: held or paused; idle when none did.
    Ran ended = Ran::idle;
    int lane{};  ///< the one that stopped
};

/// `advanced` is told how many events each batch brought, by one thread at a time, and stops the
/// replay by false. What is transient is tried again for half a minute; else it throws what
/// run_batch throws.
Replayed replay(const postgres::Database& database, const projections::Projection& projection,
                const std::vector<int>& lanes, const ReplayOptions& options,
                const std::function<bool(std::int64_t events)>& advanced);

}  // namespace runtime
