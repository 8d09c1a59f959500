#pragma once
#include "domain/base/decider.hpp"
#include "events/note.hpp"

#include <span>

namespace pqxx {
class transaction_base;
}

/// The stored tree of a lane: leaves in seals, the roots of every 256, 65,536… leaves beside them.
namespace projections {

inline constexpr int seal_events_max = 1000;
inline constexpr int subtree_step = 8;  ///< levels between two that are stored

/// The roots over `ranges`, which are ranges of a proof or whole subtrees, in two statements
/// however many there are. Refuses with a defect when the tree does not reach that far.
domain::Result<std::vector<events::Hash>> range_roots(
    pqxx::transaction_base& tx, int lane, const std::vector<events::merkle::Range>& ranges);

domain::Result<events::merkle::Proof> inclusion_proof(pqxx::transaction_base& tx, int lane,
                                                      std::int64_t index, std::int64_t size);
/// Empty from an empty tree.
domain::Result<events::merkle::Proof> consistency_proof(pqxx::transaction_base& tx, int lane,
                                                        std::int64_t old_size, std::int64_t size);

/// The bytes of a bytea as PostgreSQL writes it by default, in lower-case hex; throws pqxx's
/// conversion_error where it is not.
std::string bytes_of(std::string_view bytea_text);

}  // namespace projections
