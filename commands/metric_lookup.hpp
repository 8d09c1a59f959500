#pragma once
#include "domain/base/business_day.hpp"
#include "domain/metric.hpp"
#include "events/store.hpp"

#include <map>
#include <set>

/// What the log knows of metrics, locations and the tenant's calendar, read when a command needs
/// it.
namespace commands {

using Keys = std::set<std::string, std::less<>>;
using Metrics = std::map<std::string, domain::metric::State, std::less<>>;
/// When points belong to which day, and from which business day on their history is kept.
struct Calendars {
    std::map<std::string, domain::BusinessDays, std::less<>> places;  ///< "": the whole business
    domain::Date kept_from;
};

domain::MetricId metric_id(domain::TenantId tenant, std::string_view key);
domain::LocationId location_id(domain::TenantId tenant, std::string_view key);

/// The metrics of `keys` that exist, archived ones too.
domain::Result<Metrics> read_metrics(events::Store& store, domain::TenantId tenant,
                                     const Keys& keys);
/// The calendar of each open location in `keys`, and of the whole business.
domain::Result<Calendars> read_calendars(events::Store& store, domain::TenantId tenant,
                                         const Keys& keys);

}  // namespace commands
