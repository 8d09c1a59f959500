#pragma once
#include "domain/base/check.hpp"

#include <map>
#include <pqxx/pqxx>
#include <set>
#include <string>
#include <utility>

/// Statements that are parsed and planned once a connection.
namespace projections {

/// `sql` with the tables of schema `board` taken from schema `place`.
inline std::string placed_in(std::string_view sql, std::string_view place) {
    constexpr std::string_view name = "board.";
    const auto is_word = [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); };
    std::string out;
    for (auto at = sql.find(name); at != std::string_view::npos; at = sql.find(name)) {
        out += sql.substr(0, at);
        const bool inside = at > 0 && is_word(sql[at - 1]);
        out += inside ? name : std::string{place} + ".";
        sql.remove_prefix(at + name.size());
    }
    return out += sql;
}

/// Prepares `sql` under `name` when this connection has not seen it yet. There are few names, and
/// each stands for one text. The backend's process id tells a new connection from an old one at the
/// same address. A connection that folds beside what serves has the setting cairn.board: there
/// `board.` means that schema.
inline pqxx::prepped prepared(pqxx::transaction_base& tx, pqxx::zview name, pqxx::zview sql) {
    using Session = std::pair<const void*, int>;
    struct Known {
        std::string place;
        std::set<std::string> names;
    };
    // PostgreSQL would cut a longer one, and two texts might have one name.
    domain::ensure(name.size() < 64, "a prepared statement's name is too long");
    thread_local std::map<Session, Known> sessions;
    const Session session{&tx.conn(), tx.conn().backendpid()};
    auto found = sessions.find(session);
    if (found == sessions.end()) {
        // What an earlier connection at this address knew went with it; others keep theirs.
        std::erase_if(sessions, [&](const auto& one) { return one.first.first == session.first; });
        const auto place = tx.query_value<std::string>(
            "select coalesce(nullif(current_setting('cairn.board', true), ''), 'board')");
        found = sessions.try_emplace(session, Known{place, {}}).first;
    }
    auto& [place, names] = found->second;
    if (names.contains(std::string{name})) return pqxx::prepped{name};
    tx.conn().prepare(name, placed_in(sql, place));
    names.emplace(name);
    return pqxx::prepped{name};
}

}  // namespace projections
