#pragma once
#include "domain/metric_batch.hpp"
#include "events/stored.hpp"

/// The compact stored form of points: one text a column, so that five thousand points are a few
/// JSON values and a regular series is mostly counts. Numbers are differences from the row before,
/// `d` or `dxN` for N equal ones in a row; values are exact decimals as they were sent:
///   {"unit":"s","at":"1735689600 3600x23","day":"20089 0x23","series":"0x24","value":"12.50 13 …"}
/// `unit` is `s` when every moment is a whole second, else `us`.
namespace events {

void put(Writer& out, const std::vector<domain::metric_batch::Point>& points, std::string_view name,
         Sealer& sealer);
/// False when columns disagree in length or hold more than points_max rows.
bool take(Node node, std::vector<domain::metric_batch::Point>& points, std::string_view name,
          Opener& opener);

}  // namespace events
