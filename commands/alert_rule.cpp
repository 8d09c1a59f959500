#include "commands/alert_rule.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"
#include "commands/metric_lookup.hpp"

namespace commands::alert_rule {
namespace {

using namespace domain::alert_rule;

domain::Result<Definition> definition_in(events::Store& store, const Request& request) {
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    Definition rule{.name = body.text("name"),
                    .metric = body.text("metric"),
                    .location = body.text_or_empty("location"),
                    .comparison = body.word("comparison", &comparison_from),
                    .threshold = body.maybe_decimal("threshold"),
                    .grain = body.maybe_word("grain", &grain_from).value_or(Grain::day),
                    .for_periods = body.maybe_integer("for_periods").value_or(1),
                    .severity = body.maybe_word("severity", &domain::anomaly::severity_from)
                                    .value_or(Severity::notice)};
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    const auto known = read_metrics(store, request.who.tenant, {rule.metric});
    if (!known) return std::unexpected(known.error());
    if (!known->contains(rule.metric))
        return std::unexpected(domain::Refusal{
            invalid_rule, {}, {{"#/metric", "unknown-metric", "There is no such metric."}}});
    return rule;
}

}  // namespace

domain::Result<Proposal> set(events::Store& store, events::Keys& keys, const Request& request) {
    auto rule = definition_in(store, request);
    if (!rule) return std::unexpected(std::move(rule.error()));
    const domain::AlertRuleId id{request.command.value};
    return propose_new<AlertRule>(keys, request, id.value,
                                  SetRule{id, *std::move(rule), request.today});
}

domain::Result<Proposal> replace(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = id_in_path<domain::AlertRuleId>(request, "rule");
    if (!id) return std::unexpected(id.error());
    const auto loaded = load<AlertRule>(store, nullptr, request.who.tenant, id->value);
    if (!loaded) return std::unexpected(loaded.error());
    if (!loaded->state.exists) return domain::refuse(unknown);
    auto rule = definition_in(store, request);
    if (!rule) return std::unexpected(std::move(rule.error()));
    return propose<AlertRule>(store, keys, request, id->value,
                              SetRule{*id, *std::move(rule), request.today});
}

domain::Result<Proposal> remove(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = id_in_path<domain::AlertRuleId>(request, "rule");
    if (!id) return std::unexpected(id.error());
    return propose<AlertRule>(store, keys, request, id->value, Remove{request.today});
}

domain::Result<Proposal> judge(events::Store& store, events::Keys& keys, const Request& request,
                               domain::AlertRuleId rule, std::vector<Period> periods) {
    return propose<AlertRule>(store, keys, request, rule.value, Judge{std::move(periods)});
}

}  // namespace commands::alert_rule
