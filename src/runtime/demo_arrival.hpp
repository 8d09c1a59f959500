#pragma once
#include "src/runtime/demo_business.hpp"

/// How the numbers of the demo came in: in time, late, and once too often.
namespace runtime::demo {

/// The batches that bring `business.series` and `business.items` in, before anything counts twice.
/// None has more points than a batch may.
std::vector<Batch> arrivals_of(const Business& business);

/// Doubles what the till tells of the double day.
void count_twice(std::vector<Series>& series);

/// Takes a refund from what the shop tells of `day`.
void take_back(std::vector<Series>& series, domain::Date day);

/// Whether the restaurant's till sends it, so that the till's troubles are its own.
bool is_from_till(std::string_view metric);

}  // namespace runtime::demo
