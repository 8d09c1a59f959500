#pragma once
#include "projections/projection.hpp"
#include "src/postgres/appender.hpp"

#include <functional>
#include <memory>
#include <vector>

/// Keeps the read models up with the log.
namespace runtime {

struct ProjectorOptions {
    int threads = 2;
    int batch_events = 2000;      ///< read and folded in one transaction
    int poll_milliseconds = 250;  ///< the safety net under every wake-up
    int lease_seconds = 10;       ///< a holder that died is replaced after this
    int throttle_events = 0;      ///< events a second at most; 0 is no limit
    /// Told of every head that this process or another one reaches; may come late or twice.
    std::function<void(int lane, std::int64_t position)> on_head = [](int, std::int64_t) {};
};

struct ProjectionCounters {
    std::string_view name;
    std::uint64_t events{}, batches{}, retries{}, parked{};
    std::int64_t last_advance_micros{};  ///< wall clock; 0 before the first
};

/// Runs every projection on every lane. A unit of work is one projection on one lane; threads take
/// ready units in turn. Each batch is one transaction: lease and fencing epoch, checkpoint, events,
/// rows, and the checkpoint moved by compare-and-set. A batch that loses its lease commits nothing.
class Projector {
public:
    Projector(postgres::Database database, ProjectorOptions options);
    /// Finishes the batches under way, then stops.
    ~Projector();

    /// From any thread: `lane` has events up to `position`, the newest of these categories only.
    /// Projections of others need not hurry.
    void wake(int lane, std::int64_t position, const postgres::Categories& categories);

    /// How far `projection` has come on `lane` in this process's knowledge; 0 when unknown.
    std::int64_t position(std::string_view projection, int lane) const;
    /// Waits until `projection` has passed `position`, or `milliseconds` have gone. Blocking.
    bool wait_for(std::string_view projection, int lane, std::int64_t position, int milliseconds);
    /// As wait_for, without a thread: `done` is called once, with whether it came in time.
    void when_passed(std::string_view projection, int lane, std::int64_t position, int milliseconds,
                     std::move_only_function<void(bool)> done);

    /// Whether the database has answered in the last three seconds. Asks nobody, blocks nobody.
    bool reaches_database() const;

    std::vector<ProjectionCounters> counters() const;

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
