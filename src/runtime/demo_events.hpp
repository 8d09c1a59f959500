#pragma once
#include "src/runtime/demo_business.hpp"
#include "src/runtime/demo_day.hpp"

/// What is known to have happened, with effects that follow from the structure. `days` are all that
/// there are, as they are told in the end.
namespace runtime::demo {

std::vector<Truth> events_of(const std::vector<Circumstances>& days);
std::vector<Shift> shifts_of(const std::vector<Circumstances>& days);

}  // namespace runtime::demo
