#pragma once
#include "domain/base/business_day.hpp"
#include "projections/metric_rollup.hpp"
#include "projections/query.hpp"

/// The periods that a question is about.
namespace projections::metric {

/// The period that is asked for: buckets from `from` up to, not including, `to`, which both begin
/// buckets.
struct Window {
    Grain grain{};
    domain::Instant from, to;
    int week_start{};
};

/// A date as its midnight in UTC, or an RFC 3339 time; empty when it is neither.
std::optional<domain::Instant> moment_from(const std::string& text);

/// The bucket after `bucket`.
domain::Instant next_of(const Window& window, domain::Instant bucket);

/// The bucket so many buckets before `bucket`.
domain::Instant before(const Window& window, domain::Instant bucket, std::int64_t buckets);

/// Filters grain, from and to; by default the last 30 days, day by day. At most 5,000 buckets.
domain::Result<Window> window_from(pqxx::transaction_base& tx, const Ask& ask);

/// What `window` is compared with, as many buckets: `previous` those before it, `same_weekday`
/// whole weeks earlier, `year_ago` 364 days, 12 months or 4 quarters earlier, so days keep their
/// weekday.
domain::Result<Window> compared(const Window& window, const std::string& how);

/// Whole days before each hour of `window`, those in which the clock on the business's wall shows
/// the same: one that it skips is the next one, so an hour may stand there twice.
std::vector<domain::Instant> same_hours(const Window& window, const domain::BusinessDays& clock,
                                        int days);
/// The clock of the place that is asked about, or of the whole business.
std::optional<domain::BusinessDays> clock_of(pqxx::transaction_base& tx, const Ask& ask);

/// A date, or for hours an instant.
std::string text_of(Grain grain, domain::Instant bucket);

}  // namespace projections::metric
