#include "src/runtime/watch_clock.hpp"

#include "src/postgres/refusing.hpp"
#include "src/runtime/alert_watch.hpp"
#include "src/runtime/anomaly_watch.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/thread_name.hpp"

#include <condition_variable>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>

namespace runtime {

struct WatchClock::Body {
    postgres::Database database;
    SystemCommands commands;
    std::chrono::seconds look_every;
    AlertWatch alerts;
    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    std::thread thread;

    void look(postgres::Reader& reader) {
        const auto connection = postgres::connect(database, postgres::As::projector);
        const auto ends = [this] {
            const std::lock_guard lock{mutex};
            return stopping;
        };
        look_for_anomalies(*connection, reader, commands, ends);
        alerts.look(*connection, reader, commands, ends);
    }

    void run() {
        postgres::Reader reader{database};
        while (true) {
            const auto looked = postgres::refusing([&]() -> domain::Result<void> {
                look(reader);
                return {};
            });
            if (!looked)
                log::warn("watch clock failed", {{"code", std::string{looked.error().why.slug}}});
            std::unique_lock lock{mutex};
            if (wake.wait_for(lock, look_every, [this] { return stopping; })) return;
        }
    }
};

WatchClock::WatchClock(postgres::Database database, postgres::Appender& appender,
                       events::Keys& keys, std::chrono::seconds look_every)
    : body_{new Body{.database = std::move(database),
                     .commands = {appender, keys},
                     .look_every = look_every}} {
    body_->thread = std::thread{[body = body_.get()] {
        name_thread("cairn-watch");
        body->run();
    }};
}

WatchClock::~WatchClock() {
    {
        const std::lock_guard lock{body_->mutex};
        body_->stopping = true;
    }
    body_->wake.notify_one();
    body_->thread.join();
}

}  // namespace runtime
