#pragma once
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"
#include "events/recorded.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// One entry of the audit trail: who did, read or was refused what. Pseudonyms and words only.
namespace audit {

struct Cut {
    std::int64_t sequence{};  ///< the last entry that is gone
    events::Hash hash{};      ///< what it had
};

struct Entry {
    domain::TenantId tenant;
    domain::Instant at;
    domain::Uuid request{};  ///< also the correlation of the events that it set off
    std::optional<domain::Uuid> command;
    domain::UserId actor;
    std::optional<domain::Uuid> resource;  ///< the first id in the path
    int status{};
    std::string role;    ///< the actor's at that moment
    std::string action;  ///< of the route: `user.list`
    bool refused{};
    std::string code;  ///< why it was refused, otherwise empty
    std::string purpose;
    /// Whose personal values were opened and which ones, as PostgreSQL writes arrays:
    /// `{<uuid>,<uuid>}` and `{user.email}`.
    std::string subjects = "{}";
    std::string fields = "{}";
    std::string source;      ///< of the client's address, 16 bytes under a key
    std::optional<Cut> cut;  ///< in the entry that retention leaves
};

inline std::string_view outcome_of(const Entry& entry) {
    return entry.refused ? "refused" : "allowed";
}

/// Where a tenant's chain stands.
struct Link {
    std::int64_t sequence{};
    events::Hash hash{};  ///< zeros before the first entry
};

/// SHA-256 over the entry at its place, in this order; numbers are big endian, texts are preceded
/// by their length in 4 bytes, what may be missing by a byte that says whether it is there:
///   "acc1" previous-hash tenant sequence(8) at-micros(8) request command? actor resource?
///   status(4) role action outcome code purpose subjects fields source cut-sequence(8)? cut-hash?
events::Hash hash_of(const Entry& entry, const Link& previous);

}  // namespace audit
