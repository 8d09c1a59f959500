#include "src/audit/recorder.hpp"

#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/thread_name.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

namespace audit {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t batch_max = 512;
constexpr auto gather = 20ms;
constexpr auto retry_least = 50ms, retry_most = 1000ms;
constexpr auto stop_patience = 5s;
constexpr auto retain_every = std::chrono::hours{1};
/// Between two passes while there is more that is too old; entries that wait go first, for a while.
constexpr auto retain_pause = 50ms, retain_patience = 1000ms;

std::string slug_of(const domain::Refusal& refusal) { return std::string{refusal.why.slug}; }

}  // namespace

struct Recorder::Body {
    using Clock = std::chrono::steady_clock;

    RecorderOptions options;
    TrailWriter writer;
    mutable std::mutex mutex;
    std::condition_variable wake;
    std::deque<Entry> queue;
    RecorderCounters counters;
    std::set<domain::TenantId> broken;  ///< for whom nothing is taken
    bool away = false;
    bool stopping = false;
    Clock::time_point give_up_at;
    std::thread thread;

    Body(postgres::Database database, security::Key seal_key, RecorderOptions given)
        : options{given}, writer{std::move(database), seal_key} {}

    /// What is next to be written; empty when it is time to look at what is too old, or to stop.
    std::vector<Entry> next_batch(Clock::time_point until) {
        std::unique_lock lock{mutex};
        wake.wait_until(lock, until, [this] { return stopping || !queue.empty(); });
        if (!stopping && !queue.empty()) wake.wait_for(lock, gather, [this] { return stopping; });
        std::vector<Entry> batch;
        while (!queue.empty() && batch.size() < batch_max) {
            batch.push_back(std::move(queue.front()));
            queue.pop_front();
        }
        return batch;
    }

    /// Until it is written; after stop() for some seconds only.
    void write(const std::vector<Entry>& batch) {
        auto pause = retry_least;
        while (true) {
            const auto written = writer.write(batch);
            std::unique_lock lock{mutex};
            away = !written;
            if (written) return keep(batch, *written);
            ++counters.failures;
            log_once(pause, written.error());
            if (stopping && Clock::now() >= give_up_at) {
                counters.dropped += batch.size();
                lock.unlock();
                runtime::log::error("audit entries lost at the stop",
                                    {{"count", std::to_string(batch.size())}});
                return;
            }
            wake.wait_for(lock, pause, [] { return false; });
            pause = std::min(pause * 2, retry_most);
        }
    }

    /// Counts what was written and marks the trails that took nothing.
    void keep(const std::vector<Entry>& batch, const std::vector<domain::TenantId>& refused) {
        for (const auto& entry : batch) {
            const bool lost = std::ranges::contains(refused, entry.tenant);
            ++(lost ? counters.dropped : counters.written);
        }
        for (const auto tenant : refused) {
            if (broken.insert(tenant).second)
                runtime::log::error("an audit trail does not end as it was left",
                                    {{"tenant", domain::to_text(tenant)},
                                     {"next", "cairn audit trail verify --tenant"}});
        }
        counters.broken = broken.size();
    }

    /// Asks the database, so that nobody reads unrecorded to find out.
    void look_again() {
        std::vector<domain::TenantId> tenants;
        {
            const std::lock_guard lock{mutex};
            tenants.assign(broken.begin(), broken.end());
        }
        if (tenants.empty()) return;
        const auto found = writer.broken_of(tenants);
        if (!found) return;
        const std::lock_guard lock{mutex};
        broken = {found->begin(), found->end()};
        counters.broken = broken.size();
    }

    static void log_once(std::chrono::milliseconds pause, const domain::Refusal& refusal) {
        if (pause > retry_least) return;
        runtime::log::warn("audit entries wait for the database", {{"code", slug_of(refusal)}});
    }

    /// One pass; true when there is more to do.
    bool retain() {
        const auto retired = writer.retain(options.access_days, runtime::now());
        if (!retired) {
            runtime::log::warn("old audit entries stay", {{"code", slug_of(retired.error())}});
            return false;
        }
        const std::lock_guard lock{mutex};
        counters.retired += static_cast<std::uint64_t>(retired->entries);
        counters.overdue_seconds =
            retired->more ? static_cast<std::uint64_t>(retired->overdue_seconds) : 0;
        return retired->more;
    }

    void run() {
        auto retain_at = Clock::now(), look_at = retain_at;
        while (true) {
            const auto batch = next_batch(std::min(retain_at, look_at));
            if (!batch.empty()) write(batch);
            if (batch.empty() && is_stopping()) return;
            const auto now = Clock::now();
            if (now >= look_at) {
                look_again();
                look_at = now + options.look_again;
            }
            const bool others_first = has_waiting() && now < retain_at + retain_patience;
            if (now < retain_at || others_first || is_stopping()) continue;
            const bool more = retain();
            retain_at = Clock::now() + (more ? Clock::duration{retain_pause} : retain_every);
        }
    }

    bool has_waiting() const {
        const std::lock_guard lock{mutex};
        return !queue.empty();
    }
    bool is_stopping() const {
        const std::lock_guard lock{mutex};
        return stopping;
    }
};

Recorder::Recorder(postgres::Database database, security::Key seal_key, RecorderOptions options)
    : body_{std::make_unique<Body>(std::move(database), seal_key, options)} {
    body_->thread = std::thread{[body = body_.get()] {
        runtime::name_thread("cairn-audit");
        body->run();
    }};
}

Recorder::~Recorder() { stop(); }

void Recorder::stop() {
    {
        const std::lock_guard lock{body_->mutex};
        if (!body_->stopping) body_->give_up_at = Body::Clock::now() + stop_patience;
        body_->stopping = true;
    }
    body_->wake.notify_all();
    if (body_->thread.joinable()) body_->thread.join();
}

bool Recorder::record(Entry entry, Need need) {
    bool is_first = false;
    {
        const std::lock_guard lock{body_->mutex};
        const bool full = body_->stopping || body_->queue.size() >= body_->options.queue_max ||
                          body_->broken.contains(entry.tenant);
        if (full || (need == Need::certain && body_->away)) {
            ++(need == Need::certain ? body_->counters.withheld : body_->counters.dropped);
            return false;
        }
        is_first = body_->queue.empty();
        body_->queue.push_back(std::move(entry));
    }
    if (is_first) body_->wake.notify_one();
    return true;
}

RecorderCounters Recorder::counters() const {
    const std::lock_guard lock{body_->mutex};
    return body_->counters;
}

std::size_t Recorder::queued() const {
    const std::lock_guard lock{body_->mutex};
    return body_->queue.size();
}

}  // namespace audit
