#pragma once
#include "commands/request.hpp"
#include "src/audit/recorder.hpp"
#include "src/http/server.hpp"
#include "src/postgres/appender.hpp"
#include "src/postgres/connect.hpp"
#include "src/runtime/feed.hpp"
#include "src/runtime/projector.hpp"
#include "src/runtime/relay.hpp"
#include "src/runtime/upkeep_clock.hpp"
#include "src/runtime/webhook_worker.hpp"
#include "src/security/secrets.hpp"

#include <filesystem>

/// The running server: everything wired together once.
namespace runtime {

struct AppOptions {
    postgres::Database database;
    std::filesystem::path secrets_directory;
    http::Options api;
    http::Options admin;
    postgres::AppenderOptions appender;
    ProjectorOptions projector;
    FeedOptions feed;
    audit::RecorderOptions audit;
    int worker_threads = 4;
    std::size_t worker_queue_max = 4096;
    int token_seconds = 43'200;
    int clock_seconds = 30;  ///< how often goals are asked for what only time has changed
    UpkeepOptions upkeep;
    RelayOptions relay;  ///< runs where the projections do
    net::CourierOptions courier;
    WebhookOptions webhooks;
    bool send_webhooks = true;    ///< false: other processes do
    bool run_projections = true;  ///< false: other processes do, this one only follows
    bool serve_api = true;        ///< false: only the admin listener
};

class App {
public:
    /// Checks the database, loads the secrets, starts everything. Refuses what is unsafe.
    static domain::Result<std::unique_ptr<App>> start(const AppOptions& options);
    /// Answers what is in flight, appends what is queued, projects it, and stops.
    ~App();

    /// 0 without the API.
    unsigned short port() const;
    unsigned short admin_port() const;
    /// From now on readiness fails, requests in flight finish, no new ones are taken.
    void drain(double seconds);

    postgres::Appender& appender();
    events::Keys& keys();
    const postgres::Database& database() const;
    commands::BlindIndex blind_index() const;
    Projector& projector();
    /// An access token as the server itself would issue it.
    std::string token(domain::TenantId tenant, domain::UserId user, std::string_view role,
                      int seconds) const;

private:
    struct Body;
    explicit App(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
