#pragma once
#include "events/store.hpp"
#include "src/postgres/connect.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string_view>

/// The only writer of the log: commands that arrive together are appended together.
namespace postgres {

struct AppenderOptions {
    int writers = 2;              ///< connections; a lane always goes through the same one
    std::size_t batch_max = 256;  ///< commands in one transaction
    std::size_t batch_bytes_max = 4 << 20;
    std::size_t queue_max = 4096;   ///< commands waiting at one writer; more are refused at once
    int in_doubt_seconds_max = 10;  ///< how long a lost answer is looked for
};

/// What has been committed, for metrics.
struct AppenderCounters {
    std::uint64_t batches{}, commands{}, events{}, replays{}, conflicts{}, reconnects{}, refused{};
};

using Categories = std::set<std::string_view>;
/// A lane's new head, and the categories of the events that came with it, which stay for the call.
struct Commit {
    int lane{};
    std::int64_t position{};
    const Categories& categories;
};

/// Natural batching: the next batch is whatever queued while the last one committed, so there is
/// no timer; with one client it is one command a commit. All members are thread-safe.
class Appender {
public:
    using Done = std::move_only_function<void(domain::Result<events::Outcome>)>;
    /// Called on a writer's thread after a commit.
    using Committed = std::function<void(const Commit&)>;

    Appender(Database database, AppenderOptions options, Committed committed);
    ~Appender();
    /// Finishes what is queued, then takes no more: submit() refuses from then on.
    void stop();

    /// `done` is called exactly once, on a writer's thread, or at once when the queue is full.
    /// An answer of `in_doubt` means: repeat with the same command id. A connection lost in the
    /// middle is resolved here by appending the same batch again: known ids are replayed.
    void submit(events::Append append, Done done);

    /// The lane of a tenant; asks the database the first time.
    domain::Result<int> lane_of(domain::TenantId tenant);

    AppenderCounters counters() const;
    std::size_t queued() const;

private:
    struct Shared;
    class Writer;
    std::unique_ptr<Shared> shared_;
    std::vector<std::unique_ptr<Writer>> writers_;
};

}  // namespace postgres
