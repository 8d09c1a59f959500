#pragma once
#include "domain/benchmark.hpp"
#include "events/stored.hpp"

/// The compact stored form of observations: one text a column. Periods and vintages are days as
/// differences (events/number_columns.hpp), values exact decimals as they were published:
///   {"period":"19723 31 29","vintage":"20089x3","value":"308.417 310.326 312.332"}
/// A percentile that some row has is a further column, `-` where a row has none: "p25":"1.2 - 3".
namespace events {

void put(Writer& out, const std::vector<domain::benchmark::Observation>& observations,
         std::string_view name, Sealer& sealer);
/// False when columns disagree in length or hold more than rows_max rows.
bool take(Node node, std::vector<domain::benchmark::Observation>& observations,
          std::string_view name, Opener& opener);

}  // namespace events
