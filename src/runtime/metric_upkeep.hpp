#pragma once
#include "domain/tenant.hpp"
#include "events/personal.hpp"
#include "src/postgres/appender.hpp"

#include <functional>

/// What keeps the points of metrics small: cold ones are packed, and histories that no plan
/// promises any more are trimmed.
namespace runtime {

/// Told after every step how much of the whole it was; false stops, and what is done stays done.
using Stepped = std::function<bool(std::int64_t done, std::int64_t total)>;

struct Packed {
    std::int64_t points{};
    /// Of the hypertable that were empty then, and dropped; none: they could not be, because
    /// somebody read them, and the next run tries again. Points are packed all the same.
    std::optional<std::int64_t> chunks{0};
    std::int64_t bytes_before{}, bytes_after{};  ///< of the hypertable and the segments together
};

/// Packs every point older than `before` into segments, beside a running projection: each step is
/// one transaction that holds the lane of its tenant, as the projection itself does, and the lane
/// is free as long as it was held. May be repeated, and killed, at any time. Every run that was not
/// killed leaves a line in projection.upkeep: done, stopped, or the code of what went wrong.
domain::Result<Packed> pack_cold_points(const postgres::Database& database, domain::Instant before,
                                        const Stepped& stepped);
/// How many points that would be.
domain::Result<std::int64_t> count_cold_points(const postgres::Database& database,
                                               domain::Instant before);

struct Trim {
    domain::TenantId tenant;
    domain::tenant::History kept_from;  ///< as its plans have it now
};

/// The tenants that have older points than their plans promise, were they trimmed or not.
domain::Result<std::vector<Trim>> histories_due(const postgres::Database& database,
                                                domain::Instant now);
/// Gives those histories up: one event each, at most one a week. The projection then removes what
/// lies before. How many were trimmed.
domain::Result<std::int64_t> trim_histories(const postgres::Database& database,
                                            postgres::Appender& appender, events::Keys& keys,
                                            domain::Instant now, const Stepped& stepped);

}  // namespace runtime
