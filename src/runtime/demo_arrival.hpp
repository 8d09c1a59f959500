#pragma once
#include "src/runtime/demo_business.hpp"

/// How the numbers of the demo came in: in time, late, and once too often.
namespace runtime::demo {

/// The batches that bring `business.series` and `business.items` in, before anything counts twice.
/// None has more points than a batch may.
std::vector<Batch> arrivals_of(const Business& business);

/// Doubles what the till tells of the double day.
void count_twice(std::vector<Series>& series);

/// Whether the restaurant's till sends it, so that the till's troubles are its own.
bool is_from_till(std::string_view metric);

}  // namespace runtime::demo
