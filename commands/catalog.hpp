#pragma once
#include "commands/request.hpp"

/// Every command there is. The route table in src/http/routes.cpp says how each is reached.
namespace commands {

namespace goal {
domain::Result<Proposal> draft(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> update(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> set_measure(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> set_timeframe(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> assess(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> activate(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> check_in(events::Store&, events::Keys&, const Request&);
/// The check-in of a goal whose metric has a complete period: a body of as_of and value.
domain::Result<Proposal> check_in_by_metric(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> complete(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> abandon(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> reopen(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> archive(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> evaluate_health(events::Store&, events::Keys&, const Request&);
}  // namespace goal

namespace benchmark {
domain::Result<Proposal> register_series(events::Store&, events::Keys&, const Request&);
/// Takes a provider's file in: the good rows land, the bad ones are kept as rejects.
domain::Result<Proposal> import(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> retire(events::Store&, events::Keys&, const Request&);
/// Holds a benchmark beside a metric, and ends that.
domain::Result<Proposal> map(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> unmap(events::Store&, events::Keys&, const Request&);
}  // namespace benchmark

namespace cohort {
/// Whether the tenant's metrics count among its peers'.
domain::Result<Proposal> put(events::Store&, events::Keys&, const Request&);
}  // namespace cohort

namespace milestone {
domain::Result<Proposal> add(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> reschedule(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> complete(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> remove(events::Store&, events::Keys&, const Request&);
}  // namespace milestone

namespace action_item {
domain::Result<Proposal> add(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> start(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> complete(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> reschedule(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> cancel(events::Store&, events::Keys&, const Request&);
}  // namespace action_item

namespace alert_rule {
domain::Result<Proposal> set(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> replace(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> remove(events::Store&, events::Keys&, const Request&);
}  // namespace alert_rule

namespace anomaly {
domain::Result<Proposal> explain(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> dismiss(events::Store&, events::Keys&, const Request&);
}  // namespace anomaly

namespace closure {
domain::Result<Proposal> plan(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> cancel(events::Store&, events::Keys&, const Request&);
}  // namespace closure

namespace location {
domain::Result<Proposal> put(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> close(events::Store&, events::Keys&, const Request&);
}  // namespace location

namespace metric {
domain::Result<Proposal> define(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> revise(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> archive(events::Store&, events::Keys&, const Request&);
/// What the body asks of a formula: formula, recompute_from, from, to, grain. Refuses a formula
/// that revise would refuse, for the same reasons.
domain::Result<Parameters> preview(events::Store&, const Request&);
}  // namespace metric

namespace metric_batch {
/// Takes points in: the good rows land, the bad ones are kept as rejects.
domain::Result<Proposal> ingest(events::Store&, events::Keys&, const Request&);
/// As ingest, from a CSV file and a mapping of its columns.
domain::Result<Proposal> import(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> revert(events::Store&, events::Keys&, const Request&);
}  // namespace metric_batch

namespace tenant {
/// Makes a tenant and its first owner together; who.tenant and who.user are their new ids.
domain::Result<Proposal> register_tenant(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> change_profile(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> change_role(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> remove_member(events::Store&, events::Keys&, const Request&);
/// For operators; path: plan_tier.
domain::Result<Proposal> change_plan(events::Store&, events::Keys&, const Request&);
/// For the clock: gives up what no plan of the tenant promises any more.
domain::Result<Proposal> trim_history(events::Store&, events::Keys&, const Request&);
}  // namespace tenant

namespace user {
/// Makes a user who is a member of the caller's tenant.
domain::Result<Proposal> register_user(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> change_profile(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> deactivate(events::Store&, events::Keys&, const Request&);
}  // namespace user

namespace webhook {
/// The address is vetted by request.vet_url; the first secret is named by the command.
domain::Result<Proposal> create(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> change(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> enable(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> disable(events::Store&, events::Keys&, const Request&);
/// The command names the new secret.
domain::Result<Proposal> rotate_secret(events::Store&, events::Keys&, const Request&);
domain::Result<Proposal> remove(events::Store&, events::Keys&, const Request&);
}  // namespace webhook

}  // namespace commands
