#pragma once
#include "projections/projection.hpp"

/// Anomalies, alert rules with their alerts, and closures as people read them.
namespace projections::watch_board {

extern const Projection projection;

}  // namespace projections::watch_board
