// What a metric was at a moment, and which formulas held for which days.
#include "domain/metric.hpp"
#include "projections/state_form.hpp"

namespace projections {
namespace {

/// A metric that takes points has held no formula from the start.
void put_formulas(events::Writer& out, const domain::metric::Formulas& formulas) {
    out.key("formulas").open_list();
    for (const auto& [from, formula] : formulas) {
        if (!from && formula.empty()) continue;
        out.open();
        put_or_null(out, "from", from);
        put_or_null(out, "formula", formula);
        out.close();
    }
    out.close_list();
}

void put_metric(events::Writer& out, const domain::metric::State& state) {
    const auto& metric = state.definition;
    out.key("key").text(metric.key).key("name").text(metric.name);
    out.key("kind").text(to_text(metric.kind)).key("unit").text(metric.unit);
    out.key("additivity").text(to_text(metric.additivity));
    out.key("aggregation").text(to_text(metric.aggregation));
    out.key("good_direction").text(to_text(metric.good_direction));
    out.key("gap_policy").text(to_text(metric.gap_policy));
    put_list(out, "dimensions", metric.dimensions);
    out.key("precision").integer(metric.precision);
    put_or_null(out, "formula", metric.formula);
    put_or_null(out, "minimum", metric.minimum);
    put_or_null(out, "maximum", metric.maximum);
    put_formulas(out, state.formulas);
    out.key("revision").integer(state.revision).key("archived").boolean(state.archived);
}

}  // namespace

domain::Result<std::string> metric_state(StreamPast past) {
    return folded_text<domain::metric::Metric>("metric", past, &put_metric);
}

}  // namespace projections
