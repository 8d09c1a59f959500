#pragma once
#include "projections/goal_board.hpp"
#include "projections/moment.hpp"
#include "projections/query.hpp"

#include <functional>

/// The goals of a tenant at moments of its past, folded from the log itself.
namespace projections::goal_board {

inline constexpr domain::Reason past_too_large{domain::Reason::Kind::invalid, "past-too-large",
                                               "The tenant has too many goals to fold at once"};

/// What one answer may cost: goals of the tenant, and their events up to now.
struct PastLimits {
    std::int64_t goals = 10'000;
    std::int64_t events = 100'000;
};

/// The last position of the tenant's events; 0 when it has none.
std::int64_t last_position(pqxx::transaction_base& tx, domain::TenantId tenant);

/// Which of a tenant's goal events are read.
struct PastEvents {
    domain::TenantId tenant;
    std::int64_t position_max = INT64_MAX;
    std::optional<domain::Instant> recorded_max;
    domain::Uuid after_goal{};  ///< only goals whose id is greater
};
/// Hands over the events of one goal after the other, by id, each from its first version, until
/// `take` says false. Refuses beyond the limits before anything is read.
domain::Result<void> each_goal(pqxx::transaction_base& tx, const PastEvents& which,
                               PastLimits limits,
                               const std::function<bool(std::span<const events::Recorded>)>& take);

/// The goal after `past`, by the fold of the board; where an event does not fold the goal stays as
/// it was before, as on the board. Empty when nothing folds.
std::optional<Row> folded_goal(std::span<const events::Recorded> past);

/// Every goal as it was.
struct Past {
    Rows rows;
    std::int64_t position = 0;      ///< of the last event in it; 0: none
    std::optional<domain::Instant> instant;  ///< that was asked for; empty: a position was
};
/// `position_max` bounds it besides the moment, so that later pages see what the first one saw.
domain::Result<Past> goals_at(pqxx::transaction_base& tx, domain::TenantId tenant,
                              const Moment& moment, std::int64_t position_max,
                              PastLimits limits = {});

/// A moment that means something for more than one stream: an @position or an instant.
domain::Result<Moment> shared_moment(const Ask& ask, std::string_view filter);

}  // namespace projections::goal_board
