#pragma once
#include "projections/query.hpp"

/// What people ask of the goal board.
namespace projections::goal_board {

/// One goal with its newest check-ins and its action plan.
domain::Result<Answer> get(pqxx::transaction_base& tx, const Ask& ask);
/// A page of goals. Filters: status, lifecycle, health, owner, metric, target_date[gte|lte];
/// sort: -updated_at (default), target_date, title. With as_of, a @position or an instant, the page
/// of that moment: from the log, and `past_position` says what it includes.
domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask);
/// A page of a goal's check-ins, newest first.
domain::Result<Answer> check_ins(pqxx::transaction_base& tx, const Ask& ask);

}  // namespace projections::goal_board
