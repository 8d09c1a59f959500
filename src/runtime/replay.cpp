#include "src/runtime/replay.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>

namespace runtime {
namespace {

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
            auto connection = postgres::connect(database_, postgres::As::projector);
            while (!stopping_) {
                const auto next = next_++;
                if (next >= lanes_.size()) return;
                fold_lane(*connection, lanes_[next]);
            }
        } catch (...) {
            const std::lock_guard lock{mutex_};
            failure_ = std::current_exception();
            stopping_ = true;
        }
    }

    void fold_lane(pqxx::connection& connection, int lane) {
        while (!stopping_) {
            const auto batch =
                run_batch(connection, projection_, lane, options_.batch_events, options_.holder);
            const std::lock_guard lock{mutex_};
            if (batch.ran == Ran::idle) return;
            result_.parked += batch.parked;
            if (batch.ran != Ran::advanced) {
                result_.ended = batch.ran;
                result_.lane = lane;
                stopping_ = true;
            } else if (!advanced_(batch.events)) {
                stopping_ = true;
            }
        }
    }

    const postgres::Database& database_;
    const projections::Projection& projection_;
    const std::vector<int>& lanes_;
    const ReplayOptions& options_;
    const std::function<bool(std::int64_t)>& advanced_;
    std::atomic<std::size_t> next_{0};
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
