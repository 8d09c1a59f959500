#pragma once
#include "projections/projection.hpp"

/// Metrics, locations, points, roll-ups and batches as people read them.
namespace projections::metric {

extern const Projection projection;

}  // namespace projections::metric
