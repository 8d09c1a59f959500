#pragma once
#include "projections/projection.hpp"
#include "src/postgres/appender.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <string_view>

/// Inside the projector: what it keeps of each projection, lane and waiter.
namespace runtime {

/// One projection on one lane. Guarded by Body::mutex, but for the atomic counters.
struct Unit {
    const projections::Projection* projection{};
    int lane{};
    std::int64_t position{};
    std::int64_t head{};
    bool queued{};
    bool running{};
    bool delayed{};
    std::chrono::milliseconds back_off{0};
    std::int64_t wanted_to{};   ///< events up to here may be for it
    std::int64_t awaited_to{};  ///< somebody waits for events up to here
    std::int64_t not_before_micros{};
    std::int64_t gather_until_micros{};  ///< while nobody waits
    std::int64_t idle_until_micros{};    ///< while it wants nothing either

    std::int64_t due_micros() const {
        if (awaited_to > position) return not_before_micros;
        return std::max(not_before_micros,
                        wanted_to > position ? gather_until_micros : idle_until_micros);
    }
};

struct Waiter {
    const Unit* unit{};
    std::int64_t position{};
    std::int64_t until_micros{};
    std::move_only_function<void(bool)> done;
};

struct Count {
    std::atomic<std::uint64_t> events{}, batches{}, retries{}, parked{};
    std::atomic<std::int64_t> last_advance{};
};

/// How many events are folded now, by all projections on all lanes. Guarded by Body::mutex.
class Pace {
public:
    /// Counts `events` that are folded now, at a time in microseconds; whether there were many in
    /// the tenth of a second before this one.
    bool many(std::int64_t events, std::int64_t now) {
        const auto tenth = now / 100'000;
        if (tenth != tenth_) {
            before_ = tenth == tenth_ + 1 ? counted_ : 0;
            counted_ = 0;
            tenth_ = tenth;
        }
        counted_ += events;
        return before_ >= many_in_tenth;
    }

private:
    /// A quarter of what requests can write on two processors.
    static constexpr std::int64_t many_in_tenth = 80;
    std::int64_t tenth_{}, before_{}, counted_{};
};

/// The newest heads of a lane that this process has made itself, and so knows the events of: the
/// database's notification of them says nothing new.
class OwnHeads {
public:
    void add(std::int64_t position) {
        heads_.insert(position);
        if (heads_.size() > heads_max) heads_.erase(heads_.begin());
    }
    bool contains(std::int64_t position) const { return heads_.contains(position); }

private:
    static constexpr std::size_t heads_max = 256;
    std::set<std::int64_t> heads_;
};

/// Whether events of these categories, null if they are not known, may be for the projection.
inline bool may_read(const projections::Projection& projection,
                     const postgres::Categories* categories) {
    return categories == nullptr ||
           std::ranges::any_of(projection.categories, [&](std::string_view category) {
               return categories->contains(category);
           });
}

}  // namespace runtime
