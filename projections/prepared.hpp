#pragma once
#include <pqxx/pqxx>
#include <set>
#include <string>
#include <utility>

/// Statements that are parsed and planned once a connection.
namespace projections {

/// Prepares `sql` under `name` when this connection has not seen it yet. There are few names, and
/// each stands for one text. The backend's process id tells a new connection from an old one at the
/// same address.
inline pqxx::prepped prepared(pqxx::transaction_base& tx, pqxx::zview name, pqxx::zview sql) {
    using Session = std::pair<const void*, int>;
    thread_local std::set<std::pair<Session, std::string>> known;
    const Session session{&tx.conn(), tx.conn().backendpid()};
    const std::pair<Session, std::string> statement{session, std::string{name}};
    if (known.contains(statement)) return pqxx::prepped{name};
    // What an earlier connection at this address knew went with it; other connections keep theirs.
    std::erase_if(known, [&](const auto& one) {
        return one.first.first == session.first && one.first.second != session.second;
    });
    tx.conn().prepare(name, sql);
    known.insert(statement);
    return pqxx::prepped{name};
}

}  // namespace projections
