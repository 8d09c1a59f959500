#include "src/runtime/projector.hpp"

#include "src/postgres/refusing.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/projection_batch.hpp"
#include "src/runtime/projector_unit.hpp"
#include "src/runtime/uuid.hpp"
#include "src/runtime/thread_name.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>

namespace runtime {
namespace {

using projections::Projection;
using Milliseconds = std::chrono::milliseconds;

constexpr Milliseconds back_off_first{100};
constexpr Milliseconds back_off_max{5000};
constexpr std::int64_t small_batch_events = 500;
constexpr std::int64_t breath_micros = 4000;
/// Where many events come, or others' only, and nobody waits for them.
constexpr std::int64_t gather_micros = 16'000;
/// Until a checkpoint passes events that are known to be for others.
constexpr std::int64_t idle_breath_micros = 200'000;

}  // namespace

struct Projector::Body {
    postgres::Database database;
    ProjectorOptions options;
    LeaseHolder holder;
    mutable std::mutex mutex;
    std::condition_variable ready;
    std::deque<Unit*> queue;
    std::vector<Unit*> delayed;  ///< whose time has not come
    std::deque<Unit> units;      ///< grows while starting only; addresses stay
    std::map<int, OwnHeads> own_heads;
    std::list<Waiter> waiters;
    std::deque<Count> counts;  ///< one a projection, in the order of the catalogue
    Pace pace;
    bool stopping = false;
    std::atomic<std::int64_t> last_refresh_micros{0};
    std::vector<std::thread> threads;
    std::thread watcher;

    Unit* find(std::string_view name, int lane) {
        for (auto& unit : units) {
            if (unit.lane == lane && unit.projection->name == name) return &unit;
        }
        return nullptr;
    }
    Count& count_of(const Projection& projection) {
        return counts[static_cast<std::size_t>(&projection - projections::catalog().data())];
    }

    void enqueue(Unit& unit) {
        if (unit.queued || unit.running || unit.delayed) return;
        if (unit.due_micros() > steady_micros()) {
            unit.delayed = true;
            delayed.push_back(&unit);
            ready.notify_one();
            return;
        }
        unit.queued = true;
        queue.push_back(&unit);
        ready.notify_one();
    }

    /// `to` is what is wanted or awaited of the unit; its time may come sooner now.
    void raise(Unit& unit, std::int64_t Unit::* to, std::int64_t position) {
        const auto before = unit.due_micros();
        unit.*to = std::max(unit.*to, position);
        if (unit.delayed && unit.due_micros() < before) ready.notify_one();
    }
    void want(Unit& unit, std::int64_t position) { raise(unit, &Unit::wanted_to, position); }

    /// Takes who has waited long enough or long too long out of the list, for telling.
    std::list<std::pair<Waiter, bool>> due_waiters() {
        std::list<std::pair<Waiter, bool>> due;
        const auto now = steady_micros();
        for (auto it = waiters.begin(); it != waiters.end();) {
            const bool passed = it->unit->position >= it->position;
            if (!passed && now < it->until_micros) {
                ++it;
                continue;
            }
            due.emplace_back(std::move(*it), passed);
            it = waiters.erase(it);
        }
        return due;
    }
    static void tell(std::list<std::pair<Waiter, bool>> due) {
        for (auto& [waiter, passed] : due) {
            try {
                waiter.done(passed);
            } catch (const std::exception& defect) {
                log::error("defect in a waiter", {{"what", defect.what()}});
            }
        }
    }

    void work();
    /// Until something is queued or the first delayed unit's time has come, which queues it.
    void wait_for_work(std::unique_lock<std::mutex>& lock) {
        if (delayed.empty()) {
            ready.wait(lock);
            return;
        }
        const auto first = std::ranges::min_element(delayed, {}, &Unit::due_micros);
        const auto left = (*first)->due_micros() - steady_micros();
        if (left > 0) {
            ready.wait_for(lock, std::chrono::microseconds{left});
            return;
        }
        Unit& unit = **first;
        delayed.erase(first);
        unit.delayed = false;
        enqueue(unit);
    }
    void run_unit(Unit& unit, std::unique_ptr<pqxx::connection>& connection);
    void finish(Unit& unit, const BatchResult& result);
    void fail(Unit& unit, const domain::Refusal& refusal);
    void stop_unit(Unit& unit, const domain::Refusal& refusal);
    void watch();
    /// Waiters run out of time also while the database is away.
    void tell_due() {
        std::list<std::pair<Waiter, bool>> due;
        {
            const std::lock_guard lock{mutex};
            due = due_waiters();
        }
        tell(std::move(due));
    }
    void refresh(pqxx::connection& connection);
    /// Without categories they are not known, unless the commit is one of our own coming back.
    void wake(int lane, std::int64_t position, const postgres::Categories* categories) {
        options.on_head(lane, position);
        const std::lock_guard lock{mutex};
        auto& own = own_heads[lane];
        if (categories != nullptr) own.add(position);
        const bool come_back = categories == nullptr && own.contains(position);
        for (auto& unit : units) {
            if (unit.lane != lane) continue;
            unit.head = std::max(unit.head, position);
            if (!come_back && may_read(*unit.projection, categories)) want(unit, position);
            if (unit.head > unit.position) enqueue(unit);
        }
    }
    /// `lane:position`, as another process or this one tells it.
    void heard(std::string_view payload) {
        const auto* end = payload.data() + payload.size();
        int lane = 0;
        std::int64_t position = 0;
        const auto at = std::from_chars(payload.data(), end, lane).ptr;
        if (at == end || std::from_chars(at + 1, end, position).ptr != end) return;
        wake(lane, position, nullptr);
    }
    /// After a crash of PostgreSQL the newest commits of a projection may be gone: until the
    /// checkpoints are read again nobody is told that something is visible.
    void forget_positions() {
        const std::lock_guard lock{mutex};
        for (auto& unit : units) unit.position = 0;
    }
};

void Projector::Body::work() {
    std::unique_ptr<pqxx::connection> connection;
    while (true) {
        Unit* unit = nullptr;
        {
            std::unique_lock lock{mutex};
            while (!stopping && queue.empty()) wait_for_work(lock);
            if (stopping) return;
            unit = queue.front();
            queue.pop_front();
            unit->queued = false;
            unit->running = true;
        }
        run_unit(*unit, connection);
    }
}

void Projector::Body::run_unit(Unit& unit, std::unique_ptr<pqxx::connection>& connection) {
    BatchResult result;
    const auto started = steady_micros();
    const auto ran = postgres::refusing([&]() -> domain::Result<void> {
        if (!connection) connection = postgres::connect_folding(database);
        result = run_batch(*connection, *unit.projection, unit.lane, options.batch_events, holder);
        return {};
    });
    if (!ran) {
        connection.reset();
        return fail(unit, ran.error());
    }
    if (options.throttle_events > 0 && result.events > 0) {
        const auto due = result.events * 1'000'000 / options.throttle_events;
        const auto spent = steady_micros() - started;
        if (spent < due) std::this_thread::sleep_for(std::chrono::microseconds{due - spent});
    }
    finish(unit, result);
}

void Projector::Body::finish(Unit& unit, const BatchResult& result) {
    auto& count = count_of(*unit.projection);
    count.events += static_cast<std::uint64_t>(result.events);
    if (result.ran == Ran::advanced) {
        ++count.batches;
        count.last_advance = now().micros;
    }
    if (result.parked > 0) {
        count.parked += static_cast<std::uint64_t>(result.parked);
        log::error("projection parked a key", {{"projection", std::string{unit.projection->name}},
                                               {"lane", std::to_string(unit.lane)}});
    }
    std::list<std::pair<Waiter, bool>> due;
    {
        const std::lock_guard lock{mutex};
        unit.running = false;
        unit.back_off = Milliseconds{0};
        // A short breath gathers what several commits bring into one batch; a longer one does
        // where many come, and where nothing of it was for this projection.
        const auto finished = steady_micros();
        const bool many = pace.many(result.folded, finished);
        if (result.ran == Ran::advanced && result.events < small_batch_events) {
            unit.not_before_micros = finished + breath_micros;
            unit.gather_until_micros =
                finished + (many || result.folded == 0 ? gather_micros : breath_micros);
            unit.idle_until_micros = finished + idle_breath_micros;
        }
        if (result.ran == Ran::advanced || result.ran == Ran::idle)
            unit.position = std::max(unit.position, result.position);
        const bool more = result.ran == Ran::advanced &&
                          (unit.head > unit.position || result.events >= options.batch_events);
        if (more) enqueue(unit);
        due = due_waiters();
    }
    tell(std::move(due));
}

void Projector::Body::fail(Unit& unit, const domain::Refusal& refusal) {
    ++count_of(*unit.projection).retries;
    const bool ours = refusal.why.kind == domain::Reason::Kind::defect;
    log::write(ours ? log::Level::error : log::Level::warn, "projection batch failed",
               {{"projection", std::string{unit.projection->name}},
                {"lane", std::to_string(unit.lane)},
                {"code", std::string{refusal.why.slug}},
                {"detail", refusal.detail}});
    if (ours) stop_unit(unit, refusal);
    const std::lock_guard lock{mutex};
    unit.running = false;
    unit.back_off = std::clamp(unit.back_off * 2, back_off_first, back_off_max);
    unit.not_before_micros = steady_micros() + std::chrono::microseconds{unit.back_off}.count();
}

/// An error in our code repeats for ever: the projection stops and says why.
void Projector::Body::stop_unit(Unit& unit, const domain::Refusal& refusal) {
    const auto stopped = postgres::refusing([&]() -> domain::Result<void> {
        auto connection = postgres::connect(database, postgres::As::projector);
        stop_projection(*connection, unit.projection->name,
                        std::string{refusal.why.slug} + ": " + refusal.detail);
        return {};
    });
    if (!stopped)
        log::error("projection could not be marked as failed",
                   {{"projection", std::string{unit.projection->name}}});
}

/// The safety net: heads and checkpoints as the database has them, whoever moved them.
void Projector::Body::refresh(pqxx::connection& connection) {
    pqxx::nontransaction tx{connection};
    const auto heads = tx.exec("select lane, position from log.lane_head");
    const auto marks = tx.exec("select name, lane, position from projection.checkpoint");
    std::list<std::pair<Waiter, bool>> due;
    last_refresh_micros = steady_micros();
    for (const auto& row : heads) options.on_head(row[0].as<int>(), row[1].as<std::int64_t>());
    {
        const std::lock_guard lock{mutex};
        for (const auto& row : marks) {
            if (auto* unit = find(row[0].view(), row[1].as<int>()))
                unit->position = row[2].as<std::int64_t>();
        }
        for (const auto& row : heads) {
            const auto [lane, head] = row.as<int, std::int64_t>();
            for (auto& unit : units) {
                if (unit.lane != lane) continue;
                if (unit.head < head) want(unit, head);
                unit.head = std::max(unit.head, head);
                if (unit.head > unit.position) enqueue(unit);
            }
        }
        due = due_waiters();
    }
    tell(std::move(due));
}

void Projector::Body::watch() {
    std::unique_ptr<pqxx::connection> connection;
    while (true) {
        {
            const std::lock_guard lock{mutex};
            if (stopping) return;
        }
        const auto watched = postgres::refusing([&]() -> domain::Result<void> {
            if (!connection) {
                connection = postgres::connect(database, postgres::As::projector);
                // Listening comes first, reading second: nothing falls between the two.
                connection->listen("cairn_log", [this](const pqxx::notification& told) {
                    heard(told.payload.c_str());
                });
                last_refresh_micros = 0;
            }
            const auto age = steady_micros() - last_refresh_micros;
            if (age >= options.poll_milliseconds * std::int64_t{1000}) refresh(*connection);
            connection->await_notification(0, options.poll_milliseconds * 1000);
            return {};
        });
        if (watched) continue;
        connection.reset();
        forget_positions();
        tell_due();
        std::this_thread::sleep_for(Milliseconds{options.poll_milliseconds});
    }
}

Projector::Projector(postgres::Database database, ProjectorOptions options)
    : body_{std::make_unique<Body>()} {
    body_->database = std::move(database);
    body_->options = options;
    body_->holder = {domain::to_text(uuid_v7()), options.lease_seconds};
    body_->counts.resize(projections::catalog().size());
    auto connection = postgres::connect(body_->database, postgres::As::projector);
    {
        pqxx::nontransaction tx{*connection};
        for (const auto& [lane] : tx.query<int>("select lane from log.lane_head order by lane")) {
            for (const auto& projection : projections::catalog())
                body_->units.push_back({&projection, lane});
        }
    }
    for (int i = 0; i < options.threads; ++i)
        body_->threads.emplace_back([body = body_.get()] {
            name_thread("cairn-project");
            body->work();
        });
    body_->watcher = std::thread{[body = body_.get()] {
        name_thread("cairn-watch");
        body->watch();
    }};
}

Projector::~Projector() {
    {
        const std::lock_guard lock{body_->mutex};
        body_->stopping = true;
    }
    body_->ready.notify_all();
    for (auto& thread : body_->threads) thread.join();
    body_->watcher.join();
    for (auto& waiter : body_->waiters) waiter.done(false);
}

void Projector::wake(int lane, std::int64_t position, const postgres::Categories& categories) {
    body_->wake(lane, position, &categories);
}

std::int64_t Projector::position(std::string_view projection, int lane) const {
    const std::lock_guard lock{body_->mutex};
    const auto* unit = body_->find(projection, lane);
    return unit == nullptr ? 0 : unit->position;
}

bool Projector::wait_for(std::string_view projection, int lane, std::int64_t position,
                         int milliseconds) {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<bool> answer;
    when_passed(projection, lane, position, milliseconds, [&](bool passed) {
        const std::lock_guard lock{mutex};
        answer = passed;
        changed.notify_one();
    });
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return answer.has_value(); });
    return *answer;
}

void Projector::when_passed(std::string_view projection, int lane, std::int64_t position,
                            int milliseconds, std::move_only_function<void(bool)> done) {
    {
        const std::lock_guard lock{body_->mutex};
        auto* unit = body_->find(projection, lane);
        if (unit != nullptr && unit->position < position && milliseconds > 0) {
            body_->raise(*unit, &Unit::awaited_to, position);
            body_->waiters.push_back({unit, position,
                                      steady_micros() + std::int64_t{milliseconds} * 1000,
                                      std::move(done)});
            return;
        }
        milliseconds = unit != nullptr && unit->position >= position ? 1 : 0;
    }
    done(milliseconds == 1);
}

bool Projector::reaches_database() const {
    constexpr std::int64_t silence_micros_max = 3'000'000;
    return steady_micros() - body_->last_refresh_micros < silence_micros_max;
}

std::vector<ProjectionCounters> Projector::counters() const {
    std::vector<ProjectionCounters> out;
    for (std::size_t i = 0; i < body_->counts.size(); ++i) {
        const auto& count = body_->counts[i];
        out.push_back({projections::catalog()[i].name, count.events, count.batches, count.retries,
                       count.parked, count.last_advance});
    }
    return out;
}

}  // namespace runtime
