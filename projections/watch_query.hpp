#pragma once
#include "domain/closure.hpp"
#include "projections/query.hpp"

/// What people ask of anomalies, alert rules, alerts and closures.
namespace projections::watch_board {

/// A page of anomalies, the newest day first. Filters: metric, location, kind, severity, status
/// (each repeatable), from and to (dates; to is not in it).
domain::Result<Answer> anomalies(pqxx::transaction_base& tx, const Ask& ask);
domain::Result<Answer> anomaly(pqxx::transaction_base& tx, const Ask& ask);
/// A page of rules that are in force. Filters: metric.
domain::Result<Answer> rules(pqxx::transaction_base& tx, const Ask& ask);
domain::Result<Answer> rule(pqxx::transaction_base& tx, const Ask& ask);
/// A page of alerts, the newest first. Filters: rule, status (raised or resolved).
domain::Result<Answer> alerts(pqxx::transaction_base& tx, const Ask& ask);
/// A page of closures by their first day. Filters: location, from and to (dates).
domain::Result<Answer> closures(pqxx::transaction_base& tx, const Ask& ask);

/// The closures of a tenant that hold.
std::vector<domain::closure::Closure> closures_of(pqxx::transaction_base& tx,
                                                  domain::TenantId tenant);

}  // namespace projections::watch_board
