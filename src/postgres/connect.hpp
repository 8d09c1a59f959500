#pragma once
#include "domain/base/decider.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace pqxx {
class connection;
}

/// Connections, one role each. A connection and everything made from it is for one thread.
namespace postgres {

/// Where the database is: a libpq connection string without a user.
struct Database {
    std::string url;
};

/// Least rights: what each part of the program connects as.
enum class As { appender, reader, projector, keyring, auditor, sealer, admin };
std::string_view role_of(As as);

/// Opens a connection with the timeouts of its role. Throws pqxx::failure.
std::unique_ptr<pqxx::connection> connect(const Database& database, As as);

/// As projector, for folding only: rows and their checkpoint are lost together in a crash and made
/// again from the log, so a fold need not wait for the disk.
std::unique_ptr<pqxx::connection> connect_folding(const Database& database);

/// Refuses to serve on a database that would lose or leak: fsync, full_page_writes and
/// synchronous_commit must be on, and no serving role may be superuser or bypass row security.
domain::Result<void> check_safe_to_serve(const Database& database);

}  // namespace postgres
