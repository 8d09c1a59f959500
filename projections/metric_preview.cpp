// What a formula would give, beside what the metric gives now.
#include "events/writer.hpp"
#include "projections/metric_query.hpp"
#include "projections/metric_series.hpp"
#include "projections/metric_values.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::formula::Expression;
using domain::formula::Operation;

std::string_view to_text(Operation operation) {
    switch (operation) {
        case Operation::number: return "number";
        case Operation::input: return "input";
        case Operation::negate: return "negate";
        case Operation::add: return "add";
        case Operation::subtract: return "subtract";
        case Operation::multiply: return "multiply";
        case Operation::divide: return "divide";
        case Operation::min: return "min";
        case Operation::max: return "max";
        case Operation::abs: return "abs";
    }
    std::unreachable();
}

/// As it was understood: a metric, a number, or an operation on others.
void put_parsed(events::Writer& out, const Expression& expression) {
    out.open();
    if (expression.operation == Operation::input) {
        out.key("metric").text(expression.key).close();
        return;
    }
    if (expression.operation == Operation::number) {
        out.key("number").text(expression.number.text()).close();
        return;
    }
    out.key("operation").text(to_text(expression.operation)).key("operands").open_list();
    for (const auto& operand : expression.operands) put_parsed(out, operand);
    out.close_list().close();
}

domain::Result<void> put_inputs(events::Writer& out, pqxx::transaction_base& tx, const Ask& ask,
                                const Expression& expression) {
    out.key("inputs").open_list();
    for (const auto& key : domain::formula::inputs(expression)) {
        const auto input = definition_of(tx, ask, key);
        if (!input) return std::unexpected(input.error());
        out.open().key("metric").text(key).key("unit").text(input->unit);
        out.key("derived").boolean(!input->formulas.empty()).close();
    }
    out.close_list();
    return {};
}

void put_value(events::Writer& out, std::string_view name,
               const std::optional<std::string>& value) {
    out.key(name);
    if (value) out.text(*value);
    else out.null();
}

void put_both(events::Writer& out, const Window& window, const Values& now, const Values& then) {
    std::int64_t changed = 0;
    out.key("points").open_list();
    for (std::size_t i = 0; i < now.size(); ++i) {
        const auto& [at, value] = now[i];
        out.open().key("at").text(text_of(window.grain, at));
        put_value(out, "value", value);
        put_value(out, "preview", then[i].second);
        out.close();
        changed += value != then[i].second;
    }
    out.close_list().key("changed").integer(changed);
}

}  // namespace

domain::Result<Answer> preview(pqxx::transaction_base& tx, const Ask& ask) {
    const auto formula = first_filter(ask, "formula");
    const auto parsed = domain::formula::parse(formula);
    if (!parsed) return std::unexpected(parsed.error());
    const auto present = definition_of(tx, ask, ask.path.find("metric")->second);
    if (!present) return std::unexpected(present.error());
    const auto window = window_from(tx, ask);
    if (!window) return std::unexpected(window.error());
    auto changed = *present;
    domain::metric::hold(changed.formulas, formula,
                         domain::date_from(first_filter(ask, "recompute_from")));
    const Where everywhere;
    const Inputs in{tx, ask, everywhere};
    const auto now = filled(in, *present, *window);
    if (!now) return std::unexpected(now.error());
    const auto then = filled(in, changed, *window);
    if (!then) return std::unexpected(then.error());

    events::Writer out;
    out.open().key("metric").text(present->key).key("unit").text(present->unit);
    out.key("formula").text(formula).key("parsed");
    put_parsed(out, *parsed);
    if (auto put = put_inputs(out, tx, ask, *parsed); !put) return std::unexpected(put.error());
    out.key("grain").text(first_filter(ask, "grain", "day"));
    put_both(out, *window, now->points, then->points);
    out.close();
    return Answer{.json = out.take()};
}

}  // namespace projections::metric
