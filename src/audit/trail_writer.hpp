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

/// What one pass of retention did.
struct Retired {
    std::int64_t entries{};          ///< that went
    bool more{};                     ///< it stopped at its limit
    std::int64_t overdue_seconds{};  ///< of the oldest entry, before the pass
};

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

    /// Which of these trails still are such.
    domain::Result<std::vector<domain::TenantId>> broken_of(
        std::span<const domain::TenantId> tenants);

    /// Goes on with such a trail behind its newest entry, in one that tells so for ever.
    domain::Result<void> resume(domain::TenantId tenant, domain::Instant now);

    /// Ends the entries of whole UTC days that are more than `days` days before `now`. Each tenant
    /// keeps an entry that tells of the cut, unless its trail is broken. One pass is bounded,
    /// because entries wait for it.
    domain::Result<Retired> retain(int days, domain::Instant now);

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace audit
