#include "src/runtime/replay.hpp"

#include "events/store.hpp"
#include "src/postgres/refusing.hpp"

#include <atomic>
#include <deque>
#include <exception>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>

namespace runtime {
namespace {

constexpr int tries_max = 60;
constexpr std::chrono::milliseconds pause{500};

/// The lanes that may have more, in the order of their turns.
class Lanes {
public:
    explicit Lanes(const std::vector<int>& lanes) : waiting_{lanes.begin(), lanes.end()} {}

    std::optional<int> pop() {
        const std::lock_guard lock{mutex_};
        if (waiting_.empty()) return std::nullopt;
        const int lane = waiting_.front();
        waiting_.pop_front();
        return lane;
    }
    void push(int lane) {
        const std::lock_guard lock{mutex_};
        waiting_.push_back(lane);
    }

private:
    std::mutex mutex_;
    std::deque<int> waiting_;
};

/// What the threads of one replay share.
class Replay {
public:
    Replay(const postgres::Database& database, const projections::Projection& projection,
           const std::vector<int>& lanes, const ReplayOptions& options,
           const std::function<bool(std::int64_t)>& advanced)
        : database_{database},
          projection_{projection},
          lanes_{lanes},
          options_{options},
          advanced_{advanced} {}

    Replayed run() {
        {
            std::vector<std::jthread> threads;
            for (int i = 0; i < options_.threads; ++i) threads.emplace_back([this] { work(); });
        }
        if (failure_) std::rethrow_exception(failure_);
        return result_;
    }

private:
    void work() {
        try {
            std::unique_ptr<pqxx::connection> connection;
            while (const auto lane = next_lane()) {
                if (fold(connection, *lane)) lanes_left_.push(*lane);
            }
        } catch (...) {
            const std::lock_guard lock{mutex_};
            failure_ = std::current_exception();
            stopping_ = true;
        }
    }

    /// Lanes take turns, so that every lease is renewed in time.
    std::optional<int> next_lane() {
        if (stopping_) return std::nullopt;
        return lanes_left_.pop();
    }

    /// One batch. Whether the lane may have more.
    bool fold(std::unique_ptr<pqxx::connection>& connection, int lane) {
        BatchResult batch;
        bool ours = false;
        for (int tries = 0;; ++tries) {
            const auto ran = postgres::refusing([&]() -> domain::Result<void> {
                if (!connection) connection = postgres::connect_folding(database_);
                batch = run_batch(*connection, projection_, lane, options_.batch_events,
                                  options_.holder);
                ours = batch.ran == Ran::held && is_ours(*connection, lane);
                return {};
            });
            const bool passing =
                ran ? ours
                    : ran.error().why == events::store_away || ran.error().why == events::in_doubt;
            if (!passing && !ran) throw std::runtime_error{ran.error().detail};
            if (!passing || stopping_ || tries == tries_max) break;
            if (!ran) connection.reset();
            std::this_thread::sleep_for(pause);
        }
        const std::lock_guard lock{mutex_};
        if (batch.ran == Ran::idle) return false;
        result_.parked += batch.parked;
        if (batch.ran != Ran::advanced) {
            result_.ended = batch.ran;
            result_.lane = lane;
            stopping_ = true;
        } else if (!advanced_(batch.events)) {
            stopping_ = true;
        }
        return batch.ran == Ran::advanced;
    }

    /// Held for a moment, by the retry of a dead letter, is not lost.
    bool is_ours(pqxx::connection& connection, int lane) {
        pqxx::nontransaction tx{connection};
        return !tx.exec(
                      "select 1 from projection.lease where name = $1 and lane = $2 and "
                      "holder = $3",
                      pqxx::params{projection_.name, lane, options_.holder.name})
                    .empty();
    }

    const postgres::Database& database_;
    const projections::Projection& projection_;
    const std::vector<int>& lanes_;
    const ReplayOptions& options_;
    const std::function<bool(std::int64_t)>& advanced_;
    Lanes lanes_left_{lanes_};
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    Replayed result_;
    std::exception_ptr failure_;
};

}  // namespace

Replayed replay(const postgres::Database& database, const projections::Projection& projection,
                const std::vector<int>& lanes, const ReplayOptions& options,
                const std::function<bool(std::int64_t events)>& advanced) {
    return Replay{database, projection, lanes, options, advanced}.run();
}

}  // namespace runtime
