#pragma once
#include "events/codec.hpp"

/// Every stored form there is, for the tools that walk everything.
namespace events {

std::vector<Form> alert_rule_forms();
std::vector<Form> anomaly_forms();
std::vector<Form> closure_forms();
std::vector<Form> benchmark_forms();
std::vector<Form> cohort_forms();
std::vector<Form> goal_forms();
std::vector<Form> location_forms();
std::vector<Form> metric_forms();
std::vector<Form> metric_batch_forms();
std::vector<Form> tenant_forms();
std::vector<Form> user_forms();
std::vector<Form> webhook_forms();
std::vector<Form> webhook_list_forms();

/// All aggregates' forms, in the order of the catalogue.
std::vector<Form> all_forms();
/// The form named `type`; empty when this program does not know it.
std::optional<Form> form_of(std::string_view type);

/// Whether this build reads the event, whatever its aggregate: unreadable, with where it failed, or
/// with the category when nothing here reads it.
domain::Result<void> decodes(const Recorded& event);

}  // namespace events
