#pragma once
#include "src/postgres/audit.hpp"
#include "src/postgres/sealing.hpp"
#include "tests/support/cluster.hpp"

#include <pqxx/pqxx>

/// A sealed log in a database of its own, and somebody with every right in PostgreSQL.
namespace support {

class TamperedLog {
public:
    /// Appends `events` in seals of `seal_events`, all of one lane, by three tenants.
    TamperedLog(const std::string& name, int events, int seal_events);

    /// Runs `sql` as superuser with triggers and foreign keys off, audits, and takes it all back.
    /// Empty when PostgreSQL itself refuses the change.
    std::optional<postgres::LaneReport> after(const std::string& sql);
    /// As after(), for changes made by a program.
    postgres::LaneReport after(const std::function<void(pqxx::transaction_base&)>& change);
    postgres::LaneReport as_it_is();

    int lane() const { return lane_; }
    const postgres::Database& database() const { return database_; }
    pqxx::connection& admin() { return admin_; }
    postgres::AuditOptions& options() { return options_; }
    const security::KeyEpochs& keys() const { return keys_; }
    std::string origin() const { return origin_; }
    /// Seals what is there, `seconds` after 2026-01-01.
    void seal(std::int64_t seconds);
    void append(int events);
    /// Adds an epoch, which a round `seconds` after 2026-01-01 publishes.
    void rotate(std::int64_t seconds);
    /// From now on only this epoch's keys are known beforehand.
    void trust(int epoch);

private:
    postgres::LaneReport report_of(pqxx::transaction_base& tx);
    postgres::Database database_;
    pqxx::connection admin_;
    security::KeyEpochs keys_;
    std::vector<std::pair<domain::TenantId, std::pair<domain::Uuid, std::int64_t>>> streams_;
    int lane_{};
    int appended_{};
    std::string origin_, log_name_;
    postgres::AuditOptions options_;
};

/// Changes the type of event `position` and everything that follows from it: hash, leaves,
/// subtrees, and, with a key, every later checkpoint.
void rewrite(pqxx::transaction_base& tx, TamperedLog& log, std::int64_t position,
             const security::KeyEpochs* keys);

}  // namespace support
