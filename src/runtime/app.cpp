#include "src/runtime/app.hpp"

#include "src/http/api.hpp"
#include "src/http/problem.hpp"
#include "src/postgres/key_ring.hpp"
#include "src/postgres/migrations.hpp"
#include "src/postgres/secret_check.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/health_clock.hpp"
#include "src/runtime/metric_clock.hpp"
#include "src/runtime/upkeep_clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/metrics.hpp"
#include "src/runtime/notifier.hpp"
#include "src/runtime/watch_clock.hpp"
#include "src/runtime/sealer.hpp"
#include "src/runtime/workers.hpp"
#include "src/security/token.hpp"

#include <atomic>

namespace runtime {
namespace {

http::Reply plain(int status, std::string body) {
    return {status, "text/plain; charset=utf-8", {}, std::move(body)};
}

}  // namespace

/// Members are in the order of dependence: what is used outlives who uses it.
struct App::Body {
    AppOptions options;
    security::Secrets secrets;
    security::Tokens tokens;
    Metrics metrics;
    postgres::KeyRing keys;
    std::atomic<bool> draining{false};
    /// The projector hears of commits before the worker is there.
    std::atomic<WebhookWorker*> heard_by{nullptr};
    std::unique_ptr<Notifier> notifier;
    std::unique_ptr<Feed> feed;
    std::unique_ptr<audit::Recorder> trail;
    std::unique_ptr<Projector> projector;
    std::unique_ptr<Sealer> sealer;
    std::unique_ptr<Relay> relay;
    std::unique_ptr<Workers> workers;
    std::unique_ptr<postgres::Appender> appender;
    std::unique_ptr<net::Courier> courier;
    std::unique_ptr<WebhookWorker> webhook_worker;
    std::unique_ptr<HealthClock> health_clock;
    std::unique_ptr<MetricClock> metric_clock;
    std::unique_ptr<WatchClock> watch_clock;
    std::unique_ptr<UpkeepClock> upkeep_clock;
    std::unique_ptr<http::Api> api;
    std::unique_ptr<http::Server> server;
    std::unique_ptr<http::Server> admin;

    Body(const AppOptions& given, security::Secrets loaded)
        : options{given},
          secrets{std::move(loaded)},
          tokens{secrets.signing_seed},
          keys{given.database, secrets.wrapping} {}

    void start();
    void register_metrics();
    void register_trail_metrics();
    void register_relay_metrics();
    void register_webhook_metrics();
    http::Reply admin_answer(const http::Request& request);
    http::Reply readiness();
};

void App::Body::start() {
    notifier = std::make_unique<Notifier>(options.database);
    trail = std::make_unique<audit::Recorder>(options.database, audit::seal_key_of(secrets),
                                              options.audit);
    auto projecting = options.projector;
    if (!options.run_projections) projecting.threads = 0;
    if (options.run_projections && !options.relay.broker.url.empty())
        relay = std::make_unique<Relay>(options.database, options.relay);
    feed = std::make_unique<Feed>(options.database, options.feed, http::frame_of(keys, secrets));
    // The projector hears of all commits, also of other processes, and tells who follows the log.
    projecting.on_head = [this](int lane, std::int64_t position) {
        feed->wake(lane, position);
        if (relay) relay->tell();
        if (auto* worker = heard_by.load()) worker->wake();
    };
    projector = std::make_unique<Projector>(options.database, projecting);
    if (options.run_projections)
        sealer = std::make_unique<Sealer>(options.database, options.secrets_directory);
    workers = std::make_unique<Workers>(options.database, options.worker_threads,
                                        options.worker_queue_max);
    appender = std::make_unique<postgres::Appender>(
        options.database, options.appender, [this](const postgres::Commit& commit) {
            const auto& [lane, position, categories] = commit;
            projector->wake(lane, position, categories);
            notifier->tell(lane, position);
            if (sealer) sealer->tell(lane, position);
        });
    courier = std::make_unique<net::Courier>(options.courier);
    if (options.send_webhooks)
        webhook_worker = std::make_unique<WebhookWorker>(options.database, *appender, keys, secrets,
                                                         *courier, options.webhooks);
    heard_by = webhook_worker.get();
    api = std::make_unique<http::Api>(
        http::Parts{*workers, *appender, *projector, *feed, keys, tokens, secrets, *trail, *courier,
                    options.token_seconds,
                    [this](auto route, auto method, int status, std::int64_t micros) {
                        metrics.request(route, method, status, micros);
                    },
                    [this](auto command, auto outcome) { metrics.command(command, outcome); },
                    options.api.limits.body_bytes_max});
    register_metrics();
    options.api.in_pieces = &http::takes_pieces;
    if (options.serve_api)
        server = std::make_unique<http::Server>(
            options.api,
            [this](http::Request request, http::Respond respond) {
                api->handle(std::move(request), std::move(respond));
            },
            http::problem_titled);
    admin = std::make_unique<http::Server>(
        options.admin,
        [this](http::Request request, http::Respond respond) { respond(admin_answer(request)); },
        http::problem_titled);
    if (options.run_projections) {
        const std::chrono::seconds every{options.clock_seconds};
        health_clock = std::make_unique<HealthClock>(options.database, *appender, keys, every);
        metric_clock = std::make_unique<MetricClock>(options.database, *appender, keys, every);
        watch_clock = std::make_unique<WatchClock>(options.database, *appender, keys, every);
        upkeep_clock =
            std::make_unique<UpkeepClock>(options.database, *appender, keys, options.upkeep);
    }
    admin->start();
    if (server) server->start();
}

void App::Body::register_metrics() {
    const auto count = [this](const char* name, const char* help, auto member) {
        metrics.counter(name, help, "", "", [this, member] {
            return static_cast<double>(appender->counters().*member);
        });
    };
    using Counters = postgres::AppenderCounters;
    count("cairn_append_batches_total", "Batches committed to the log.", &Counters::batches);
    count("cairn_append_commands_total", "Commands decided by the log.", &Counters::commands);
    count("cairn_events_appended_total", "Events appended.", &Counters::events);
    count("cairn_idempotent_replays_total", "Commands whose id was known.", &Counters::replays);
    count("cairn_append_conflicts_total", "Commands that lost a race.", &Counters::conflicts);
    count("cairn_db_retries_total", "Connections of writers made anew.", &Counters::reconnects);
    metrics.gauge("cairn_append_queue_commands", "Commands waiting for a writer.", "", "",
                  [this] { return static_cast<double>(appender->queued()); });
    metrics.gauge("cairn_http_connections", "Open connections.", "", "",
                  [this] { return server ? static_cast<double>(server->connections()) : 0; });
    metrics.gauge("cairn_http_requests_in_flight", "Requests not yet answered.", "", "",
                  [this] { return server ? static_cast<double>(server->in_flight()) : 0; });
    if (sealer) {
        metrics.gauge("cairn_seal_waiting_events", "Events that the last look found unsealed.", "",
                      "", [this] { return static_cast<double>(sealer->standing().waiting); });
        metrics.gauge("cairn_seal_last_round_timestamp_seconds",
                      "When the sealer last found or left nothing unsealed.", "", "",
                      [this] { return static_cast<double>(sealer->standing().caught_up_seconds); });
    }
    metrics.gauge("cairn_feed_followers", "Streams and long polls that follow the log.", "", "",
                  [this] { return static_cast<double>(feed->followers()); });
    register_trail_metrics();
    if (relay) register_relay_metrics();
    if (webhook_worker) register_webhook_metrics();
    const auto projections = projections::catalog();
    for (std::size_t i = 0; i < projections.size(); ++i) {
        const std::string name{projections[i].name};
        metrics.counter("cairn_projection_events_total", "Events read by a projection.",
                        "projection", name,
                        [this, i] { return static_cast<double>(projector->counters()[i].events); });
        metrics.gauge("cairn_projection_last_advance_timestamp_seconds",
                      "When the projection last moved.", "projection", name, [this, i] {
                          constexpr double micros_in_second = 1e6;
                          return static_cast<double>(projector->counters()[i].last_advance_micros) /
                                 micros_in_second;
                      });
    }
}

void App::Body::register_trail_metrics() {
    const auto count = [this](const char* name, const char* help, auto member) {
        metrics.counter(name, help, "", "",
                        [this, member] { return static_cast<double>(trail->counters().*member); });
    };
    using Counters = audit::RecorderCounters;
    count("cairn_audit_entries_total", "Entries added to the audit trail.", &Counters::written);
    count("cairn_audit_dropped_total", "Entries that were not taken.", &Counters::dropped);
    count("cairn_audit_withheld_total", "Answers refused because they could not be recorded.",
          &Counters::withheld);
    count("cairn_audit_retired_total", "Entries older than they are kept.", &Counters::retired);
    count("cairn_audit_write_failures_total", "Writes that failed, each tried again.",
          &Counters::failures);
    metrics.gauge("cairn_audit_broken_trails", "Tenants whose trail does not end as it was left.",
                  "", "", [this] { return static_cast<double>(trail->counters().broken); });
    metrics.gauge("cairn_audit_overdue_seconds",
                  "How long the oldest entry is kept beyond its time.", "", "",
                  [this] { return static_cast<double>(trail->counters().overdue_seconds); });
    metrics.gauge("cairn_audit_queue_entries", "Entries waiting to be written.", "", "",
                  [this] { return static_cast<double>(trail->queued()); });
}

void App::Body::register_relay_metrics() {
    metrics.gauge("cairn_relay_lag_events", "Events that the broker has not acknowledged.", "", "",
                  [this] { return static_cast<double>(relay->standing().lag_events); });
    metrics.counter("cairn_relay_published_total", "Events that the broker acknowledged.", "", "",
                    [this] { return static_cast<double>(relay->standing().published); });
    metrics.counter("cairn_relay_duplicates_total",
                    "Events acknowledged that the broker's stream held already.", "", "",
                    [this] { return static_cast<double>(relay->standing().duplicates); });
    metrics.gauge("cairn_relay_failing", "1 while events cannot be relayed.", "", "",
                  [this] { return relay->standing().failing ? 1.0 : 0.0; });
    metrics.gauge("cairn_relay_held_lanes",
                  "Lanes with an event that the broker refuses; the others go on.", "", "",
                  [this] { return static_cast<double>(relay->standing().held_lanes); });
}

void App::Body::register_webhook_metrics() {
    const auto count = [this](const char* outcome, auto member) {
        metrics.counter("cairn_webhook_deliveries_total",
                        "Attempts to deliver: delivered, failed and tried again, or dead letters.",
                        "outcome", outcome, [this, member] {
                            return static_cast<double>((webhook_worker->counters().*member).load());
                        });
    };
    count("delivered", &WebhookCounters::delivered);
    count("failed", &WebhookCounters::failed);
    count("dead", &WebhookCounters::dead);
    metrics.gauge("cairn_webhook_overdue_seconds",
                  "For how long the one delivery is due that waits longest for a worker.", "", "",
                  [this] { return webhook_worker->counters().overdue_seconds.load(); });
    metrics.gauge(
        "cairn_webhook_last_round_timestamp_seconds",
        "When the worker last ended a round; what it says besides is of then.", "", "",
        [this] { return static_cast<double>(webhook_worker->counters().last_round_seconds); });
}

http::Reply App::Body::readiness() {
    if (draining) return plain(503, "stopping\n");
    return projector->reaches_database() ? plain(200, "ok\n")
                                         : plain(503, "the database cannot be reached\n");
}

http::Reply App::Body::admin_answer(const http::Request& request) {
    if (request.path == "/livez") return plain(200, "ok\n");
    if (request.path == "/readyz" || request.path == "/startupz") return readiness();
    if (request.path == "/metrics")
        return {200, "text/plain; version=0.0.4; charset=utf-8", {}, metrics.scrape()};
    return plain(404, "not found\n");
}

App::App(std::unique_ptr<Body> body) : body_{std::move(body)} {}

domain::Result<std::unique_ptr<App>> App::start(const AppOptions& options) {
    auto secrets = security::load_secrets(options.secrets_directory);
    if (!secrets) return std::unexpected(std::move(secrets.error()));
    if (auto safe = postgres::check_safe_to_serve(options.database); !safe)
        return std::unexpected(std::move(safe.error()));
    if (auto same = postgres::check_secrets(options.database, *secrets); !same)
        return std::unexpected(std::move(same.error()));
    auto body = std::make_unique<Body>(options, *std::move(secrets));
    body->start();
    return std::unique_ptr<App>{new App{std::move(body)}};
}

App::~App() {
    drain(0);
    body_->health_clock.reset();
    body_->metric_clock.reset();
    body_->upkeep_clock.reset();
    if (body_->webhook_worker) body_->webhook_worker->stop();
    // Workers and appender call each other, and the projector's waiters call workers: all of them
    // stop, accepted commands going through, before any of them goes.
    body_->workers->stop();
    body_->courier->stop();
    body_->appender->stop();
    body_->projector.reset();
    body_->relay.reset();
    body_->sealer.reset();
    body_->feed.reset();
    body_->trail->stop();
    body_->notifier.reset();
}

unsigned short App::port() const { return body_->server ? body_->server->port() : 0; }
unsigned short App::admin_port() const { return body_->admin->port(); }

void App::drain(double seconds) {
    if (body_->draining.exchange(true)) return;
    if (body_->server) body_->server->drain(seconds);
    body_->admin->drain(0);
}

postgres::Appender& App::appender() { return *body_->appender; }
events::Keys& App::keys() { return body_->keys; }
const postgres::Database& App::database() const { return body_->options.database; }
commands::BlindIndex App::blind_index() const { return http::blind_index_of(body_->secrets); }
Projector& App::projector() { return *body_->projector; }

std::string App::token(domain::TenantId tenant, domain::UserId user, std::string_view role,
                       int seconds) const {
    return body_->tokens.issue(
        {tenant, user, domain::tenant::role_from(role).value_or(domain::tenant::Role::viewer)},
        now(), seconds);
}

}  // namespace runtime
