#include "src/runtime/feed_channel.hpp"

#include "src/runtime/clock.hpp"

#include <algorithm>

namespace runtime {

void Channel::restart(std::int64_t position) {
    const std::lock_guard lock{mutex_};
    window_.clear();
    bytes_ = 0;
    floor_ = tail_ = position;
}

void Channel::append(std::vector<FeedEvent> events, std::int64_t through) {
    const std::lock_guard lock{mutex_};
    const auto now = steady_micros();
    for (auto& event : events) {
        bytes_ += event.frame.size();
        window_.push_back({std::move(event), now});
    }
    tail_ = through;
    evict();
}

/// Who has not taken what goes finds it in the log.
void Channel::evict() {
    const auto oldest = steady_micros() - std::int64_t{options_.window_seconds} * 1'000'000;
    while (!window_.empty() &&
           (window_.size() > options_.window_events || bytes_ > options_.window_bytes ||
            window_.front().at_micros < oldest)) {
        bytes_ -= window_.front().event.frame.size();
        floor_ = window_.front().event.event.position;
        window_.pop_front();
    }
}

void Channel::wake() {
    std::vector<std::shared_ptr<Follower::Body>> woken;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [follower, weak] : followers_) {
            if (!follower->waiting) continue;
            const bool concerned =
                follower->shut_out || follower->after < floor_ ||
                std::ranges::any_of(
                    window_ | std::views::reverse | std::views::take_while([&](const Kept& kept) {
                        return kept.event.event.position > follower->after;
                    }),
                    [&](const Kept& kept) { return follower->filter.matches(kept.event.event); });
            if (!concerned) {
                // Nothing up to the tail is for this one: it need never look at it again.
                follower->after = std::max(follower->after.load(), tail_);
                continue;
            }
            follower->waiting = false;
            if (auto held = weak.lock()) woken.push_back(std::move(held));
        }
    }
    for (const auto& follower : woken) follower->wake();
}

void Channel::join(const std::shared_ptr<Follower::Body>& follower) {
    const std::lock_guard lock{mutex_};
    followers_.emplace(follower.get(), follower);
}

void Channel::leave(Follower::Body* follower) {
    const std::lock_guard lock{mutex_};
    followers_.erase(follower);
}

Follower::Is Channel::take(Follower::Body& follower,
                           const std::function<bool(const FeedEvent&)>& give) {
    const std::lock_guard lock{mutex_};
    evict();
    if (follower.shut_out) return Follower::Is::shut_out;
    const auto after = follower.after.load();
    if (tail_ >= 0 && after < floor_) return Follower::Is::behind;
    bool served = false;
    auto next = std::ranges::upper_bound(
        window_, after, {}, [](const Kept& kept) { return kept.event.event.position; });
    for (; next != window_.end(); ++next) {
        const auto& event = next->event;
        if (follower.filter.matches(event.event)) {
            served = true;
            if (!give(event)) return Follower::Is::served;
        }
        follower.after = event.event.position;
    }
    follower.after = std::max(follower.after.load(), tail_);
    follower.waiting = true;
    return served ? Follower::Is::drained : Follower::Is::waiting;
}

void Channel::shut_out(domain::UserId user) {
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [follower, weak] : followers_) {
            if (follower->user == user) follower->shut_out = true;
        }
    }
    wake();
}

std::set<domain::Uuid> Channel::users() const {
    const std::lock_guard lock{mutex_};
    std::set<domain::Uuid> found;
    for (const auto& [follower, weak] : followers_) found.insert(follower->user.value);
    return found;
}

std::size_t Channel::followers() const {
    const std::lock_guard lock{mutex_};
    return followers_.size();
}

}  // namespace runtime
