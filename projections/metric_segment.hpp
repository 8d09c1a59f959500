#pragma once
#include "domain/tenant.hpp"
#include "projections/columns.hpp"

#include <map>
#include <set>

namespace pqxx {
class transaction_base;
}

/// Cold points lie packed in segments, column by column; whoever writes near them takes them out
/// first. All of it runs while the projection's lane is held: by the projection itself, or by a
/// lock of its checkpoint.
namespace projections::metric {

/// Where a tenant's points are no longer as they arrive.
struct Edge {
    domain::Instant frozen_until{INT64_MIN};  ///< no segment has a younger point
    domain::Date kept_from;                   ///< what is older was trimmed and changes no more
};
using Edges = std::map<domain::TenantId, Edge>;
Edges edges_of(pqxx::transaction_base& tx, const std::set<domain::TenantId>& tenants);

/// Points of series by row: what a statement is about.
struct Moments {
    Uuids tenant, metric;
    Texts location;
    BigInts variant;
    Instants at;
};
/// Whether a change at `at` could need points that are packed.
bool is_near_frozen(const Edge& edge, domain::Instant at);
/// Unpacks every segment whose points share an hour or a business day with one of `moments`.
void thaw(pqxx::transaction_base& tx, const Moments& moments);

/// Points of one metric that are older than a moment and not packed.
struct Cold {
    int lane{};
    domain::TenantId tenant;
    domain::MetricId metric;
    std::int64_t points{};
};
std::vector<Cold> cold_metrics(pqxx::transaction_base& tx, domain::Instant before);
/// A lane is held while so many are packed, or those of one day if they are more: about a third of
/// a second.
inline constexpr std::int64_t pack_points_max = 20'000;
/// The moments up to which the metric's points are packed, step by step.
std::vector<domain::Instant> pack_ends(pqxx::transaction_base& tx, const Cold& metric,
                                       domain::Instant before);
/// Packs the points of a metric that are older than `before`. How many there were.
std::int64_t pack(pqxx::transaction_base& tx, const Cold& metric, domain::Instant before);

/// How many there were of each.
struct Trimmed {
    std::int64_t points{}, hours{}, buckets{};
};
/// Removes what lies before the kept history, and writes it down under the tenant's `version`.
Trimmed trim(pqxx::transaction_base& tx, domain::TenantId tenant, std::int64_t version,
             domain::Instant at, const domain::tenant::History& kept_from);

}  // namespace projections::metric
