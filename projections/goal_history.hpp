#pragma once
#include "events/store.hpp"
#include "projections/query.hpp"

/// A goal's past, read from the log itself.
namespace projections::goal_board {

/// A page of the goal's events, oldest first, with personal values opened.
domain::Result<Answer> history(events::Store& store, const Ask& ask);
/// The goal as it was: `as_of` is a version (7), a position (@1234) or an RFC 3339 instant.
domain::Result<Answer> as_of(events::Store& store, const Ask& ask);

}  // namespace projections::goal_board
