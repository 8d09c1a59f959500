#pragma once
#include "projections/columns.hpp"
#include "projections/projection.hpp"

/// What is to be done, over all goals: one row per action item.
namespace projections::action_board {

extern const Projection projection;

}  // namespace projections::action_board
