#pragma once
#include "events/store.hpp"
#include "projections/query.hpp"

/// What people ask of metrics.
namespace projections::metric {

/// A page of definitions by key. Filters: archived (true or false).
domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask);
/// The metric that an address names, by its key or its id.
domain::Uuid named_metric(domain::TenantId tenant, std::string_view name);
/// One definition.
domain::Result<Answer> get(pqxx::transaction_base& tx, const Ask& ask);
/// A page by key: every metric that is not archived with its newest business day that has a value,
/// which is what its series has there; null where there is none, of a derived metric in the 31 days
/// up to the newest point of its inputs.
domain::Result<Answer> latest(pqxx::transaction_base& tx, const Ask& ask);
/// The 20 of the first 1,000 metrics by key that changed most. Filters: to (a date, default today,
/// so that the last complete day is in), days (1 to 366, default 7): the days before `to` beside as
/// many before those, each as one value; what accumulates counts what the days added. `truncated`
/// when there are more than 1,000 metrics.
domain::Result<Answer> movers(pqxx::transaction_base& tx, const Ask& ask);
/// Whether a metric's numbers can be trusted. Filters: from and to (dates, at most 1,100 days,
/// default 30), location: closures of it, and not only of the whole business, are no gaps then. Of
/// a derived metric a day is there when all that its formula of that day follows from are, and
/// points are those of all that it follows from.
/// Late is what came more than 48 hours after its time. A point sent again by another batch is
/// replaced, or a duplicate when its value is what it was; batches that were taken back do not
/// count, and points sent twice in one batch are counted by batch alone.
domain::Result<Answer> quality(pqxx::transaction_base& tx, const Ask& ask);
/// A page of what was changed of a definition, by whom and when, oldest first. From the log.
domain::Result<Answer> revisions(events::Store& store, const Ask& ask);
/// What a formula would give beside what the metric gives now. Filters: formula, which is checked,
/// recompute_from (a date), and those of a window: grain, from, to.
domain::Result<Answer> preview(pqxx::transaction_base& tx, const Ask& ask);
/// A page of points by time, as JSON or CSV, wherever they are kept. Filters: from and to (dates or
/// times, at most 366 days, default the last 30), location.
domain::Result<Answer> points(pqxx::transaction_base& tx, const Ask& ask);
/// The locations of the tenant by key, closed ones too.
domain::Result<Answer> locations(pqxx::transaction_base& tx, const Ask& ask);
/// A page of batches, newest first.
domain::Result<Answer> batches(pqxx::transaction_base& tx, const Ask& ask);
/// One batch with its counts.
domain::Result<Answer> batch(pqxx::transaction_base& tx, const Ask& ask);
/// A page of the rows of a batch that were not taken, by line.
domain::Result<Answer> rejects(pqxx::transaction_base& tx, const Ask& ask);

}  // namespace projections::metric
