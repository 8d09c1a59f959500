#pragma once
#include "projections/columns.hpp"
#include "projections/projection.hpp"

/// Who is there: tenants, their members and their people.
namespace projections::directory {

extern const Projection projection;

}  // namespace projections::directory
