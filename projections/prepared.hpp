#pragma once
#include <pqxx/pqxx>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

/// Statements that are parsed and planned once a connection.
namespace projections {

/// Prepares `sql` under `name` when this connection has not seen it yet. `name` is a constant. The
/// backend's process id tells a new connection from an old one at the same address.
inline pqxx::prepped prepared(pqxx::transaction_base& tx, const char* name, const char* sql) {
    using Session = std::pair<const void*, int>;
    thread_local std::set<std::pair<Session, std::string>> known;
    const Session session{&tx.conn(), tx.conn().backendpid()};
    constexpr std::size_t known_max = 1000;
    if (known.size() > known_max) known.clear();
    if (known.emplace(session, name).second) tx.conn().prepare(name, sql);
    return pqxx::prepped{name};
}

}  // namespace projections
