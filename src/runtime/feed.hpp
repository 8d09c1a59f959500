#pragma once
#include "src/audit/opened.hpp"
#include "src/postgres/feed_log.hpp"

#include <functional>
#include <memory>
#include <string_view>

/// The live end of the log, read once and shared by everyone who follows it.
namespace runtime {

struct FeedOptions {
    std::size_t window_events = 4096;    ///< kept of a tenant that somebody follows
    std::size_t window_bytes = 4 << 20;  ///< of their frames
    int window_seconds = 30;             ///< an erased value is not shown for longer
    std::size_t followers_max = 1500;    ///< of one tenant
    int recheck_seconds = 10;            ///< how often followers' memberships are looked at
    int breath_milliseconds = 5;  ///< between two reads of the log: what gathers goes together
};

/// Appends an event's frame to `out` and says where in it the event's JSON is.
struct JsonPlace {
    std::size_t offset{}, size{};
    std::shared_ptr<const audit::Opened> opened{};  ///< null: it shows nothing personal
};
using Frame = std::function<domain::Result<JsonPlace>(std::string& out, const events::Recorded&)>;

/// One event as its followers share it.
struct FeedEvent {
    events::Recorded event;  ///< without its data
    std::shared_ptr<const std::string> owner;
    std::string_view frame;  ///< both inside owner
    std::string_view json;
    std::shared_ptr<const audit::Opened> opened;  ///< as in JsonPlace
};

class Feed;

/// One follower's place behind the log. Leaves when destroyed.
class Follower {
public:
    struct Body;
    explicit Follower(std::shared_ptr<Body> body) : body_{std::move(body)} {}
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    enum class Is {
        served,    ///< something was given, and there may be more
        drained,   ///< something was given, and nothing else is there; as `waiting`
        waiting,   ///< nothing is there; `wake` will be called once
        behind,    ///< what follows is no longer shared: read it from the log, then move_to()
        shut_out,  ///< the user may no longer read
    };
    /// Gives what is ready to `give` until it returns false. From one thread at a time.
    Is take(const std::function<bool(const FeedEvent&)>& give);
    /// Everything up to here was seen. Positions that take() gave are counted already.
    void move_to(std::int64_t position);
    std::int64_t position() const;

private:
    std::shared_ptr<Body> body_;
};

/// One thread tails every lane that somebody follows, woken by commits of this process and by
/// notifications of others. It reads and frames each event once. A follower takes from the shared
/// window of its tenant by its own position, so it costs no queue; one that is too far back reads
/// from the log. Only committed positions are seen, and positions are gapless, so a place is one
/// number and joining the tail neither misses nor repeats.
class Feed {
public:
    Feed(postgres::Database database, FeedOptions options, Frame frame);
    ~Feed();

    /// From any thread: `lane` has committed events up to `position`.
    void wake(int lane, std::int64_t position);

    struct Wanted {
        domain::TenantId tenant;
        domain::UserId user;
        int lane{};
        std::int64_t after{};
        postgres::FeedFilter filter;
    };
    /// Empty when the tenant has as many followers as it may have. `wake` comes from any thread.
    std::unique_ptr<Follower> follow(Wanted wanted, std::function<void()> wake);
    /// Calls `done` once, from any thread: true when something wanted may be there, false when the
    /// time is over or the server stops.
    void when_more(Wanted wanted, int milliseconds, std::move_only_function<void(bool)> done);

    std::size_t followers() const;

private:
    struct Body;
    std::shared_ptr<Body> body_;
};

}  // namespace runtime
