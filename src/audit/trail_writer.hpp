#pragma once
#include "src/audit/entry.hpp"
#include "src/postgres/connect.hpp"
#include "src/security/secrets.hpp"

#include <span>

/// Adding to the audit trail, and ending what is older than it is kept.
namespace audit {

/// The key under which heads are sealed; it follows from secrets that are in no database.
security::Key seal_key_of(const security::Secrets& secrets);
/// What the head of a chain is sealed with.
events::Hash seal_of(const security::Key& key, domain::TenantId tenant, const Link& head);

/// One connection of the role cairn_appender; for one thread. Reconnects by itself.
class TrailWriter {
public:
    TrailWriter(postgres::Database database, security::Key seal_key);
    ~TrailWriter();

    /// Adds the entries in their order, all or none. After a refusal the same batch may be given
    /// again: entries that arrived after all are not added twice.
    domain::Result<void> write(std::span<const Entry> batch);

    /// Ends the entries of whole UTC days that are more than `days` days before `now`. Each tenant
    /// keeps an entry that tells of the cut. Answers how many entries went.
    domain::Result<std::int64_t> retain(int days, domain::Instant now);

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace audit
