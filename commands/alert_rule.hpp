#pragma once
#include "commands/request.hpp"
#include "domain/alert_rule.hpp"

/// What complete periods say to a rule; people's commands are in the catalogue.
namespace commands::alert_rule {

domain::Result<Proposal> judge(events::Store& store, events::Keys& keys, const Request& request,
                               domain::AlertRuleId rule,
                               std::vector<domain::alert_rule::Period> periods);

}  // namespace commands::alert_rule
