#pragma once
#include "projections/query.hpp"

/// What people ask of the directory and of the action board.
namespace projections::directory {

domain::Result<Answer> tenant(pqxx::transaction_base& tx, const Ask& ask);
domain::Result<Answer> user(pqxx::transaction_base& tx, const Ask& ask);
domain::Result<Answer> me(pqxx::transaction_base& tx, const Ask& ask);
/// A page of the members of the tenant, in the order of their ids. Filters: role.
domain::Result<Answer> users(pqxx::transaction_base& tx, const Ask& ask);

}  // namespace projections::directory

namespace projections::action_board {

/// A page of action items in the order of their ids. Filters: status, assignee, goal.
domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask);

}  // namespace projections::action_board
