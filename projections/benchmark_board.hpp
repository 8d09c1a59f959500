#pragma once
#include "projections/projection.hpp"

/// External series, what was known of them when, their places beside metrics, and who shares.
namespace projections::benchmark {

extern const Projection projection;

}  // namespace projections::benchmark
