#pragma once
#include "domain/base/time.hpp"

/// The only place that asks for the time.
namespace runtime {

/// Wall clock, for what is recorded. Never used for order or for waiting.
domain::Instant now();
/// Microseconds of a clock that never jumps, for durations.
std::int64_t steady_micros();

}  // namespace runtime
