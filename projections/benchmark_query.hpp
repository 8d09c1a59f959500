#pragma once
#include "projections/query.hpp"

/// What people ask of benchmarks. Every answer carries the licence of what is in it.
namespace projections::benchmark {

/// A page of series by id. Filters: provider, retired (true or false, default false).
domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask);
/// One series.
domain::Result<Answer> get(pqxx::transaction_base& tx, const Ask& ask);
/// The newest 5,000 observations of a series, oldest first. Filters: from and to (a date, month,
/// quarter or year; `to` is not included), as_of (a date: what was known on it; default now).
domain::Result<Answer> observations(pqxx::transaction_base& tx, const Ask& ask);
/// A page of the files that brought something, newest first; one of them; and a page of its rows
/// that were not taken, by line.
domain::Result<Answer> imports(pqxx::transaction_base& tx, const Ask& ask);
domain::Result<Answer> import(pqxx::transaction_base& tx, const Ask& ask);
domain::Result<Answer> rejects(pqxx::transaction_base& tx, const Ask& ask);
/// A page of the benchmarks beside a metric, by id.
domain::Result<Answer> mappings(pqxx::transaction_base& tx, const Ask& ask);

/// A metric beside its benchmarks. Filters: period (a day, month, quarter or year; default the last
/// whole month) and as_of.
///
/// The benchmark's value: its observations that begin in the period, put together as the mapping
/// says (a sum only when none is missing), times the factor; of a series of longer periods the one
/// that the period is in, which a sum cannot be. Where nothing is known of the period yet, the last
/// one before it is taken and named. Inflation: times the price level of the period that was asked
/// for, by that of the benchmark's; the price level is the mean of the deflator's observations that
/// begin in a period, or the last before its end.
///
/// The percentile is read between published percentiles where the value has any, else among the
/// benchmark's own values up to then, the newest 600: domain/benchmark_standing.hpp says how.
domain::Result<Answer> comparison(pqxx::transaction_base& tx, const Ask& ask);

/// A metric among the peers of its tenant, who all share theirs. Filter: period (a month, quarter
/// or year that is over; default the last whole month). Refuses by cohort-not-joined,
/// cohort-too-small, cohort-dominated and cohort-metric-derived;
/// sql/functions/board_peer_distribution.sql decides.
domain::Result<Answer> peers(pqxx::transaction_base& tx, const Ask& ask);

/// Whether the tenant shares with its peers, and as what.
domain::Result<Answer> cohort(pqxx::transaction_base& tx, const Ask& ask);

/// Members of a row named b that say what may be done with its numbers.
extern const char* const licence_sql;

}  // namespace projections::benchmark
