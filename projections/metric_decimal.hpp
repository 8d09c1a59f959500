#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/decimal.hpp"

/// Values of metrics as exact decimals.
namespace projections::metric {

inline constexpr domain::Reason value_too_large{
    domain::Reason::Kind::conflict, "value-too-large",
    "A value of the metric has more digits before its point than an exact decimal holds, 18"};

/// What PostgreSQL writes of a `numeric`, rounded half away from zero: to six decimals, to
/// `precision` where that is more, and to as many of them as 18 digits leave room for.
domain::Result<domain::Decimal> exact_of(std::string_view numeric, int precision);

}  // namespace projections::metric
