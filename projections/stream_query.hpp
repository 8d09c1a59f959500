#pragma once
#include "events/store.hpp"
#include "projections/query.hpp"

/// Any stream's past, read from the log itself.
namespace projections::streams {

/// The folded state of the stream in the path, now or `as_of` a version, an @position or an
/// instant. Personal values are ‹sealed›.
domain::Result<Answer> state(events::Store& store, const Ask& ask);
/// What changed in the state of the stream in the path between the moments `from` and `to`: by
/// default in its last version.
domain::Result<Answer> diff(events::Store& store, const Ask& ask);
/// The same of the goal in the path.
domain::Result<Answer> goal_diff(events::Store& store, const Ask& ask);

}  // namespace projections::streams
