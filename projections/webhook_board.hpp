#pragma once
#include "projections/projection.hpp"

/// Webhooks as people read them and as the worker that sends to them does.
namespace projections::webhook_board {

extern const Projection projection;

}  // namespace projections::webhook_board
