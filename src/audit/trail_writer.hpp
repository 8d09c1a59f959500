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
    /// again: entries that arrived after all are not added twice. Answers with the tenants whose
    /// trail does not end as it was left here: nothing is added to it, because the next seal would
    /// vouch for whatever was done to it.
    domain::Result<std::vector<domain::TenantId>> write(std::span<const Entry> batch);

    /// Goes on with such a trail behind its newest entry, in one that tells so for ever.
    domain::Result<void> resume(domain::TenantId tenant, domain::Instant now);

    /// Ends the entries of whole UTC days that are more than `days` days before `now`. Each tenant
    /// keeps an entry that tells of the cut, unless its trail is broken. Answers how many went.
    domain::Result<std::int64_t> retain(int days, domain::Instant now);

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace audit
