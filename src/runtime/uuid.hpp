#pragma once
#include "domain/base/ids.hpp"

namespace runtime {

/// A new UUIDv7: milliseconds of the wall clock, then 74 random bits. Any thread. Ids of one
/// millisecond are in no particular order.
domain::Uuid uuid_v7();

}  // namespace runtime
