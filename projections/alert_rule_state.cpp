// What an alert rule was at a moment.
#include "domain/alert_rule.hpp"
#include "projections/state_form.hpp"

namespace projections {
namespace {

void put_alert_rule(events::Writer& out, const domain::alert_rule::State& state) {
    const auto& rule = state.definition;
    out.key("name").text(rule.name).key("metric").text(rule.metric);
    put_or_null(out, "location", rule.location);
    out.key("comparison").text(to_text(rule.comparison));
    put_or_null(out, "threshold", rule.threshold);
    out.key("grain").text(to_text(rule.grain)).key("for_periods").integer(rule.for_periods);
    out.key("severity").text(to_text(rule.severity)).key("raised").boolean(state.raised);
    out.key("removed").boolean(state.removed);
    out.key("judged_to").text(domain::to_text(state.judged));
}

}  // namespace

domain::Result<std::string> alert_rule_state(StreamPast past) {
    return folded_text<domain::alert_rule::AlertRule>("rule", past, &put_alert_rule);
}

}  // namespace projections
