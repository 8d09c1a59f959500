#include "src/runtime/sealer.hpp"

#include "projections/lane_tree.hpp"
#include "src/postgres/sealing.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/thread_name.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace runtime {
namespace {

constexpr std::chrono::seconds look_every{1};
/// Lanes that fill their thousands meanwhile share a round.
constexpr std::chrono::milliseconds breath{100};

}  // namespace

struct Sealer::Body {
    postgres::Sealing sealing;
    mutable std::mutex mutex;
    std::condition_variable wake;
    std::map<int, std::int64_t> heads, seen;  ///< as told, and up to where rounds have come
    SealerStanding standing;
    bool stopping = false;
    std::thread thread;

    Body(postgres::Database database, const std::filesystem::path& secrets)
        : sealing{std::move(database), [secrets] { return security::load_sealing(secrets); },
                  secrets} {}

    bool is_due() const {
        return std::ranges::any_of(heads, [this](const auto& lane) {
            const auto found = seen.find(lane.first);
            return lane.second - (found == seen.end() ? 0 : found->second) >=
                   projections::seal_events_max;
        });
    }
    void see(postgres::Batches batches) {
        for (const auto& [lane, head] : heads) {
            auto& place = seen[lane];
            const auto rest = (head - place) % projections::seal_events_max;
            place = batches == postgres::Batches::whole ? head - rest : head;
        }
    }

    void keep(const domain::Result<postgres::SealRound>& done) {
        const std::lock_guard lock{mutex};
        if (!done) {
            // Once, and not every second.
            if (!standing.failing)
                log::warn("the log is not sealed", {{"code", std::string{done.error().why.slug}},
                                                    {"detail", done.error().detail}});
            standing.failing = true;
            return;
        }
        if (standing.failing) log::info("the log is sealed again", {});
        standing = {done->unsealed, now().micros / domain::second_micros, false};
    }

    /// What is left of a lane's events waits for its thousand, or for the end of the second.
    void run() {
        using postgres::Batches;
        auto next_of_all = std::chrono::steady_clock::now() + look_every;
        while (true) {
            bool last = false;
            auto batches = Batches::all;
            {
                std::unique_lock lock{mutex};
                wake.wait_until(lock, next_of_all, [this] { return stopping || is_due(); });
                last = stopping;
                const auto woken = std::chrono::steady_clock::now();
                if (!last && woken < next_of_all) batches = Batches::whole;
                else next_of_all = woken + look_every;
                see(batches);
            }
            keep(sealing.round(now(), batches));
            if (last) return;
            if (batches == Batches::whole) std::this_thread::sleep_for(breath);
        }
    }
};

Sealer::Sealer(postgres::Database database, std::filesystem::path secrets)
    : body_{std::make_unique<Body>(std::move(database), secrets)} {
    body_->thread = std::thread{[body = body_.get()] {
        name_thread("cairn-seal");
        body->run();
    }};
}

Sealer::~Sealer() {
    {
        const std::lock_guard lock{body_->mutex};
        body_->stopping = true;
    }
    body_->wake.notify_one();
    body_->thread.join();
}

void Sealer::tell(int lane, std::int64_t position) {
    bool due = false;
    {
        const std::lock_guard lock{body_->mutex};
        auto& head = body_->heads[lane];
        head = std::max(head, position);
        due = body_->is_due();
    }
    if (due) body_->wake.notify_one();
}

SealerStanding Sealer::standing() const {
    const std::lock_guard lock{body_->mutex};
    return body_->standing;
}

}  // namespace runtime
