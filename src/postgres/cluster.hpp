#pragma once
#include "src/postgres/connect.hpp"

#include <filesystem>
#include <memory>

/// A private PostgreSQL of the program's own: a socket, no port, gone with the program.
namespace postgres {

inline constexpr domain::Reason cluster_failed{domain::Reason::Kind::unavailable, "cluster-failed",
                                               "The private PostgreSQL does not start"};

struct ClusterOptions {
    std::filesystem::path directory;  ///< holds pg, socket and postgres.log
    bool durable = true;              ///< false: fsync off, for tests that never lose power
};

/// Runs as the calling user, who must not be root. Start it from the thread that outlives it.
class Cluster {
public:
    /// Makes the cluster if there is none, starts it, waits until it answers, and makes the
    /// database `cairn` if it is missing.
    static domain::Result<std::unique_ptr<Cluster>> start(const ClusterOptions& options);
    /// Stops it: open transactions end, what is committed stays.
    ~Cluster();

    /// For the serving roles; the user is added by connect().
    Database database() const;
    /// For migrations: the cluster's own superuser.
    Database admin_database() const;
    int pid() const;
    /// Starts it again when it has died, without waiting until it answers. True when it had.
    bool revive();

private:
    struct Body;
    explicit Cluster(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

/// The connection strings of a private cluster in `directory`, whether it runs or not.
Database private_database(const std::filesystem::path& directory);
Database private_admin_database(const std::filesystem::path& directory);

}  // namespace postgres
