#pragma once
#include "src/audit/trail_writer.hpp"

#include <chrono>
#include <memory>

/// The way of entries from answers to the trail.
namespace audit {

inline constexpr domain::Reason audit_unavailable{
    domain::Reason::Kind::unavailable, "audit-unavailable",
    "Nobody may read personal data while it cannot be recorded"};

struct RecorderOptions {
    std::size_t queue_max = 8192;                  ///< entries waiting; more are not taken
    int access_days = 180;                         ///< how long entries are kept
    std::chrono::milliseconds look_again{10'000};  ///< at broken trails
};

/// For metrics.
struct RecorderCounters {
    std::uint64_t written{}, dropped{}, withheld{}, failures{}, retired{};
    std::uint64_t broken{};           ///< tenants whose trail takes no entries, see TrailWriter
    std::uint64_t overdue_seconds{};  ///< of the oldest entry that should have gone
};

/// What an answer's entry is to the answer.
enum class Need {
    certain,     ///< no entry, no answer: it holds personal data
    best_effort  ///< the answer goes out, and a missing entry is counted
};

/// A bounded queue and one thread that writes what has queued, some 20 ms after the first. All
/// members are thread-safe. A process that is killed loses what has not been written.
class Recorder {
public:
    Recorder(postgres::Database database, security::Key seal_key, RecorderOptions options);
    ~Recorder();
    /// Writes what is queued, for some seconds at most, and takes no more.
    void stop();

    /// False when the entry was not taken: the queue is full, or, where the need is certain, the
    /// last write has failed and none has succeeded since. Nor is one taken for a trail that is
    /// broken, until it was looked at and is not. Never blocks on the database.
    bool record(Entry entry, Need need);

    RecorderCounters counters() const;
    std::size_t queued() const;

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace audit
