#include "src/runtime/replay.hpp"

#include "events/store.hpp"
#include "src/postgres/refusing.hpp"
#include "src/runtime/clock.hpp"

#include <atomic>
#include <deque>
#include <exception>
#include <mutex>
#include <pqxx/pqxx>
#include <set>
#include <thread>

namespace runtime {
namespace {

constexpr int tries_max = 60;
constexpr std::chrono::milliseconds pause{500};

std::unique_ptr<pqxx::connection> connect_to(const postgres::Database& database,
                                             const std::string& board) {
    auto connection = postgres::connect_folding(database);
    pqxx::nontransaction tx{*connection};
    tx.exec("select set_config('cairn.board', $1, false)", pqxx::params{board}).one_row();
    return connection;
}

/// The lanes that may have more, in the order of their turns.
class Lanes {
public:
    explicit Lanes(std::span<const Subject> subjects) {
        std::set<int> all;
        for (const auto& subject : subjects) {
            for (const auto& [lane, position] : subject.up_to) all.insert(lane);
        }
        waiting_.assign(all.begin(), all.end());
    }

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
    Replay(const postgres::Database& database, std::span<const Subject> subjects,
           const ReplayOptions& options, const std::function<bool(std::int64_t)>& advanced)
        : database_{database}, subjects_{subjects}, options_{options}, advanced_{advanced} {}

    domain::Result<Replayed> run() {
        {
            std::vector<std::jthread> threads;
            for (int i = 0; i < options_.threads; ++i) threads.emplace_back([this] { work(); });
        }
        if (failure_) std::rethrow_exception(failure_);
        if (refusal_) return std::unexpected(*std::move(refusal_));
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

    std::vector<ScanPart> parts_of(int lane) const {
        std::vector<ScanPart> parts;
        for (const auto& subject : subjects_) {
            const auto found = subject.up_to.find(lane);
            if (found != subject.up_to.end()) parts.push_back({subject.projection, found->second});
        }
        return parts;
    }

    /// One batch. Whether the lane may have more.
    bool fold(std::unique_ptr<pqxx::connection>& connection, int lane) {
        BatchResult batch;
        bool ours = false;
        for (int tries = 0;; ++tries) {
            const auto ran = postgres::refusing([&]() -> domain::Result<void> {
                if (!connection) connection = connect_to(database_, options_.board);
                try {
                    batch = scan_batch(*connection, parts_of(lane), lane, options_.batch_events,
                                       options_.holder);
                } catch (const TouchedLive& touched) {
                    return domain::refuse(postgres::sql_refused, touched.what());
                }
                ours = batch.ran == Ran::held && is_ours(*connection, lane);
                return {};
            });
            const bool passing =
                ran ? ours
                    : ran.error().why == events::store_away || ran.error().why == events::in_doubt;
            if (!ran) {
                connection.reset();
                if (!passing || tries == tries_max) return refused(ran.error());
            }
            if (!passing || stopping_ || tries == tries_max) break;
            std::this_thread::sleep_for(pause);
        }
        return told(batch, lane);
    }

    bool refused(domain::Refusal why) {
        const std::lock_guard lock{mutex_};
        if (!refusal_) refusal_ = std::move(why);
        stopping_ = true;
        return false;
    }

    bool told(const BatchResult& batch, int lane) {
        if (batch.ran == Ran::held || batch.ran == Ran::paused)
            return refused({lease_lost, "lane " + std::to_string(lane)});
        if (batch.ran == Ran::idle) return false;
        bool wanted = false;
        std::int64_t wait_micros = 0;
        {
            const std::lock_guard lock{mutex_};
            result_.parked += batch.parked;
            result_.events += batch.events;
            wanted = advanced_(batch.events);
            if (options_.throttle_events > 0)
                wait_micros = started_ + result_.events * 1'000'000 / options_.throttle_events -
                              steady_micros();
        }
        if (!wanted) return refused({replay_stopped, ""});
        if (wait_micros > 0 && !stopping_)
            std::this_thread::sleep_for(std::chrono::microseconds{wait_micros});
        return true;
    }

    /// Held for a moment, by the retry of a dead letter, is not lost.
    bool is_ours(pqxx::connection& connection, int lane) {
        pqxx::nontransaction tx{connection};
        for (const auto& part : parts_of(lane)) {
            const auto other = tx.exec(
                "select 1 from projection.lease where name = $1 and lane = $2 and holder <> $3",
                pqxx::params{part.projection.name, lane, options_.holder.name});
            if (!other.empty()) return false;
        }
        return true;
    }

    const postgres::Database& database_;
    std::span<const Subject> subjects_;
    const ReplayOptions& options_;
    const std::function<bool(std::int64_t)>& advanced_;
    Lanes lanes_left_{subjects_};
    std::int64_t started_ = steady_micros();
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    Replayed result_;
    std::optional<domain::Refusal> refusal_;
    std::exception_ptr failure_;
};

}  // namespace

domain::Result<Replayed> replay(const postgres::Database& database,
                                std::span<const Subject> subjects, const ReplayOptions& options,
                                const std::function<bool(std::int64_t events)>& advanced) {
    return Replay{database, subjects, options, advanced}.run();
}

domain::Result<Replayed> replay(const postgres::Database& database,
                                const projections::Projection& projection,
                                const std::vector<int>& lanes, const ReplayOptions& options,
                                const std::function<bool(std::int64_t events)>& advanced) {
    Subject subject{projection, {}};
    for (const int lane : lanes) subject.up_to[lane] = INT64_MAX;
    return replay(database, std::span{&subject, 1}, options, advanced);
}

Positions heads(pqxx::connection& connection) {
    pqxx::nontransaction tx{connection};
    Positions positions;
    for (const auto& [lane, position] :
         tx.query<int, std::int64_t>("select lane, position from log.lane_head"))
        positions[lane] = position;
    return positions;
}

}  // namespace runtime
