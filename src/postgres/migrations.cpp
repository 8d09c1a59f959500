#include "src/postgres/migrations.hpp"

#include "events/sha256.hpp"
#include "src/postgres/refusing.hpp"

#include <algorithm>
#include <map>
#include <pqxx/pqxx>
#include <sodium.h>

namespace postgres {
namespace {

/// Any constant: it only has to be the same in every release.
constexpr std::string_view migrations_lock = "7304919255371";

constexpr std::string_view journal = R"sql(
    create schema if not exists cairn_migration;
    create table if not exists cairn_migration.applied (
        name        text        primary key,
        checksum    text        not null,
        applied_at  timestamptz not null default now()
    );)sql";

std::string checksum(std::string_view text) {
    const auto hash = events::sha256(text);
    char hex[sizeof hash * 2 + 1];
    return sodium_bin2hex(hex, sizeof hex, hash.data(), hash.size());
}

/// `:database` in a file is the name of the database at hand.
std::string for_database(pqxx::connection& connection, std::string_view sql) {
    constexpr std::string_view placeholder = ":database";
    std::string out{sql};
    const auto name = connection.quote_name(connection.dbname());
    for (auto at = out.find(placeholder); at != std::string::npos;
         at = out.find(placeholder, at + name.size()))
        out.replace(at, placeholder.size(), name);
    return out;
}

struct Applied {
    std::string checksum, at;
};
using Journal = std::map<std::string, Applied>;

Journal applied(pqxx::connection& connection) {
    pqxx::nontransaction tx{connection};
    Journal found;
    if (tx.exec("select to_regclass('cairn_migration.applied')").one_field().is_null())
        return found;
    for (const auto& [name, sum, at] : tx.query<std::string, std::string, std::string>(
             "select name, checksum, applied_at::text from cairn_migration.applied order by 1"))
        found[name] = {sum, at};
    return found;
}

/// Holds the one migration lock of the database for as long as `connection` lives.
domain::Result<void> lock(pqxx::connection& connection) {
    pqxx::nontransaction tx{connection};
    const auto held =
        tx.exec("select pg_try_advisory_lock(" + std::string{migrations_lock} + ")").one_field();
    if (!held.as<bool>()) return domain::refuse(migration_locked);
    return {};
}

domain::Result<void> unchanged(const Journal& journal) {
    for (const auto& file : migration_files()) {
        const auto found = journal.find(std::string{file.name});
        if (found != journal.end() && found->second.checksum != checksum(file.up))
            return domain::refuse(migration_drift,
                                  std::string{file.name} + " was applied with other content");
    }
    for (const auto& [name, row] : journal) {
        const auto known = std::ranges::any_of(
            migration_files(), [&](const SqlFile& file) { return file.name == name; });
        if (!known) return domain::refuse(migration_drift, name + " is unknown to this program");
    }
    return {};
}

void create_functions(pqxx::connection& connection) {
    pqxx::work tx{connection};
    for (const auto& file : function_files()) tx.exec(for_database(connection, file.up));
    tx.commit();
}

void drop_functions(pqxx::work& tx) {
    for (const auto& file : function_files()) {
        std::string name{file.name};
        name.replace(name.find('_'), 1, ".");
        tx.exec("drop function if exists " + name);
    }
}

}  // namespace

domain::Result<std::vector<MigrationState>> migration_status(const Database& database) {
    return refusing([&]() -> domain::Result<std::vector<MigrationState>> {
        auto connection = connect(database, As::admin);
        auto journal = applied(*connection);
        std::vector<MigrationState> states;
        for (const auto& file : migration_files()) {
            const auto found = journal.find(std::string{file.name});
            const bool here = found != journal.end();
            states.push_back({std::string{file.name}, here,
                              here && found->second.checksum != checksum(file.up),
                              here ? found->second.at : ""});
            if (here) journal.erase(found);
        }
        for (const auto& [name, row] : journal) states.push_back({name, true, true, row.at});
        return states;
    });
}

domain::Result<int> migrate_up(const Database& database, const Say& say) {
    return refusing([&]() -> domain::Result<int> {
        auto connection = connect(database, As::admin);
        if (auto held = lock(*connection); !held) return std::unexpected(held.error());
        {
            pqxx::work tx{*connection};
            tx.exec(journal);
            tx.commit();
        }
        const auto done = applied(*connection);
        if (auto same = unchanged(done); !same) return std::unexpected(same.error());
        int count = 0;
        for (const auto& file : migration_files()) {
            if (done.contains(std::string{file.name})) continue;
            say("migrating " + std::string{file.name});
            pqxx::work tx{*connection};
            tx.exec(for_database(*connection, file.up));
            tx.exec("reset role");
            tx.exec("insert into cairn_migration.applied (name, checksum) values ($1, $2)",
                    pqxx::params{file.name, checksum(file.up)});
            tx.commit();
            ++count;
        }
        create_functions(*connection);
        return count;
    });
}

domain::Result<int> migrate_down(const Database& database, int steps, const Say& say) {
    return refusing([&]() -> domain::Result<int> {
        auto connection = connect(database, As::admin);
        if (auto held = lock(*connection); !held) return std::unexpected(held.error());
        const auto done = applied(*connection);
        if (auto same = unchanged(done); !same) return std::unexpected(same.error());
        int count = 0;
        for (auto file = migration_files().rbegin();
             file != migration_files().rend() && count < steps; ++file) {
            if (!done.contains(std::string{file->name})) continue;
            say("taking back " + std::string{file->name});
            pqxx::work tx{*connection};
            if (count == 0) drop_functions(tx);
            tx.exec(for_database(*connection, file->down));
            tx.exec("delete from cairn_migration.applied where name = $1",
                    pqxx::params{file->name});
            tx.commit();
            ++count;
        }
        return count;
    });
}

domain::Result<void> migration_verify(const Database& database) {
    auto states = migration_status(database);
    if (!states) return std::unexpected(std::move(states.error()));
    for (const auto& state : *states) {
        if (!state.applied)
            return domain::refuse(migration_drift,
                                  state.name + " is missing; run: cairn migrate up");
        if (state.changed)
            return domain::refuse(migration_drift, state.name + " differs from this program's");
    }
    return {};
}

}  // namespace postgres
