#include "src/runtime/config.hpp"

#include "src/net/address.hpp"
#include "src/runtime/masked.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <toml++/toml.hpp>
#include <unistd.h>
#include <utility>
#include <variant>

namespace runtime {
namespace {

using Path = std::filesystem::path;
using Slot = std::variant<std::string*, int*, Path*>;
enum class Kind { text, word, servers, address, number, choice, choices, networks, path };

/// How a setting is checked and where it is kept; in the order of settings().
struct Rule {
    Kind kind;
    int min, max;
    Slot (*slot)(Config&);
};

constexpr Setting all_settings[]{
    {"http.listen", "127.0.0.1:8080", "host:port", "Where clients connect."},
    {"http.admin_listen", "127.0.0.1:8081", "host:port",
     "Where probes and metrics are; keep it private."},
    {"http.threads", "1", "1 to 64", "I/O threads; one is plenty for two cores."},
    {"database.url", "", "a libpq connection string without a user",
     "The database; empty means the private cluster in data_dir."},
    {"data_dir", "$XDG_STATE_HOME/cairn", "a directory",
     "Where the private cluster and the secrets are kept."},
    {"secrets_dir", "data_dir/secrets", "a directory",
     "Where the keys are kept that must never be in the database."},
    {"auth.token_seconds", "43200", "60 to 31536000", "How long an access token is good."},
    {"appender.writers", "2", "1 to 32", "Connections that append to the log."},
    {"projector.threads", "2", "1 to 32", "Projections that run at the same time."},
    {"metrics.pack_after_days", "91", "7 to 36500",
     "How old points of metrics are packed, to a small part of their size."},
    {"audit.access_days", "180", "1 to 36500",
     "How many days the audit trail keeps who read, did or was refused what."},
    {"relay.url", "", "nats://host:port or tls://host:port, several parted by commas",
     "The NATS server with JetStream that gets every event; empty means none does."},
    {"relay.stream", "CAIRN", "letters, digits, - and _",
     "Its stream; made when it is missing, and never changed."},
    {"relay.credentials", "", "a file", "The credentials to connect with, as nsc makes them."},
    {"relay.tls_ca", "", "a PEM file", "Whose certificates are trusted, besides the system's."},
    {"relay.tls_certificate", "", "a PEM file", "The certificate to connect with."},
    {"relay.tls_key", "", "a PEM file", "The key of relay.tls_certificate."},
    {"relay.replicas", "1", "1 to 5", "How many servers keep a stream that is made."},
    {"relay.duplicates_seconds", "120", "1 to 86400",
     "How long a stream that is made knows the ids of its messages."},
    {"relay.in_flight_max", "1000", "1 to 10000", "Messages sent and not yet acknowledged."},
    {"serve.roles", "api,projector,webhooks", "a list of api, projector and webhooks",
     "What this process does: answer requests, keep read models up, send webhooks."},
    {"webhooks.allowed_networks", "", "a list of networks such as 10.1.0.0/16",
     "Where webhooks may go besides https to public addresses; cairn dev allows loopback."},
    {"log.level", "info", "debug, info, warn, error or off", "The least that is logged."},
    {"limits.body_bytes_max", "1048576", "1024 to 67108864", "The largest request body."},
    {"limits.connections_max", "2048", "1 to 65536", "Clients connected at one time."},
    {"limits.queue_max", "4096", "1 to 1048576", "Commands waiting at one writer."},
};

constexpr Rule rules[]{
    {Kind::address, 0, 0, [](Config& c) -> Slot { return &c.http.listen; }},
    {Kind::address, 0, 0, [](Config& c) -> Slot { return &c.http.admin_listen; }},
    {Kind::number, 1, 64, [](Config& c) -> Slot { return &c.http.threads; }},
    {Kind::text, 0, 0, [](Config& c) -> Slot { return &c.database.url; }},
    {Kind::path, 0, 0, [](Config& c) -> Slot { return &c.data_dir; }},
    {Kind::path, 0, 0, [](Config& c) -> Slot { return &c.secrets_dir; }},
    {Kind::number, 60, 31'536'000, [](Config& c) -> Slot { return &c.auth.token_seconds; }},
    {Kind::number, 1, 32, [](Config& c) -> Slot { return &c.appender.writers; }},
    {Kind::number, 1, 32, [](Config& c) -> Slot { return &c.projector.threads; }},
    {Kind::number, 7, 36'500, [](Config& c) -> Slot { return &c.metrics.pack_after_days; }},
    {Kind::number, 1, 36'500, [](Config& c) -> Slot { return &c.audit.access_days; }},
    {Kind::servers, 0, 0, [](Config& c) -> Slot { return &c.relay.url; }},
    {Kind::word, 1, 64, [](Config& c) -> Slot { return &c.relay.stream; }},
    {Kind::text, 0, 0, [](Config& c) -> Slot { return &c.relay.credentials; }},
    {Kind::text, 0, 0, [](Config& c) -> Slot { return &c.relay.tls_ca; }},
    {Kind::text, 0, 0, [](Config& c) -> Slot { return &c.relay.tls_certificate; }},
    {Kind::text, 0, 0, [](Config& c) -> Slot { return &c.relay.tls_key; }},
    {Kind::number, 1, 5, [](Config& c) -> Slot { return &c.relay.replicas; }},
    {Kind::number, 1, 86'400, [](Config& c) -> Slot { return &c.relay.duplicates_seconds; }},
    {Kind::number, 1, 10'000, [](Config& c) -> Slot { return &c.relay.in_flight_max; }},
    {Kind::choices, 0, 0, [](Config& c) -> Slot { return &c.serve.roles; }},
    {Kind::networks, 0, 0, [](Config& c) -> Slot { return &c.webhooks.allowed_networks; }},
    {Kind::choice, 0, 0, [](Config& c) -> Slot { return &c.log.level; }},
    {Kind::number, 1024, 67'108'864, [](Config& c) -> Slot { return &c.limits.body_bytes_max; }},
    {Kind::number, 1, 65'536, [](Config& c) -> Slot { return &c.limits.connections_max; }},
    {Kind::number, 1, 1'048'576, [](Config& c) -> Slot { return &c.limits.queue_max; }},
};
static_assert(std::size(all_settings) == std::size(rules));

constexpr std::array<std::string_view, 5> levels{"debug", "info", "warn", "error", "off"};
constexpr std::array<std::string_view, 3> roles{"api", "projector", "webhooks"};

std::optional<std::size_t> index_of(std::string_view key) {
    for (std::size_t i = 0; i < std::size(all_settings); ++i) {
        if (all_settings[i].key == key) return i;
    }
    return std::nullopt;
}

std::vector<std::string_view> split(std::string_view list) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto comma = list.find(',');
        parts.push_back(list.substr(0, comma));
        if (comma == std::string_view::npos) return parts;
        list.remove_prefix(comma + 1);
    }
}

bool holds_password(std::string_view key) { return key == "database.url" || key == "relay.url"; }

template <class Words>
bool is_one_of(std::string_view word, const Words& words) {
    return std::ranges::find(words, word) != std::end(words);
}

std::optional<int> number_from(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// What JetStream takes as the name of a stream, and more.
bool is_word(const Rule& rule, std::string_view value) {
    return std::ssize(value) >= rule.min && std::ssize(value) <= rule.max &&
           std::ranges::all_of(value, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
           });
}

bool is_server(std::string_view url) {
    for (const std::string_view scheme : {"nats://", "tls://"}) {
        if (!url.starts_with(scheme)) continue;
        url.remove_prefix(scheme.size());
        const auto host = url.rfind('@');
        return address_from(url.substr(host == std::string_view::npos ? 0 : host + 1)).has_value();
    }
    return false;
}

bool fits(const Rule& rule, const std::string& value) {
    switch (rule.kind) {
        case Kind::text: return true;
        case Kind::word: return is_word(rule, value);
        case Kind::servers: return value.empty() || std::ranges::all_of(split(value), is_server);
        case Kind::path: return !value.empty();
        case Kind::address: return address_from(value).has_value();
        case Kind::choice: return is_one_of(value, levels);
        case Kind::choices:
            return std::ranges::all_of(split(value),
                                       [](auto word) { return is_one_of(word, roles); });
        case Kind::networks: return std::ranges::all_of(parts_of(value), &net::is_network);
        case Kind::number: {
            const auto number = number_from(value);
            return number && *number >= rule.min && *number <= rule.max;
        }
    }
    std::unreachable();
}

std::string from(const Environment& environment, std::string_view name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string{} : found->second;
}

/// A file's assignments in the order of their keys, with the line of each.
struct Assignment {
    std::string key, value;
    bool number{};
    std::uint32_t line{};
};

/// Collects values and faults on the way from defaults to flags.
class Loader {
public:
    explicit Loader(const ConfigSources& sources) : sources_{sources} {}

    domain::Result<Config> load() {
        for (std::size_t i = 0; i < std::size(all_settings); ++i)
            keep(i, fallback_of(all_settings[i]), "default");
        read_file();
        read_environment();
        for (const auto& flag : sources_.flags) set(flag.key, flag.value, "flag " + flag.flag);
        if (!faults_.empty())
            return std::unexpected(domain::Refusal{config_invalid, {}, std::move(faults_)});
        finish();
        return std::move(config_);
    }

private:
    std::string fallback_of(const Setting& setting) const {
        if (setting.key == "secrets_dir") return "";
        if (setting.key != "data_dir") return std::string{setting.fallback};
        if (const auto state = from(sources_.environment, "XDG_STATE_HOME"); !state.empty())
            return state + "/cairn";
        if (const auto home = from(sources_.environment, "HOME"); !home.empty())
            return home + "/.local/state/cairn";
        return "/var/lib/cairn";
    }

    void fault(std::string_view key, std::string_view code, std::string detail) {
        faults_.push_back({std::string{key}, std::string{code}, std::move(detail)});
    }

    void keep(std::size_t index, const std::string& value, std::string origin) {
        const auto slot = rules[index].slot(config_);
        std::visit(domain::Match{[&](std::string* text) { *text = value; },
                                 [&](int* number) { *number = number_from(value).value_or(0); },
                                 [&](Path* path) { *path = value; }},
                   slot);
        config_.origins[std::string{all_settings[index].key}] = std::move(origin);
    }

    void set(const std::string& key, const std::string& value, const std::string& origin) {
        const auto index = index_of(key);
        if (!index) return unknown(key, origin);
        if (fits(rules[*index], value)) return keep(*index, value, origin);
        fault(key, "invalid",
              key + " (" + origin + ") takes " + std::string{all_settings[*index].allowed} +
                  ", not '" + (holds_password(key) ? "…" : value) + "'");
    }

    void unknown(const std::string& key, const std::string& origin) {
        std::vector<std::string_view> keys;
        for (const auto& setting : all_settings) keys.push_back(setting.key);
        const auto near = nearest(key, keys, 3);
        fault(key, "unknown-key",
              "unknown key " + key + " (" + origin + ")" +
                  (near.empty() ? "" : "; did you mean " + std::string{near} + "?"));
    }

    std::string file_name() const {
        if (sources_.file) return *sources_.file;
        if (auto named = from(sources_.environment, "CAIRN_CONFIG"); !named.empty()) return named;
        std::string home = from(sources_.environment, "XDG_CONFIG_HOME");
        if (home.empty()) home = from(sources_.environment, "HOME") + "/.config";
        for (const auto& file : {std::string{"cairn.toml"}, home + "/cairn/cairn.toml",
                                 std::string{"/etc/cairn/cairn.toml"}}) {
            std::error_code error;
            if (std::filesystem::is_regular_file(file, error)) return file;
        }
        return "none";
    }

    void flatten(const toml::table& table, const std::string& prefix,
                 std::vector<Assignment>& out) {
        for (const auto& [name, node] : table) {
            const auto key = prefix + std::string{name.str()};
            const auto line = node.source().begin.line;
            if (const auto* inner = node.as_table()) flatten(*inner, key + ".", out);
            else if (const auto* text = node.as_string())
                out.push_back({key, text->get(), false, line});
            else if (const auto* number = node.as_integer())
                out.push_back({key, std::to_string(number->get()), true, line});
            else fault(key, "invalid", key + " takes a text or a whole number");
        }
    }

    void read_file() {
        const auto file = file_name();
        if (file == "none") return;
        std::vector<Assignment> assignments;
        try {
            flatten(toml::parse_file(file), "", assignments);
        } catch (const toml::parse_error& error) {
            const auto line = error.source().begin.line;
            return fault("config", "malformed",
                         file + (line > 0 ? ":" + std::to_string(line) : "") + ": " +
                             std::string{error.description()});
        }
        for (const auto& one : assignments) {
            const auto origin = "file " + file + ":" + std::to_string(one.line);
            const auto index = index_of(one.key);
            if (index && (rules[*index].kind == Kind::number) != one.number)
                fault(one.key, "invalid",
                      one.key + " (" + origin + ") takes " + (one.number ? "a text" : "a number"));
            else set(one.key, one.value, origin);
        }
    }

    /// Only names with a section are checked: CAIRN_ alone is also used by scripts around us.
    void read_environment() {
        for (const auto& [name, value] : sources_.environment) {
            if (!name.starts_with("CAIRN_")) continue;
            std::string key = name.substr(6);
            if (const auto at = key.find("__"); at != std::string::npos) key.replace(at, 2, ".");
            std::ranges::transform(key, key.begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            });
            if (index_of(key) || key.find('.') != std::string::npos) set(key, value, "env " + name);
        }
    }

    void finish() {
        config_.data_dir = std::filesystem::absolute(config_.data_dir).lexically_normal();
        if (config_.secrets_dir.empty()) config_.secrets_dir = config_.data_dir / "secrets";
        config_.secrets_dir = std::filesystem::absolute(config_.secrets_dir).lexically_normal();
    }

    const ConfigSources& sources_;
    Config config_;
    std::vector<domain::Fault> faults_;
};

/// A value of a libpq connection string.
std::string quoted(const std::string& value) {
    if (value.find_first_of(" '\\") == std::string::npos) return value;
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) before[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j)
            row[j] = std::min(
                {before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
        std::swap(before, row);
    }
    return before[b.size()];
}

}  // namespace

bool ServeConfig::has(std::string_view role) const { return is_one_of(role, split(roles)); }

std::span<const Setting> settings() { return all_settings; }

std::string value_text(const Config& config, std::string_view key) {
    const auto index = index_of(key);
    if (!index) return {};
    auto copy = config;
    const auto slot = rules[*index].slot(copy);
    auto text = std::visit(domain::Match{[](std::string* one) { return *one; },
                                         [](int* one) { return std::to_string(*one); },
                                         [](Path* one) { return one->string(); }},
                           slot);
    if (key == "relay.url") return masked_servers(text);
    return key == "database.url" ? masked(std::move(text)) : text;
}

std::string environment_name(std::string_view key) {
    std::string name = "CAIRN_";
    for (const char c : key) {
        if (c == '.') name += "__";
        else name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return name;
}

Environment process_environment() {
    Environment all;
    for (char** one = ::environ; one != nullptr && *one != nullptr; ++one) {
        const std::string_view text{*one};
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            all.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return all;
}

domain::Result<Config> load_config(const ConfigSources& sources) { return Loader{sources}.load(); }

broker::Options relay_broker(const RelayConfig& config) {
    broker::Options options;
    options.url = config.url;
    options.credentials = config.credentials;
    options.tls_ca = config.tls_ca;
    options.tls_certificate = config.tls_certificate;
    options.tls_key = config.tls_key;
    options.stream = config.stream;
    options.subjects = "cairn.>";
    options.replicas = config.replicas;
    options.duplicates = std::chrono::seconds{config.duplicates_seconds};
    options.in_flight_max = config.in_flight_max;
    return options;
}

postgres::Database database_of(const Config& config) {
    if (!config.database.url.empty()) return {config.database.url};
    return {"host=" + quoted((config.data_dir / "socket").string()) + " dbname=cairn"};
}

postgres::Database admin_database_of(const Config& config) {
    auto database = database_of(config);
    if (config.database.url.empty()) database.url += " user=postgres";
    return database;
}

std::vector<std::string> parts_of(std::string_view list) {
    std::vector<std::string> parts;
    for (auto part : split(list)) {
        while (part.starts_with(' ')) part.remove_prefix(1);
        while (part.ends_with(' ')) part.remove_suffix(1);
        if (!part.empty()) parts.emplace_back(part);
    }
    return parts;
}

std::optional<Address> address_from(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    auto host = text.substr(0, colon);
    const auto port = number_from(text.substr(colon + 1));
    if (!port || *port < 0 || *port > 65'535) return std::nullopt;
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos) return std::nullopt;
    if (host.empty()) return std::nullopt;
    return Address{std::string{host}, static_cast<unsigned short>(*port)};
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates,
                         std::size_t distance_max) {
    std::string_view best;
    for (const auto candidate : candidates) {
        const auto found = distance(word, candidate);
        // A short word is near to every other short one; then a suggestion says nothing.
        if (found > distance_max || found >= std::max(word.size(), candidate.size())) continue;
        best = candidate;
        distance_max = found == 0 ? 0 : found - 1;
    }
    return best;
}

}  // namespace runtime
