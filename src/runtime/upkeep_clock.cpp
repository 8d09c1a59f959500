#include "src/runtime/upkeep_clock.hpp"

#include "src/postgres/refusing.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/metric_upkeep.hpp"
#include "src/runtime/thread_name.hpp"

#include <atomic>
#include <pqxx/pqxx>
#include <thread>

namespace runtime {
namespace {

/// How long stopping may wait for us.
constexpr int listen_micros = 200'000;
constexpr std::chrono::seconds back_off{5};
constexpr std::int64_t leader_key = 0x636169726e75706b;  ///< "cairnupk"

}  // namespace

struct UpkeepClock::Body {
    postgres::Database database;
    postgres::Appender& appender;
    events::Keys& keys;
    UpkeepOptions options;
    std::atomic<bool> stopping{false};
    std::chrono::steady_clock::time_point next{std::chrono::steady_clock::now() +
                                               options.first_after};
    std::thread thread;

    bool goes_on() const { return !stopping; }

    void tend() {
        const auto present = now();
        const auto trimmed = trim_histories(database, appender, keys, present,
                                            [this](auto, auto) { return goes_on(); });
        if (!trimmed)
            log::warn("histories not trimmed", {{"code", std::string{trimmed.error().why.slug}}});
        const domain::Instant before{present.micros -
                                     std::chrono::microseconds{options.pack_after}.count()};
        const auto packed =
            pack_cold_points(database, before, [this](auto, auto) { return goes_on(); });
        if (!packed)
            log::warn("points not packed", {{"code", std::string{packed.error().why.slug}}});
        const auto chunks = packed ? packed->chunks : std::nullopt;
        log::info("upkeep of metrics",
                  {{"trimmed_tenants", std::to_string(trimmed.value_or(0))},
                   {"packed_points", std::to_string(packed.value_or(Packed{}).points)},
                   {"dropped_chunks", chunks ? std::to_string(*chunks) : "none, see above"}});
    }

    /// The lock is the session's: it goes with the process, however that ends.
    void tend_alone(pqxx::connection& connection) {
        pqxx::nontransaction tx{connection};
        const pqxx::params key{leader_key};
        if (!tx.query_value<bool>("select pg_try_advisory_lock($1)", key)) return;
        tend();
        tx.query_value<bool>("select pg_advisory_unlock($1)", key);
    }

    void watch() {
        auto connection = postgres::connect(database, postgres::As::projector);
        bool woken = false;
        connection->listen("cairn_upkeep", [&](const pqxx::notification&) { woken = true; });
        while (!stopping) {
            connection->await_notification(0, listen_micros);
            if (!woken && std::chrono::steady_clock::now() < next) continue;
            woken = false;
            next = std::chrono::steady_clock::now() + options.every;
            tend_alone(*connection);
        }
    }

    void run() {
        while (!stopping) {
            const auto watched = postgres::refusing([&]() -> domain::Result<void> {
                watch();
                return {};
            });
            if (watched) return;
            log::warn("upkeep waits", {{"code", std::string{watched.error().why.slug}}});
            const auto until = std::chrono::steady_clock::now() + back_off;
            while (!stopping && std::chrono::steady_clock::now() < until)
                std::this_thread::sleep_for(std::chrono::microseconds{listen_micros});
        }
    }
};

UpkeepClock::UpkeepClock(postgres::Database database, postgres::Appender& appender,
                         events::Keys& keys, UpkeepOptions options)
    : body_{new Body{.database = std::move(database),
                     .appender = appender,
                     .keys = keys,
                     .options = options}} {
    body_->thread = std::thread{[body = body_.get()] {
        name_thread("cairn-upkeep");
        body->run();
    }};
}

UpkeepClock::~UpkeepClock() {
    body_->stopping = true;
    body_->thread.join();
}

}  // namespace runtime
