#pragma once
#include "src/postgres/cluster.hpp"
#include "src/security/secrets.hpp"

#include <filesystem>

/// A private PostgreSQL for the whole test program, migrated once.
namespace support {

/// Starts it at the first call; it goes with the program. Exits the program when it cannot start.
const postgres::Database& database();
const postgres::Database& admin_database();
/// Secrets of their own, in the same temporary directory.
const std::filesystem::path& directory();
/// Call first thing in main, before any thread.
void start_cluster(bool durable);
void stop_cluster();
int cluster_pid();

/// An empty database of its own beside the shared one, migrated; its name is made from `name`.
postgres::Database fresh_database(const std::string& name);
postgres::Database admin_of(const postgres::Database& database);

}  // namespace support
