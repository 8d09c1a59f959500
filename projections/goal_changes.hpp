#pragma once
#include "projections/moment.hpp"
#include "projections/query.hpp"

/// What happened to a tenant's goals between two moments.
namespace projections::goal_board {

/// A page of the goals that are not the same at `from` and `to` (by default now), each with the
/// members that differ: added to the list in between, removed from it (archived), or changed.
/// Moments are @positions or instants. Personal values are ‹sealed›.
domain::Result<Answer> changes(pqxx::transaction_base& tx, const Ask& ask);

/// One goal of it.
struct Change {
    domain::Uuid goal;
    std::string_view what;  ///< added, removed or changed
    std::string title;
    std::int64_t from_version{}, to_version{};  ///< 0: it was not there
    std::string before, after;                  ///< the state as a JSON object; empty: none
};
/// The same in the order of goals' ids: at most `limit` of them behind the goal `after`.
struct Between {
    Moment from, to;
    std::int64_t position_max = INT64_MAX;
    domain::Uuid after{};
    std::size_t limit{};
};
domain::Result<std::vector<Change>> changes_between(pqxx::transaction_base& tx,
                                                    domain::TenantId tenant, const Between& asked);

}  // namespace projections::goal_board
