#pragma once
#include "domain/base/decider.hpp"
#include "src/broker/jetstream.hpp"
#include "src/postgres/connect.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the program is told about its surroundings, and by whom: flags beat the environment, which
/// beats the file, which beats the defaults.
namespace runtime {

inline constexpr domain::Reason config_invalid{domain::Reason::Kind::invalid, "config-invalid",
                                               "The configuration is not valid"};

struct HttpConfig {
    std::string listen;        ///< host:port
    std::string admin_listen;  ///< host:port, for probes and metrics
    int threads{};
};
struct DatabaseConfig {
    std::string url;  ///< libpq connection string without a user; empty: the private cluster
};
struct AuthConfig {
    int token_seconds{};
};
struct AppenderConfig {
    int writers{};
};
struct AuditConfig {
    int access_days{};
};
struct ProjectorConfig {
    int threads{};
};
struct MetricsConfig {
    int pack_after_days{};
};
struct RelayConfig {
    std::string url;  ///< nats:// or tls://, several parted by commas; empty: nothing is relayed
    std::string stream;
    std::string credentials, tls_ca, tls_certificate, tls_key;  ///< files; empty: none
    int replicas{};
    int duplicates_seconds{};
    int in_flight_max{};
};
struct WebhooksConfig {
    std::string allowed_networks;  ///< a list of networks, or empty
};
struct LogConfig {
    std::string level;
};
struct ServeConfig {
    std::string roles;  ///< a list of api, projector and webhooks
    bool has(std::string_view role) const;
};
struct LimitsConfig {
    int body_bytes_max{};
    int connections_max{};
    int queue_max{};
};

/// Every value is set; origins says where each came from, by key: `default`, `flag --port`,
/// `env CAIRN_HTTP__LISTEN` or `file cairn.toml:3`.
struct Config {
    HttpConfig http;
    DatabaseConfig database;
    std::filesystem::path data_dir;     ///< absolute
    std::filesystem::path secrets_dir;  ///< absolute
    AuthConfig auth;
    AppenderConfig appender;
    ProjectorConfig projector;
    MetricsConfig metrics;
    AuditConfig audit;
    RelayConfig relay;
    ServeConfig serve;
    WebhooksConfig webhooks;
    LogConfig log;
    LimitsConfig limits;
    std::map<std::string, std::string, std::less<>> origins;
};

/// What only `cairn dev` is told.
struct DevOptions {
    std::filesystem::path data_dir;
    int port{};
    bool reset{};
    bool ephemeral{};
    std::string seed;  ///< demo or none
};

/// One key, for people.
struct Setting {
    std::string_view key;
    std::string_view fallback;  ///< as it would be written; a dependent one is described
    std::string_view allowed;
    std::string_view help;
};
std::span<const Setting> settings();
/// The present value of `key` as text; passwords in it are masked. Empty for an unknown key.
std::string value_text(const Config& config, std::string_view key);
/// CAIRN_HTTP__LISTEN for http.listen.
std::string environment_name(std::string_view key);

struct FlagValue {
    std::string key, value, flag;
};
using Environment = std::map<std::string, std::string, std::less<>>;

struct ConfigSources {
    std::optional<std::string> file;  ///< a path or `none`; empty: the usual places
    Environment environment;
    std::vector<FlagValue> flags;
};
/// The variables of this process.
Environment process_environment();
/// Reads and checks everything, and reports every fault at once.
domain::Result<Config> load_config(const ConfigSources& sources);

/// Where events are relayed to; without a URL, nowhere.
broker::Options relay_broker(const RelayConfig& config);

/// The database to serve from: without a URL, the private cluster's socket.
postgres::Database database_of(const Config& config);
/// The same database, for migrations.
postgres::Database admin_database_of(const Config& config);

/// The parts of a list divided by commas, without spaces around them; none of an empty text.
std::vector<std::string> parts_of(std::string_view list);

struct Address {
    std::string host;
    unsigned short port{};
};
/// `host:port`, `[::1]:port`; empty when it is neither.
std::optional<Address> address_from(std::string_view text);

/// The candidate that differs from `word` in the fewest letters, at most `distance_max` of them;
/// empty when none does.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates,
                         std::size_t distance_max);

}  // namespace runtime
