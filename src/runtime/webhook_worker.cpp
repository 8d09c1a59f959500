#include "src/runtime/webhook_worker.hpp"

#include "commands/webhook.hpp"
#include "projections/event_view.hpp"
#include "src/postgres/event_store.hpp"
#include "src/postgres/refusing.hpp"
#include "src/postgres/webhooks.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/system_command.hpp"
#include "src/runtime/ticker.hpp"
#include "src/runtime/uuid.hpp"
#include "src/runtime/webhook_parcel.hpp"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <pqxx/pqxx>
#include <random>
#include <thread>

namespace runtime {
namespace {

constexpr int gone_status = 410;
/// What gathers while one round runs goes together in the next.
constexpr std::chrono::milliseconds breath{10};
constexpr std::int64_t upkeep_every_micros = 600 * domain::second_micros;
constexpr std::int64_t overdue_every_micros = 10 * domain::second_micros;
constexpr std::int64_t books_every_micros = domain::second_micros / 4;
constexpr int looks_max = 20;
/// Portions of old or deleted deliveries that one round deletes.
constexpr int portions_max = 5;
/// When the courier had no room for one, others come first.
constexpr int refused_pause_seconds = 1;
constexpr std::size_t disablings_max = 1000;

bool names_a_time(int status) { return status == 429 || status == 503; }

/// An attempt that came back, and what it was.
struct Back {
    domain::TenantId tenant;
    domain::WebhookId webhook;
    std::int64_t position{};
    int attempts{};
    std::string url;
    net::Returned returned;
};

/// A webhook that is to be disabled, as long as it has the address where it failed.
struct Disabling {
    domain::TenantId tenant;
    domain::WebhookId webhook;
    domain::webhook::Cause cause{};
    std::string url;
};

domain::Result<std::string> body_of(const postgres::WebhookDelivery& delivery,
                                    std::size_t bytes_max) {
    if (delivery.too_large) return projections::cloud_event_reference(delivery.event);
    auto json = projections::cloud_event_withheld(delivery.event);
    if (json && json->size() > bytes_max) json = projections::cloud_event_reference(delivery.event);
    return json;
}

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
    std::atomic<bool> has_webhooks{false};
    std::int64_t upkeep_micros{}, overdue_micros{}, books_micros{};
    std::int64_t board_position = -1;  ///< when books were last compared with it
    bool drops_books = false;          ///< more of deleted webhooks is left
    postgres::WebhookPlace place{};
    std::vector<Disabling> disablings{};
    std::mutex mutex{};
    std::condition_variable came_back{};
    int under_way = 0;  ///< guarded by mutex
    std::vector<Back> returned{};
    std::vector<Back> unnoted{};
    Ticker* ticker{};  ///< guarded by mutex; null while there is none to wake

    void give_back(Back back) {
        const std::lock_guard lock{mutex};
        returned.push_back(std::move(back));
        --under_way;
        if (ticker != nullptr) ticker->wake();
        came_back.notify_all();
    }

    /// What came back, with what the database could not be told of before.
    void take_returned() {
        const std::lock_guard lock{mutex};
        std::ranges::move(returned, std::back_inserter(unnoted));
        returned.clear();
    }

    int room() {
        const std::lock_guard lock{mutex};
        return options.under_way_max - under_way;
    }

    domain::Result<void> round(const std::shared_ptr<Body>& self) {
        with_connection([&](pqxx::transaction_base& tx) { work(self, tx); });
        counters.last_round_seconds = now().micros / domain::second_micros;
        std::this_thread::sleep_for(breath);
        return {};
    }

    /// Of what a crash of the database takes back, places and queued deliveries go together, and a
    /// lease or an outcome that is lost repeats an attempt under the same id: no commit here has to
    /// wait for the disk.
    void with_connection(const std::function<void(pqxx::transaction_base&)>& job) {
        if (!connection) {
            connection = postgres::connect(database, postgres::As::projector);
            pqxx::nontransaction{*connection}.exec("set synchronous_commit = off");
        }
        try {
            pqxx::nontransaction tx{*connection};
            job(tx);
        } catch (const pqxx::failure&) {
            connection.reset();
            throw;
        }
    }

    void note_returned(pqxx::transaction_base& tx) {
        take_returned();
        note(tx, unnoted);
        unnoted.clear();
    }

    void work(const std::shared_ptr<Body>& self, pqxx::transaction_base& tx) {
        note_returned(tx);
        disable_all();
        keep_books(tx);
        upkeep(tx);
        if (!has_webhooks) return;
        for (int looks = 0; looks < looks_max && postgres::queue_webhook_deliveries(tx); ++looks) {}
        send_due(self, tx);
    }

    void keep_books(pqxx::transaction_base& tx) {
        const auto micros = steady_micros();
        if (micros >= books_micros) {
            books_micros = micros + books_every_micros;
            const auto position = postgres::webhook_board_position(tx);
            if (position != board_position) {
                drops_books = true;
                has_webhooks = postgres::open_webhook_books(tx) > 0;
                board_position = position;
            }
        }
        for (int i = 0; drops_books && i < portions_max; ++i)
            drops_books = postgres::drop_webhook_books(tx);
    }

    void send_due(const std::shared_ptr<Body>& self, pqxx::transaction_base& tx) {
        std::vector<postgres::WebhookLeased> refused;
        for (int looks = 0; looks < looks_max; ++looks) {
            const auto free = room();
            if (free <= 0 || !refused.empty()) break;
            const auto leased = postgres::lease_webhook_deliveries(
                tx,
                {lease, options.lease_seconds, free, options.each_max, options.tenant_max,
                 options.body_bytes_max},
                place);
            for (const auto& delivery : leased)
                if (!send(self, delivery))
                    refused.push_back(
                        {delivery.event.tenant, delivery.to.webhook, delivery.event.position});
            if (place == postgres::WebhookPlace{}) break;
        }
        if (!refused.empty())
            postgres::release_webhook_deliveries(tx, lease, refused, refused_pause_seconds);
    }

    void leave() {
        const std::lock_guard lock{mutex};
        ++under_way;
    }

    /// False when the courier has no room, which is no fault of the receiver.
    bool send(const std::shared_ptr<Body>& self, const postgres::WebhookDelivery& delivery) {
        const auto& event = delivery.event;
        Back back{event.tenant,      delivery.to.webhook, event.position,
                  delivery.attempts, delivery.to.url,     {}};
        leave();
        auto json = body_of(delivery, static_cast<std::size_t>(options.body_bytes_max));
        if (!json) {
            back.returned.failure = json.error().why.slug;
            give_back(std::move(back));
            return true;
        }
        auto parcel = webhook_parcel(secrets, delivery.to, domain::to_text(event.id), now(),
                                     *std::move(json));
        const auto taken = courier.send(std::move(parcel), [self, back](net::Returned got) mutable {
            back.returned = std::move(got);
            self->give_back(std::move(back));
        });
        if (taken == net::Courier::Taken::yes) return true;
        const std::lock_guard lock{mutex};
        --under_way;
        return false;
    }

    std::optional<std::int64_t> pause_micros(const Back& back) {
        const auto asked =
            names_a_time(back.returned.status) ? back.returned.retry_after_seconds : std::nullopt;
        const double jitter = std::uniform_real_distribution<double>{0, 1}(random);
        const auto pause = domain::webhook::pause_after(back.attempts + 1, asked, jitter);
        if (!pause) return std::nullopt;
        return static_cast<std::int64_t>(*pause * options.pause_factor * domain::second_micros);
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
        for (const auto& attempt : attempts) count(attempt);
        for (const auto& back : backs) judge(back, failing);
    }

    void judge(const Back& back, const std::vector<postgres::FailingWebhook>& failing) {
        using domain::webhook::Cause;
        const bool fails = std::ranges::any_of(failing, [&](const auto& one) {
            return one.tenant == back.tenant && one.webhook == back.webhook;
        });
        const bool is_gone = back.returned.status == gone_status;
        if (!fails && !is_gone) return;
        const bool known = std::ranges::any_of(disablings, [&](const Disabling& one) {
            return one.webhook == back.webhook && one.url == back.url;
        });
        if (known || disablings.size() >= disablings_max) return;
        disablings.push_back(
            {back.tenant, back.webhook, is_gone ? Cause::gone : Cause::failing, back.url});
    }

    void count(const postgres::WebhookAttempt& attempt) {
        if (attempt.delivered) ++counters.delivered;
        else if (attempt.pause_micros) ++counters.failed;
        else ++counters.dead;
    }

    /// What cannot be appended now is tried again in the next round.
    void disable_all() {
        std::erase_if(disablings, [this](const Disabling& one) { return disabled(one); });
    }

    bool disabled(const Disabling& one) {
        auto proposal = commands::webhook::disable_for(reader, commands.keys(),
                                                       commands.request(one.tenant, {}),
                                                       one.webhook, one.cause, one.url);
        const bool is_deleted =
            !proposal && proposal.error().why.kind == domain::Reason::Kind::missing;
        return is_deleted || commands.submit(one.tenant, std::move(proposal));
    }

    void upkeep(pqxx::transaction_base& tx) {
        const auto micros = steady_micros();
        if (micros >= upkeep_micros) {
            bool more = true;
            for (int i = 0; more && i < portions_max; ++i)
                more = postgres::retire_webhook_deliveries(tx, options.keep_days);
            if (!more) upkeep_micros = micros + upkeep_every_micros;
        }
        if (micros >= overdue_micros) {
            counters.overdue_seconds = postgres::webhook_overdue_seconds(tx);
            overdue_micros = micros + overdue_every_micros;
        }
    }

    /// After the last round, on the thread of whoever stops us.
    void finish() {
        {
            std::unique_lock lock{mutex};
            came_back.wait_for(lock, std::chrono::seconds{options.stop_seconds},
                               [this] { return under_way == 0; });
        }
        const auto done = postgres::refusing([this]() -> domain::Result<void> {
            with_connection([this](pqxx::transaction_base& tx) {
                note_returned(tx);
                disable_all();
                postgres::release_webhook_lease(tx, lease);
            });
            return {};
        });
        // Their leases end by themselves; they are sent again.
        if (!done)
            log::warn("attempts at webhooks were not noted",
                      {{"code", std::string{done.error().why.slug}}});
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
    if (!ticker_) return;
    {
        const std::lock_guard lock{body_->mutex};
        body_->ticker = nullptr;
    }
    ticker_.reset();
    body_->finish();
}

void WebhookWorker::wake() {
    if (!body_->has_webhooks) return;
    const std::lock_guard lock{body_->mutex};
    if (body_->ticker != nullptr) body_->ticker->wake();
}

const WebhookCounters& WebhookWorker::counters() const { return body_->counters; }

}  // namespace runtime
