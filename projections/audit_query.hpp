#pragma once
#include "events/sealing.hpp"
#include "projections/query.hpp"

/// Proofs about the log, for whoever does not want to take our word for it.
namespace projections::audit {

/// The newest checkpoint of the tenant's lane. Filter: format (json or note).
domain::Result<Answer> checkpoint(pqxx::transaction_base& tx, const Ask& ask);
/// That an event of the tenant is in the tree of the newest checkpoint. Filters: event (its id) or
/// position.
domain::Result<Answer> inclusion(pqxx::transaction_base& tx, const Ask& ask);
/// That the tree of `to` events begins with that of `from`. Filters: from, to (default the newest
/// checkpoint).
domain::Result<Answer> consistency(pqxx::transaction_base& tx, const Ask& ask);
/// The keys that sign the lane's checkpoints.
domain::Result<Answer> keys(pqxx::transaction_base& tx, const Ask& ask);

/// The same for a lane, where the caller knows which.
domain::Result<std::string> inclusion_json(pqxx::transaction_base& tx, int lane,
                                           std::int64_t position);
domain::Result<std::string> consistency_json(pqxx::transaction_base& tx, int lane,
                                             std::int64_t from, std::int64_t to);

struct LaneHead {
    events::Checkpoint head;
    std::string note;
};
/// Refuses with a missing thing while nothing is sealed.
domain::Result<LaneHead> newest_checkpoint(pqxx::transaction_base& tx, int lane);

}  // namespace projections::audit
