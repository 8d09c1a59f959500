#pragma once
#include "commands/request.hpp"
#include "domain/anomaly.hpp"

/// What the detector says of a day; people's commands are in the catalogue.
namespace commands::anomaly {

/// One day of one metric at one place is one anomaly.
domain::AnomalyId anomaly_id(domain::TenantId tenant, std::string_view metric,
                             std::string_view location, domain::Date on);

domain::Result<Proposal> report(events::Store& store, events::Keys& keys, const Request& request,
                                domain::anomaly::Finding finding);
domain::Result<Proposal> withdraw(events::Store& store, events::Keys& keys, const Request& request,
                                  domain::AnomalyId anomaly,
                                  std::optional<domain::Decimal> observed);

}  // namespace commands::anomaly
