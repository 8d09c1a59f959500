#include "src/postgres/appender.hpp"

#include "src/postgres/append_batch.hpp"
#include "src/postgres/refusing.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/thread_name.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <pqxx/pqxx>
#include <set>
#include <shared_mutex>
#include <thread>
#include <unordered_map>

namespace postgres {
namespace {

struct Waiting {
    int lane{};
    events::Append append;
    Appender::Done done;
};

std::size_t bytes_in(const events::Append& append) {
    std::size_t bytes = 0;
    for (const auto& write : append.writes)
        for (const auto& event : write.events) bytes += event.form.data.size() + 512;
    return bytes;
}

}  // namespace

struct Appender::Shared {
    Database database;
    AppenderOptions options;
    Committed committed;
    std::shared_mutex lanes_mutex;
    std::unordered_map<domain::TenantId, int, domain::UuidHash> lanes;
    std::mutex lookup_mutex;
    std::unique_ptr<pqxx::connection> lookup;
    std::atomic<std::uint64_t> batches{}, commands{}, events{}, replays{}, conflicts{},
        reconnects{}, refused{};
};

/// One connection, one thread, one queue.
class Appender::Writer {
public:
    explicit Writer(Shared& shared)
        : shared_{shared}, thread_{[this] {
              runtime::name_thread("cairn-append");
              run();
          }} {}

    ~Writer() { stop(); }

    void stop() {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        wake_.notify_one();
        if (thread_.joinable()) thread_.join();
    }

    /// False when the queue is full; `waiting` is untouched then.
    bool push(Waiting& waiting) {
        {
            const std::lock_guard lock{mutex_};
            if (stopping_ || queue_.size() >= shared_.options.queue_max) return false;
            queue_.push_back(std::move(waiting));
        }
        wake_.notify_one();
        return true;
    }

    std::size_t queued() {
        const std::lock_guard lock{mutex_};
        return queue_.size();
    }

private:
    using Batch = std::vector<Waiting>;
    struct Head {
        std::int64_t position{};
        Categories categories;
    };

    void run() {
        while (true) {
            Batch batch = next();
            if (batch.empty()) return;
            commit(batch);
        }
    }

    /// Whatever has queued, in order, but no stream and no command id twice: a second command on
    /// a stream waits for the next batch. Empty only when stopping.
    Batch next() {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        Batch batch;
        std::deque<Waiting> later;
        std::set<std::pair<domain::TenantId, events::StreamId>> streams;
        std::set<std::pair<domain::TenantId, domain::CommandId>> ids;
        std::set<std::pair<domain::TenantId, events::Hash>> claims;
        std::size_t bytes = 0;
        while (!queue_.empty() && batch.size() < shared_.options.batch_max &&
               bytes < shared_.options.batch_bytes_max) {
            auto waiting = std::move(queue_.front());
            queue_.pop_front();
            const auto& append = waiting.append;
            bool alone = !ids.contains({append.tenant, append.command});
            for (const auto& write : append.writes)
                alone = alone && !streams.contains({append.tenant, write.stream});
            for (const auto& claim : append.claims)
                alone = alone && !claims.contains({append.tenant, claim.digest});
            // Also a command that waits keeps its streams, so that a third cannot overtake it.
            ids.insert({append.tenant, append.command});
            for (const auto& write : append.writes) streams.insert({append.tenant, write.stream});
            for (const auto& claim : append.claims) claims.insert({append.tenant, claim.digest});
            if (!alone) {
                later.push_back(std::move(waiting));
                continue;
            }
            bytes += bytes_in(append);
            batch.push_back(std::move(waiting));
        }
        while (!later.empty()) {
            queue_.push_front(std::move(later.back()));
            later.pop_back();
        }
        return batch;
    }

    /// Appends `batch`; a lost connection is answered by appending it again on a new one, where
    /// the head locks wait for the old backend and known ids are replayed.
    void commit(std::span<Waiting> batch) {
        const auto give_up = runtime::steady_micros() +
                             std::int64_t{shared_.options.in_doubt_seconds_max} * 1'000'000;
        for (bool again = false;; again = true) {
            const auto result = refusing(
                [&]() -> domain::Result<std::vector<Decided>> { return try_commit(batch); });
            if (result) return answer_each(batch, *result, again);
            if (result.error().why == sql_refused) return bisect(batch, result.error());
            connection_.reset();
            shared_.reconnects.fetch_add(1, std::memory_order_relaxed);
            if (runtime::steady_micros() > give_up)
                return answer_all(batch, domain::Refusal{events::in_doubt});
            std::this_thread::sleep_for(std::chrono::milliseconds{50});
        }
    }

    std::vector<Decided> try_commit(std::span<Waiting> batch) {
        if (!connection_) {
            connection_ = connect(shared_.database, As::appender);
            prepare_append(*connection_);
        }
        std::vector<LanedAppend> laned;
        laned.reserve(batch.size());
        for (const auto& waiting : batch) laned.push_back({waiting.lane, &waiting.append});
        return append_batch(*connection_, runtime::now(), laned);
    }

    /// Outside the wall: what a callback does cannot make a committed batch look refused.
    void answer_each(std::span<Waiting> batch, const std::vector<Decided>& decided, bool again) {
        tell_committed(batch, decided, again);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            try {
                answer(batch[i], decided[i]);
            } catch (const std::exception& defect) {
                runtime::log::error("defect in an answer", {{"what", defect.what()}});
            }
        }
    }

    /// `again`: the batch was sent before, so what is replayed may be its own commit.
    void tell_committed(std::span<const Waiting> batch, const std::vector<Decided>& decided,
                        bool again) {
        std::map<int, Head> heads;
        std::uint64_t events = 0;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const auto& one = decided[i];
            const bool ours =
                one.verdict == Verdict::appended || (again && one.verdict == Verdict::replayed);
            if (!ours || one.outcome.events == 0) continue;
            events += static_cast<std::uint64_t>(one.outcome.events);
            auto& head = heads[one.outcome.lane];
            head.position = std::max(head.position, one.outcome.last_position());
            for (const auto& write : batch[i].append.writes)
                head.categories.insert(write.stream.category);
        }
        shared_.batches.fetch_add(1, std::memory_order_relaxed);
        shared_.commands.fetch_add(decided.size(), std::memory_order_relaxed);
        shared_.events.fetch_add(events, std::memory_order_relaxed);
        for (const auto& [lane, head] : heads)
            shared_.committed({lane, head.position, head.categories});
    }

    void answer(Waiting& waiting, const Decided& decided) {
        auto outcome = decided.outcome;
        switch (decided.verdict) {
            case Verdict::appended: return waiting.done(std::move(outcome));
            case Verdict::replayed:
                shared_.replays.fetch_add(1, std::memory_order_relaxed);
                if (outcome.fingerprint != waiting.append.fingerprint)
                    return waiting.done(domain::refuse(events::key_reused));
                return waiting.done(std::move(outcome));
            case Verdict::conflict:
                shared_.conflicts.fetch_add(1, std::memory_order_relaxed);
                return waiting.done(domain::refuse(events::moved_on));
            case Verdict::claimed: return waiting.done(domain::refuse(events::value_taken));
            case Verdict::wrong_lane:
                return waiting.done(domain::refuse(sql_refused, "the tenant has another lane"));
        }
        std::unreachable();
    }

    /// A command that PostgreSQL refuses must not fail its neighbours.
    void bisect(std::span<Waiting> batch, const domain::Refusal& refusal) {
        connection_.reset();
        if (batch.size() == 1) {
            shared_.refused.fetch_add(1, std::memory_order_relaxed);
            return batch.front().done(std::unexpected(refusal));
        }
        const auto half = batch.size() / 2;
        commit(batch.first(half));
        commit(batch.subspan(half));
    }

    static void answer_all(std::span<Waiting> batch, const domain::Refusal& refusal) {
        for (auto& waiting : batch) waiting.done(std::unexpected(refusal));
    }

    Shared& shared_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Waiting> queue_;
    bool stopping_ = false;
    std::unique_ptr<pqxx::connection> connection_;
    std::thread thread_;
};

Appender::Appender(Database database, AppenderOptions options, Committed committed)
    : shared_{std::make_unique<Shared>()} {
    shared_->database = std::move(database);
    shared_->options = options;
    shared_->committed = std::move(committed);
    for (int i = 0; i < options.writers; ++i)
        writers_.push_back(std::make_unique<Writer>(*shared_));
}

Appender::~Appender() { stop(); }

void Appender::stop() {
    for (auto& writer : writers_) writer->stop();
}

void Appender::submit(events::Append append, Done done) {
    const auto lane = lane_of(append.tenant);
    if (!lane) return done(std::unexpected(lane.error()));
    Waiting waiting{*lane, std::move(append), std::move(done)};
    auto& writer = *writers_[static_cast<std::size_t>(*lane) % writers_.size()];
    if (!writer.push(waiting)) waiting.done(domain::refuse(events::queue_full));
}

domain::Result<int> Appender::lane_of(domain::TenantId tenant) {
    {
        const std::shared_lock lock{shared_->lanes_mutex};
        const auto found = shared_->lanes.find(tenant);
        if (found != shared_->lanes.end()) return found->second;
    }
    const std::lock_guard lookup{shared_->lookup_mutex};
    auto lane = refusing([&]() -> domain::Result<int> {
        if (!shared_->lookup) shared_->lookup = connect(shared_->database, As::appender);
        pqxx::nontransaction tx{*shared_->lookup};
        return tx.exec("select log.lane_of($1)", pqxx::params{domain::to_text(tenant)})
            .one_field()
            .as<int>();
    });
    if (!lane) {
        // A connection that died while idle says nothing about the next one.
        shared_->lookup.reset();
        return lane;
    }
    const std::unique_lock lock{shared_->lanes_mutex};
    shared_->lanes[tenant] = *lane;
    return lane;
}

AppenderCounters Appender::counters() const {
    return {shared_->batches,   shared_->commands,   shared_->events, shared_->replays,
            shared_->conflicts, shared_->reconnects, shared_->refused};
}

std::size_t Appender::queued() const {
    std::size_t count = 0;
    for (const auto& writer : writers_) count += writer->queued();
    return count;
}

}  // namespace postgres
