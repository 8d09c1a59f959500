#pragma once
#include "events/lane_audit.hpp"
#include "src/postgres/connect.hpp"

namespace pqxx {
class transaction_base;
class row;
}  // namespace pqxx

/// The whole log checked against its seals, its seals against their signatures, and those against
/// keys and trees that somebody else has kept.
namespace postgres {

struct AuditOptions {
    std::vector<events::NoteKey> trusted;  ///< at least one a lane that has events
    std::vector<events::Kept> kept;
    /// An event that no seal covers after so long, some rounds of a sealer, has lost its seal.
    std::int64_t unsealed_seconds_max = 300;
    std::function<void(std::int64_t events)> progress = [](std::int64_t) {};
};

struct LaneReport {
    int lane{};
    std::int64_t events{}, sealed{}, checkpoints{};
    std::optional<events::Finding> finding{};
};

/// Every lane, each up to its first finding. `tx` is of a role that reads headers and digests: the
/// auditor is enough. Reads pages of some thousand events; appends may go on meanwhile.
std::vector<LaneReport> audit_log(pqxx::transaction_base& tx, const AuditOptions& options);
/// How many events audit_log() is going to read.
std::int64_t events_to_audit(pqxx::transaction_base& tx);

/// The columns of header_from(), of an integrity.header named `e`.
std::string header_columns();
struct Header {
    events::Recorded event;  ///< without data
    events::Hash data_digest{};
};
Header header_from(const pqxx::row& row);

/// The published key notes of a lane, oldest first; an empty one, which breaks every chain, where
/// an epoch is not the one that has to follow.
std::vector<std::string> key_notes(pqxx::transaction_base& tx, int lane);
std::string log_name(pqxx::transaction_base& tx);

}  // namespace postgres
