#include "src/runtime/serve.hpp"

#include "projections/projection.hpp"
#include "src/postgres/cluster.hpp"
#include "src/postgres/migrations.hpp"
#include "src/runtime/app.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/demo.hpp"
#include "src/runtime/demo_business.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/privileges.hpp"
#include "src/runtime/replay.hpp"

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runtime {
namespace {

constexpr int exit_ok = 0;
constexpr int exit_usage = 2;
constexpr int exit_conflict = 6;
constexpr int exit_unavailable = 7;
constexpr double drain_seconds = 25;
constexpr int dev_token_seconds = 30 * 86'400;

int report(const domain::Refusal& refusal) {
    std::fprintf(stderr, "cairn: %s%s%s\n", std::string{refusal.why.title}.c_str(),
                 refusal.detail.empty() ? "" : ": ", refusal.detail.c_str());
    return refusal.why.kind == domain::Reason::Kind::conflict ? exit_conflict : exit_unavailable;
}

/// Blocks the signals that stop us in this and all later threads, so that one place waits.
sigset_t block_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return signals;
}

/// `each_second` runs between the looks.
void wait_for_signal(const sigset_t& signals, const std::function<void()>& each_second = [] {}) {
    constexpr timespec second{1, 0};
    int signal = -1;
    while ((signal = sigtimedwait(&signals, nullptr, &second)) < 0) each_second();
    log::info("stopping", {{"signal", std::to_string(signal)}});
    // From here on a second signal ends the program as signals do.
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

std::optional<AppOptions> options_from(const Config& config) {
    const auto api = address_from(config.http.listen);
    const auto admin = address_from(config.http.admin_listen);
    if (!api || !admin) return std::nullopt;
    AppOptions options;
    options.database = database_of(config);
    options.secrets_directory = config.secrets_dir;
    options.api = {.address = api->host, .port = api->port, .threads = config.http.threads};
    options.api.limits.body_bytes_max = static_cast<std::size_t>(config.limits.body_bytes_max);
    options.api.limits.connections_max = static_cast<std::size_t>(config.limits.connections_max);
    options.admin = {.address = admin->host, .port = admin->port, .threads = 1};
    options.appender.writers = config.appender.writers;
    options.appender.queue_max = static_cast<std::size_t>(config.limits.queue_max);
    options.projector.threads = config.projector.threads;
    options.upkeep.pack_after = std::chrono::days{config.metrics.pack_after_days};
    options.audit.access_days = config.audit.access_days;
    options.relay.broker = relay_broker(config.relay);
    options.token_seconds = config.auth.token_seconds;
    options.run_projections = config.serve.has("projector");
    options.serve_api = config.serve.has("api");
    options.send_webhooks = config.serve.has("webhooks");
    options.courier.rules = net::Rules{parts_of(config.webhooks.allowed_networks)};
    return options;
}

/// One program at a time in one data directory; the lock goes with the process.
bool lock_directory(const std::filesystem::path& directory) {
    const auto file = directory / "lock";
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0;
}

void print_welcome(const App& app, const DemoTenant& demo, const std::string& token_file) {
    const auto url = "http://127.0.0.1:" + std::to_string(app.port());
    const auto token = app.token(demo.tenant, demo.owner, "owner", dev_token_seconds);
    if (auto* file = std::fopen(token_file.c_str(), "w")) {
        ::fchmod(::fileno(file), 0600);
        std::fprintf(file, "%s\n", token.c_str());
        std::fclose(file);
    }
    std::printf("\nAPI      %s/v1/goals\n", url.c_str());
    std::printf("OpenAPI  %s/openapi.json\n", url.c_str());
    std::printf("Health   http://127.0.0.1:%u/readyz and /metrics\n", app.admin_port());
    std::printf("Token    %s\n         (also in %s; for 30 days)\n\n", token.c_str(),
                token_file.c_str());
    std::printf("Try it:\n  curl -sS '%s/v1/goals?limit=3' -H 'Authorization: Bearer %s'\n\n",
                url.c_str(), token.c_str());
    std::printf("Ctrl-C stops the server and its PostgreSQL; the data stays.\n");
    std::fflush(stdout);
}

}  // namespace

int serve(const Config& config) {
    const auto signals = block_signals();
    log::set_level(config.log.level);
    const auto options = options_from(config);
    if (!options) {
        std::fprintf(stderr, "cairn: http.listen and http.admin_listen must be host:port\n");
        return exit_usage;
    }
    if (auto same = postgres::migration_verify(admin_database_of(config)); !same)
        return report(same.error());
    auto app = App::start(*options);
    if (!app) return report(app.error());
    log::info("serving", {{"port", std::to_string((*app)->port())},
                          {"admin_port", std::to_string((*app)->admin_port())}});
    wait_for_signal(signals);
    (*app)->drain(drain_seconds);
    return exit_ok;
}

namespace {

/// Lets the first question see what was loaded; after a minute it goes on as it is.
void wait_for_projections(App& app) {
    constexpr std::int64_t wait_micros_max = 60'000'000;
    const auto until = steady_micros() + wait_micros_max;
    const auto connection = postgres::connect(app.database(), postgres::As::projector);
    for (const auto& [lane, position] : heads(*connection)) {
        for (const auto& projection : projections::catalog()) {
            const auto left = static_cast<int>((until - steady_micros()) / 1000);
            if (left <= 0) return;
            app.projector().wait_for(projection.name, lane, position, left);
        }
    }
}

}  // namespace

int dev(const Config& given, const DevOptions& options) {
    const auto signals = block_signals();
    auto config = given;
    log::set_level(config.log.level == "info" ? "warn" : config.log.level);
    const auto directory = std::filesystem::absolute(options.data_dir);
    std::filesystem::create_directories(directory);
    if (!lock_directory(directory)) {
        std::fprintf(stderr, "cairn: another cairn dev uses %s\n", directory.c_str());
        return exit_conflict;
    }
    if (options.reset) {
        for (const auto* part : {"pg", "secrets", "socket", "postgres.log", "token"})
            std::filesystem::remove_all(directory / part);
    }
    const std::filesystem::path owned[]{directory};
    if (auto given_up = give_up_root(owned); !given_up) return report(given_up.error());
    std::printf("PostgreSQL 17, private, in %s\n", directory.c_str());
    std::fflush(stdout);
    auto cluster = postgres::Cluster::start({directory, true});
    if (!cluster) return report(cluster.error());
    const auto migrated =
        postgres::migrate_up((*cluster)->admin_database(), [](const std::string& line) {
            std::printf("%s\n", line.c_str());
            std::fflush(stdout);
        });
    if (!migrated) return report(migrated.error());
    config.database.url = (*cluster)->database().url;
    config.data_dir = directory;
    config.secrets_dir = directory / "secrets";
    // A developer's receiver is on the same machine.
    if (config.webhooks.allowed_networks.empty())
        config.webhooks.allowed_networks = "127.0.0.0/8,::1";
    auto app_options = options_from(config);
    if (!app_options) return exit_usage;
    if (options.port > 0) app_options->api.port = static_cast<unsigned short>(options.port);
    auto app = App::start(*app_options);
    if (!app) return report(app.error());
    std::optional<DemoTenant> demo;
    if (options.seed != "none") {
        std::printf("the demo: two years of a restaurant and a shop\n");
        std::fflush(stdout);
        auto loaded = load_demo(**app);
        if (!loaded) return report(loaded.error());
        wait_for_projections(**app);
        demo = *loaded;
        std::ofstream{directory / "demo-truth.json"}
            << demo::truth_json(demo::make_business(demo::golden_seed)) << "\n";
        print_welcome(**app, *demo, (directory / "token").string());
    } else {
        std::printf("\nAPI      http://127.0.0.1:%u/v1/tenants takes the first registration\n",
                    (*app)->port());
        std::fflush(stdout);
    }
    wait_for_signal(signals, [&] {
        if ((*cluster)->revive()) log::warn("the private PostgreSQL died and was started again");
    });
    (*app)->drain(drain_seconds);
    app->reset();
    return exit_ok;
}

}  // namespace runtime
