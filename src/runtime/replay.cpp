#include "src/runtime/replay.hpp"

#include "events/store.hpp"
#include "src/postgres/refusing.hpp"
#include "src/runtime/clock.hpp"

#include <atomic>
#include <condition_variable>
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

/// What one thread folds at a time: subjects of one slice on one lane share a scan. Those of large
/// events have one of their own: batches of the others do not end at each few of them, and another
/// thread may be at it long before the others are there.
struct Unit {
    int lane{};
    Slice slice;
    bool large{};
    auto operator<=>(const Unit&) const = default;
};

Unit unit_of(const Subject& subject, int lane) {
    return {lane, subject.slice, subject.projection.wanted_max > 0};
}

/// The units that may have more, in the order of their turns.
class Units {
public:
    explicit Units(std::span<const Subject> subjects) {
        std::set<Unit> all;
        for (const auto& subject : subjects) {
            for (const auto& [lane, position] : subject.up_to) all.insert(unit_of(subject, lane));
        }
        for (const auto& unit : all) places_[unit] = of_lane_[unit.lane]++;
        waiting_.assign(all.begin(), all.end());
    }

    std::optional<Unit> pop() {
        const std::lock_guard lock{mutex_};
        if (waiting_.empty()) return std::nullopt;
        const auto unit = waiting_.front();
        waiting_.pop_front();
        return unit;
    }
    void push(const Unit& unit) {
        const std::lock_guard lock{mutex_};
        waiting_.push_back(unit);
    }

    /// The unit's share of the positions (from, to] of its lane: units that pass the same
    /// positions have shares that add up to them, because floor((x + i) / n) over all i is x.
    std::int64_t share(const Unit& unit, std::int64_t from, std::int64_t to) const {
        const auto place = places_.at(unit), units = of_lane_.at(unit.lane);
        return (to + place) / units - (from + place) / units;
    }

private:
    std::mutex mutex_;
    std::deque<Unit> waiting_;
    std::map<Unit, std::int64_t> places_;
    std::map<int, std::int64_t> of_lane_;
};

/// What the threads of one replay share.
class Replay {
public:
    Replay(const postgres::Database& database, std::span<const Subject> subjects,
           const ReplayOptions& options, const std::function<bool(std::int64_t)>& advanced)
        : database_{database}, subjects_{subjects}, options_{options}, advanced_{advanced} {}

    domain::Result<Replayed> run() {
        std::optional<Crew> own;
        auto& crew = options_.crew != nullptr ? *options_.crew : own.emplace(options_.threads);
        crew.run([this](std::unique_ptr<pqxx::connection>& connection) { work(connection); });
        if (failure_) std::rethrow_exception(failure_);
        if (refusal_) return std::unexpected(*std::move(refusal_));
        return result_;
    }

private:
    void work(std::unique_ptr<pqxx::connection>& connection) {
        try {
            while (const auto unit = next_unit()) {
                if (fold(connection, *unit)) units_left_.push(*unit);
            }
        } catch (...) {
            const std::lock_guard lock{mutex_};
            failure_ = std::current_exception();
            stopping_ = true;
        }
    }

    /// Units take turns, so that every lease is renewed in time.
    std::optional<Unit> next_unit() {
        if (stopping_) return std::nullopt;
        return units_left_.pop();
    }

    std::vector<ScanPart> parts_of(const Unit& unit) const {
        std::vector<ScanPart> parts;
        for (const auto& subject : subjects_) {
            if (unit_of(subject, unit.lane) != unit) continue;
            const auto found = subject.up_to.find(unit.lane);
            if (found != subject.up_to.end()) parts.push_back({subject.projection, found->second});
        }
        return parts;
    }

    /// One batch. Whether the unit may have more.
    bool fold(std::unique_ptr<pqxx::connection>& connection, const Unit& unit) {
        BatchResult batch;
        bool ours = false;
        for (int tries = 0;; ++tries) {
            const auto ran = postgres::refusing([&]() -> domain::Result<void> {
                if (!connection) connection = connect_to(database_, options_.board);
                try {
                    batch = scan_batch(*connection, parts_of(unit), unit.lane,
                                       options_.batch_events * unit.slice.count, options_.holder,
                                       unit.slice);
                } catch (const TouchedLive& touched) {
                    return domain::refuse(postgres::sql_refused, touched.what());
                }
                ours = batch.ran == Ran::held && is_ours(*connection, unit);
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
        return told(batch, unit);
    }

    bool refused(domain::Refusal why) {
        const std::lock_guard lock{mutex_};
        if (!refusal_) refusal_ = std::move(why);
        stopping_ = true;
        return false;
    }

    bool told(const BatchResult& batch, const Unit& unit) {
        if (batch.ran == Ran::held || batch.ran == Ran::paused)
            return refused({lease_lost, "lane " + std::to_string(unit.lane)});
        if (batch.ran == Ran::idle) return false;
        const auto events = units_left_.share(unit, batch.position - batch.events, batch.position);
        bool wanted = false;
        std::int64_t wait_micros = 0;
        {
            const std::lock_guard lock{mutex_};
            result_.parked += batch.parked;
            result_.events += events;
            wanted = advanced_(events);
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
    bool is_ours(pqxx::connection& connection, const Unit& unit) {
        pqxx::nontransaction tx{connection};
        for (const auto& part : parts_of(unit)) {
            const auto other = tx.exec(
                "select 1 from projection.lease where name = $1 and lane = $2 and holder <> $3",
                pqxx::params{part.projection.name, unit.lane, options_.holder.name});
            if (!other.empty()) return false;
        }
        return true;
    }

    const postgres::Database& database_;
    std::span<const Subject> subjects_;
    const ReplayOptions& options_;
    const std::function<bool(std::int64_t)>& advanced_;
    Units units_left_{subjects_};
    std::int64_t started_ = steady_micros();
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    Replayed result_;
    std::optional<domain::Refusal> refusal_;
    std::exception_ptr failure_;
};

}  // namespace

struct Crew::Body {
    std::mutex mutex;
    std::condition_variable news;
    const std::function<void(std::unique_ptr<pqxx::connection>&)>* work = nullptr;
    int turn = 0, working = 0;
    bool ending = false;
    std::vector<std::jthread> threads;

    void member() {
        std::unique_ptr<pqxx::connection> connection;
        std::unique_lock lock{mutex};
        for (int done = 0;;) {
            news.wait(lock, [&] { return ending || turn != done; });
            if (ending) return;
            done = turn;
            lock.unlock();
            (*work)(connection);
            lock.lock();
            if (--working == 0) news.notify_all();
        }
    }
};

Crew::Crew(int threads) : body_{std::make_unique<Body>()} {
    for (int i = 0; i < threads; ++i)
        body_->threads.emplace_back([body = body_.get()] { body->member(); });
}

Crew::~Crew() {
    {
        const std::lock_guard lock{body_->mutex};
        body_->ending = true;
    }
    body_->news.notify_all();
    body_->threads.clear();
}

void Crew::run(const std::function<void(std::unique_ptr<pqxx::connection>&)>& work) {
    std::unique_lock lock{body_->mutex};
    body_->work = &work;
    body_->working = static_cast<int>(body_->threads.size());
    ++body_->turn;
    body_->news.notify_all();
    body_->news.wait(lock, [this] { return body_->working == 0; });
}

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
