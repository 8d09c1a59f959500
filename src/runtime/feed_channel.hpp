#pragma once
#include "src/runtime/feed.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <ranges>
#include <set>
#include <unordered_map>

/// Inside the feed: the shared window of one tenant and who follows it.
namespace runtime {

/// The tenant's events in the open interval (floor, tail], bounded in number, bytes and age.
/// Thread-safe.
class Channel {
public:
    /// A tail of -1: the lane is not read yet, and followers wait.
    Channel(const FeedOptions& options, std::int64_t tail)
        : options_{options}, floor_{tail}, tail_{tail} {}

    /// Forgets everything: what is up to `position` is to be read from the log.
    void restart(std::int64_t position);
    void append(std::vector<FeedEvent> events, std::int64_t through);
    /// Wakes whom the newest events concern. Not under anybody's lock.
    void wake();

    void join(const std::shared_ptr<Follower::Body>& follower);
    void leave(Follower::Body* follower);
    Follower::Is take(Follower::Body& follower, const std::function<bool(const FeedEvent&)>& give);

    void shut_out(domain::UserId user);
    std::set<domain::Uuid> users() const;
    std::size_t followers() const;
    bool empty() const { return followers() == 0; }

private:
    void evict();

    struct Kept {
        FeedEvent event;
        std::int64_t at_micros{};
    };
    const FeedOptions options_;
    mutable std::mutex mutex_;
    std::deque<Kept> window_;
    std::size_t bytes_ = 0;
    std::int64_t floor_;
    std::int64_t tail_;
    std::unordered_map<Follower::Body*, std::weak_ptr<Follower::Body>> followers_;
};

struct Follower::Body {
    Body(std::shared_ptr<Channel> in, domain::UserId who, std::int64_t from,
         postgres::FeedFilter wanted, std::function<void()> to_wake)
        : channel{std::move(in)},
          user{who},
          filter{std::move(wanted)},
          wake{std::move(to_wake)},
          after{from} {}

    const std::shared_ptr<Channel> channel;
    const domain::UserId user;
    const postgres::FeedFilter filter;
    const std::function<void()> wake;
    std::atomic<std::int64_t> after;
    bool waiting = false;   ///< guarded by the channel
    bool shut_out = false;  ///< guarded by the channel
};

}  // namespace runtime
