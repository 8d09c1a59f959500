#pragma once
#include "domain/tenant.hpp"

/// How long the history of metrics is kept.
namespace domain::retention {

/// Whole calendar months, counted from the business day; empty: for ever.
struct Terms {
    int points{};
    int hours{};  ///< not fewer: what is written asks them whether points were there before
    std::optional<int> days;  ///< business days, weeks, months and quarters
};

/// starter 12, 24 and 60 months; pro 24, 36 and 120; enterprise 60, 72 and for ever.
Terms terms_of(tenant::PlanTier tier);

/// The business day that no place on earth has left behind at `now`, whatever its cut-off.
Date youngest_day(Instant now);

/// The first business days that must be kept at `now`: by the plan, and by every former one until
/// its days of grace are over. Counted from the youngest day, so nothing goes early in any time
/// zone; days go by whole quarters, so that no longer period is cut.
tenant::History due(const tenant::State& state, Instant now);

/// Points before this moment are gone when the history of points is kept from `day`. Two days of
/// slack keep every point of every hour and day that can still be corrected.
Instant points_gone_before(Date day);

}  // namespace domain::retention
