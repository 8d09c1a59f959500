#include "src/runtime/webhook_worker.hpp"

#include "commands/webhook.hpp"
#include "projections/event_view.hpp"
#include "src/postgres/event_store.hpp"
#include "src/postgres/webhooks.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/system_command.hpp"
#include "src/runtime/ticker.hpp"
#include "src/runtime/uuid.hpp"
#include "src/runtime/webhook_parcel.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <pqxx/pqxx>
#include <random>
#include <thread>

namespace runtime {
namespace {

constexpr std::int64_t micros_in_second = 1'000'000;
constexpr int gone_status = 410;
/// What gathers while one round runs goes together in the next.
constexpr std::chrono::milliseconds breath{10};
constexpr std::int64_t upkeep_every_micros = 600 * micros_in_second;
constexpr std::int64_t age_every_micros = 10 * micros_in_second;
constexpr int looks_max = 20;

bool names_a_time(int status) { return status == 429 || status == 503; }

/// An attempt that came back, and what it was.
struct Back {
    domain::TenantId tenant;
    domain::WebhookId webhook;
    std::int64_t position{};
    int attempts{};
    net::Returned returned;
};

}  // namespace

struct WebhookWorker::Body {
    postgres::Database database;
    SystemCommands commands;
    const security::Secrets& secrets;
    net::Courier& courier;
    WebhookOptions options;
    WebhookCounters counters{};
    domain::Uuid lease = uuid_v7();
    postgres::Reader reader{database};
    std::unique_ptr<pqxx::connection> connection{};
    std::minstd_rand random{std::random_device{}()};
    std::atomic<int> under_way{0};
    std::atomic<bool> has_webhooks{false};
    std::int64_t upkeep_micros{}, age_micros{};
    std::mutex mutex{};
    std::vector<Back> returned{};
    std::vector<Back> unnoted{};
    Ticker* ticker{};  ///< guarded by mutex; null while there is none to wake

    void give_back(Back back) {
        const std::lock_guard lock{mutex};
        returned.push_back(std::move(back));
        --under_way;
        if (ticker != nullptr) ticker->wake();
    }

    /// What came back, with what the database could not be told of before.
    void take_returned() {
        const std::lock_guard lock{mutex};
        std::ranges::move(returned, std::back_inserter(unnoted));
        returned.clear();
    }

    domain::Result<void> round(const std::shared_ptr<Body>& self) {
        if (!connection) connection = postgres::connect(database, postgres::As::projector);
        try {
            work(self);
        } catch (const pqxx::failure&) {
            connection.reset();
            throw;
        }
        std::this_thread::sleep_for(breath);
        return {};
    }

    void work(const std::shared_ptr<Body>& self) {
        pqxx::nontransaction tx{*connection};
        take_returned();
        note(tx, unnoted);
        unnoted.clear();
        has_webhooks = postgres::keep_webhook_books(tx) > 0;
        upkeep(tx);
        if (!has_webhooks) return;
        for (int looks = 0; looks < looks_max && postgres::queue_webhook_deliveries(tx); ++looks) {}
        send_due(self, tx);
    }

    void send_due(const std::shared_ptr<Body>& self, pqxx::transaction_base& tx) {
        const auto room = options.under_way_max - under_way;
        if (room <= 0) return;
        for (auto& delivery : postgres::lease_webhook_deliveries(tx, lease, options.lease_seconds,
                                                                 room, options.each_max))
            send(self, delivery);
    }

    void send(const std::shared_ptr<Body>& self, const postgres::WebhookDelivery& delivery) {
        ++under_way;
        const auto& event = delivery.event;
        Back back{event.tenant, delivery.to.webhook, event.position, delivery.attempts, {}};
        auto json = projections::cloud_event_withheld(event);
        if (!json) {
            back.returned.failure = json.error().why.slug;
            return give_back(std::move(back));
        }
        auto parcel = webhook_parcel(secrets, delivery.to, domain::to_text(event.id), now(),
                                     *std::move(json));
        const bool taken = courier.send(std::move(parcel), [self, back](net::Returned got) mutable {
            back.returned = std::move(got);
            self->give_back(std::move(back));
        });
        // A courier that is full is no fault of the receiver: its lease ends, and it comes again.
        if (!taken) --under_way;
    }

    std::optional<std::int64_t> pause_micros(const Back& back) {
        const auto asked =
            names_a_time(back.returned.status) ? back.returned.retry_after_seconds : std::nullopt;
        const double jitter = std::uniform_real_distribution<double>{0, 1}(random);
        const auto pause = domain::webhook::pause_after(back.attempts + 1, asked, jitter);
        if (!pause) return std::nullopt;
        return static_cast<std::int64_t>(*pause * options.pause_factor * micros_in_second);
    }

    void note(pqxx::transaction_base& tx, const std::vector<Back>& backs) {
        std::vector<postgres::WebhookAttempt> attempts;
        for (const auto& back : backs) {
            // What we stopped ourselves says nothing about the receiver.
            if (back.returned.failure == "stopped") continue;
            attempts.push_back({back.tenant, back.webhook, back.position, back.returned.delivered(),
                                back.returned.status, back.returned.failure, back.returned.excerpt,
                                back.returned.micros,
                                back.returned.delivered() ? std::nullopt : pause_micros(back)});
        }
        if (attempts.empty()) return;
        const auto failing =
            postgres::note_webhook_attempts(tx, lease, attempts, options.failing_seconds);
        for (const auto& one : failing)
            disable(one.tenant, one.webhook, domain::webhook::Cause::failing);
        for (const auto& attempt : attempts) {
            count(attempt);
            if (attempt.status == gone_status)
                disable(attempt.tenant, attempt.webhook, domain::webhook::Cause::gone);
        }
    }

    void count(const postgres::WebhookAttempt& attempt) {
        if (attempt.delivered) ++counters.delivered;
        else if (attempt.pause_micros) ++counters.failed;
        else ++counters.dead;
    }

    void disable(domain::TenantId tenant, domain::WebhookId webhook, domain::webhook::Cause cause) {
        const auto request = commands.request(tenant, {});
        commands.submit(tenant, commands::webhook::disable_for(reader, commands.keys(), request,
                                                               webhook, cause));
    }

    void upkeep(pqxx::transaction_base& tx) {
        const auto micros = steady_micros();
        if (micros >= upkeep_micros) {
            postgres::retire_webhook_deliveries(tx, options.keep_days);
            upkeep_micros = micros + upkeep_every_micros;
        }
        if (micros >= age_micros) {
            counters.oldest_pending_seconds = postgres::oldest_webhook_delivery_seconds(tx);
            age_micros = micros + age_every_micros;
        }
    }
};

WebhookWorker::WebhookWorker(postgres::Database database, postgres::Appender& appender,
                             events::Keys& keys, const security::Secrets& secrets,
                             net::Courier& courier, WebhookOptions options)
    : body_{new Body{.database = std::move(database),
                     .commands = {appender, keys},
                     .secrets = secrets,
                     .courier = courier,
                     .options = options}} {
    ticker_ = std::make_unique<Ticker>("cairn-webhooks", options.look_every,
                                       [body = body_] { return body->round(body); });
    const std::lock_guard lock{body_->mutex};
    body_->ticker = ticker_.get();
}

WebhookWorker::~WebhookWorker() { stop(); }

void WebhookWorker::stop() {
    {
        const std::lock_guard lock{body_->mutex};
        body_->ticker = nullptr;
    }
    ticker_.reset();
}

void WebhookWorker::wake() {
    if (!body_->has_webhooks) return;
    const std::lock_guard lock{body_->mutex};
    if (body_->ticker != nullptr) body_->ticker->wake();
}

const WebhookCounters& WebhookWorker::counters() const { return body_->counters; }

}  // namespace runtime
