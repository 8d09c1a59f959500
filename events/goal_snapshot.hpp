#pragma once
#include "domain/goal.hpp"

/// A goal's folded state as JSON, for read models that fold on from it. Not part of the log: when
/// its form changes, the read model is rebuilt.
namespace events {

/// Personal values must be sealed; they stay so.
std::string goal_snapshot(const domain::goal::State& state);
domain::Result<domain::goal::State> goal_from_snapshot(std::string_view json);

}  // namespace events
