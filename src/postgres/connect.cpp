#include "src/postgres/connect.hpp"

#include "src/postgres/refusing.hpp"

#include <pqxx/pqxx>

namespace postgres {
namespace {

inline constexpr domain::Reason unsafe_database{
    domain::Reason::Kind::unavailable, "database-unsafe",
    "The database is set up so that it would lose or leak data"};

std::string_view timeouts_of(As as) {
    switch (as) {
        case As::appender:
            return "set statement_timeout = '10s'; set lock_timeout = '5s';"
                   "set transaction_timeout = '15s';";
        case As::reader:
        case As::keyring:
            return "set statement_timeout = '5s'; set lock_timeout = '1s';"
                   "set transaction_timeout = '10s';";
        case As::projector: return "set lock_timeout = '5s';";
        // A seal that a crash loses is made again, byte for byte: it follows from the events alone.
        case As::sealer:
            return "set statement_timeout = '30s'; set lock_timeout = '5s';"
                   "set synchronous_commit = off;";
        case As::auditor:
        case As::admin: return "";
    }
    std::unreachable();
}

std::string with_defaults(const std::string& url, std::string_view user) {
    const bool is_uri = url.starts_with("postgres://") || url.starts_with("postgresql://");
    auto text = url;
    const auto add = [&](std::string_view name, std::string_view value) {
        text += is_uri ? (text.find('?') == std::string::npos ? "?" : "&") : " ";
        text += std::string{name} + "=" + std::string{value};
    };
    // A host that vanished is noticed in seconds, not when the kernel gives up.
    for (const auto& [name, value] : {std::pair{"connect_timeout", "5"},
                                      {"tcp_user_timeout", "15000"},
                                      {"keepalives_idle", "10"}}) {
        if (url.find(name) == std::string::npos) add(name, value);
    }
    if (!user.empty()) add("user", user);
    return text;
}

}  // namespace

std::string_view role_of(As as) {
    switch (as) {
        case As::appender: return "cairn_appender";
        case As::reader: return "cairn_reader";
        case As::projector: return "cairn_projector";
        case As::keyring: return "cairn_keyring";
        case As::auditor: return "cairn_auditor";
        case As::sealer: return "cairn_sealer";
        case As::admin: return "";
    }
    std::unreachable();
}

std::unique_ptr<pqxx::connection> connect(const Database& database, As as) {
    auto connection = std::make_unique<pqxx::connection>(with_defaults(database.url, role_of(as)));
    pqxx::nontransaction tx{*connection};
    tx.exec(
        "set client_min_messages = warning; set application_name = 'cairn';"
        "set idle_in_transaction_session_timeout = '60s'; set timezone = 'UTC';" +
        std::string{timeouts_of(as)});
    return connection;
}

std::unique_ptr<pqxx::connection> connect_folding(const Database& database) {
    auto connection = connect(database, As::projector);
    pqxx::nontransaction tx{*connection};
    tx.exec("set synchronous_commit = off");
    return connection;
}

domain::Result<void> check_safe_to_serve(const Database& database) {
    return refusing([&]() -> domain::Result<void> {
        for (const auto as : {As::appender, As::reader, As::projector, As::keyring, As::sealer}) {
            auto connection = connect(database, as);
            pqxx::nontransaction tx{*connection};
            const auto [super, bypass] =
                tx.exec("select rolsuper, rolbypassrls from pg_roles where rolname = session_user")
                    .one_row()
                    .as<bool, bool>();
            if (super || bypass)
                return domain::refuse(unsafe_database,
                                      "a serving role is superuser or bypasses "
                                      "row security");
            if (as != As::appender) continue;
            for (const auto* setting : {"fsync", "full_page_writes", "synchronous_commit"}) {
                const auto value =
                    tx.exec("select current_setting($1)", pqxx::params{setting}).one_field();
                if (value.view() == "off")
                    return domain::refuse(unsafe_database, std::string{setting} + " is off");
            }
        }
        return {};
    });
}

}  // namespace postgres
