#pragma once
#include "projections/projection.hpp"
#include "src/postgres/connect.hpp"
#include "src/runtime/projection_batch.hpp"

#include <functional>
#include <map>
#include <memory>

/// Projections from their checkpoints up to a position of each lane, as fast as the machine allows.
namespace runtime {

/// Lane to position.
using Positions = std::map<int, std::int64_t>;

/// Threads, each with a connection, that stay from one replay to the next with all they have
/// prepared: making them anew costs more than the few events of a last round. For one owner.
class Crew {
public:
    explicit Crew(int threads);
    ~Crew();
    /// `work` in every thread, with that thread's connection, which it may make or reset; returns
    /// when all are done. It must not throw.
    void run(const std::function<void(std::unique_ptr<pqxx::connection>&)>& work);

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

struct ReplayOptions {
    LeaseHolder holder;
    std::string board = "board";       ///< the schema whose tables are written
    int batch_events = 2000;           ///< in one transaction; a slice passes as many times more
    int threads = 2;                   ///< of a crew of its own; the rest takes turns
    std::int64_t throttle_events = 0;  ///< a second at most; 0 is no limit
    Crew* crew = nullptr;              ///< for this `board` alone; null: one of its own
};

/// A projection under the name its checkpoints have, and how far it is to come.
struct Subject {
    projections::Projection projection;
    Positions up_to;
    Slice slice{};  ///< of every lane
};

struct Replayed {
    std::int64_t events{};  ///< that were passed
    int parked{};           ///< keys
};

inline constexpr domain::Reason lease_lost{domain::Reason::Kind::conflict, "lease-lost",
                                           "Another process has taken the projection"};
inline constexpr domain::Reason replay_stopped{domain::Reason::Kind::unavailable, "stopped",
                                               "Stopped before the end"};

/// One scan of the log for all subjects, and one for those of large events. `advanced` is told how
/// many events each batch brought, by one thread at a time, and stops the replay by false. What is
/// transient is tried again for half a minute. Refuses when a lane did not come to its end.
domain::Result<Replayed> replay(const postgres::Database& database,
                                std::span<const Subject> subjects, const ReplayOptions& options,
                                const std::function<bool(std::int64_t events)>& advanced);

/// One projection, where it serves, to the heads of these lanes.
domain::Result<Replayed> replay(const postgres::Database& database,
                                const projections::Projection& projection,
                                const std::vector<int>& lanes, const ReplayOptions& options,
                                const std::function<bool(std::int64_t events)>& advanced);

/// Where all lanes end now.
Positions heads(pqxx::connection& connection);

}  // namespace runtime
