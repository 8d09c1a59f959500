#pragma once
#include "domain/metric_batch.hpp"
#include "events/stored.hpp"

/// The compact stored form of rejects: ten thousand rows mostly share a few reasons, so a reason is
/// written once and the rows are two columns of differences (events/number_columns.hpp):
///   {"line":"2 1x3","reason":"0x4","reasons":[{"metric":"revenue","code":"value","detail":"…"}]}
namespace events {

void put(Writer& out, const std::vector<domain::metric_batch::Reject>& rejects,
         std::string_view name, Sealer& sealer);
/// Reads the list of whole rejects of schema 1, too. False when columns disagree in length, name a
/// reason that is not there, or hold more than points_max rows.
bool take(Node node, std::vector<domain::metric_batch::Reject>& rejects, std::string_view name,
          Opener& opener);

}  // namespace events
