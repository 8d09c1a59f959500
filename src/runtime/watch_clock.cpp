#include "src/runtime/watch_clock.hpp"

#include "src/runtime/alert_watch.hpp"
#include "src/runtime/anomaly_watch.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/ticker.hpp"

#include <atomic>
#include <pqxx/pqxx>

namespace runtime {

struct WatchClock::Body {
    postgres::Database database;
    SystemCommands commands;
    std::chrono::seconds look_every;
    postgres::Reader reader{database};
    AnomalyWatch anomalies{};
    AlertWatch alerts{};
    std::atomic<bool> stopping{false};

    std::vector<TenantPulse> changed(pqxx::connection& connection) const {
        pqxx::nontransaction tx{connection};
        std::vector<TenantPulse> found;
        each_tenant(tx, now(), [&](const TenantPulse& pulse) {
            if (!anomalies.is_settled(pulse) || !alerts.is_settled(pulse)) found.push_back(pulse);
            return !stopping;
        });
        return found;
    }

    void look() {
        const auto connection = postgres::connect(database, postgres::As::projector);
        const auto ends = [this] { return stopping.load(); };
        for (const auto& pulse : changed(*connection)) {
            if (ends()) return;
            if (!anomalies.is_settled(pulse))
                anomalies.look(*connection, pulse, reader, commands, ends);
            if (!alerts.is_settled(pulse)) alerts.look(*connection, pulse, reader, commands, ends);
        }
    }

    Ticker ticker{"cairn-watch", look_every, [this] {
                      look();
                      return domain::Result<void>{};
                  }};
};

WatchClock::WatchClock(postgres::Database database, postgres::Appender& appender,
                       events::Keys& keys, std::chrono::seconds look_every)
    : body_{new Body{.database = std::move(database),
                     .commands = {appender, keys},
                     .look_every = look_every}} {}

WatchClock::~WatchClock() { body_->stopping = true; }

}  // namespace runtime
