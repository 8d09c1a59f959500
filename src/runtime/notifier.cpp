#include "src/runtime/notifier.hpp"

#include "projections/columns.hpp"
#include "projections/prepared.hpp"
#include "src/postgres/refusing.hpp"
#include "src/runtime/thread_name.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>

namespace runtime {
namespace {

constexpr std::chrono::milliseconds pause_between{5};

}  // namespace

struct Notifier::Body {
    postgres::Database database;
    std::mutex mutex;
    std::condition_variable wake;
    std::map<int, std::int64_t> heads;
    bool stopping = false;
    std::thread thread;

    void run() {
        std::unique_ptr<pqxx::connection> connection;
        while (true) {
            std::map<int, std::int64_t> sending;
            {
                std::unique_lock lock{mutex};
                wake.wait(lock, [this] { return stopping || !heads.empty(); });
                if (stopping) return;
                sending.swap(heads);
            }
            // A lost notification is no harm: every listener also polls.
            const auto sent = postgres::refusing([&]() -> domain::Result<void> {
                if (!connection) connection = postgres::connect(database, postgres::As::appender);
                pqxx::nontransaction tx{*connection};
                projections::Texts payloads;
                for (const auto& [lane, position] : sending)
                    payloads.push_back(std::to_string(lane) + ":" + std::to_string(position));
                tx.exec(projections::prepared(
                            tx, "notify",
                            "select pg_notify('cairn_log', told) from unnest($1::text[]) as told"),
                        projections::as_params(payloads));
                return {};
            });
            if (!sent) connection.reset();
            std::this_thread::sleep_for(pause_between);
        }
    }
};

Notifier::Notifier(postgres::Database database) : body_{std::make_unique<Body>()} {
    body_->database = std::move(database);
    body_->thread = std::thread{[body = body_.get()] {
        name_thread("cairn-notify");
        body->run();
    }};
}

Notifier::~Notifier() {
    {
        const std::lock_guard lock{body_->mutex};
        body_->stopping = true;
    }
    body_->wake.notify_one();
    body_->thread.join();
}

void Notifier::tell(int lane, std::int64_t position) {
    {
        const std::lock_guard lock{body_->mutex};
        auto& head = body_->heads[lane];
        head = std::max(head, position);
    }
    body_->wake.notify_one();
}

}  // namespace runtime
