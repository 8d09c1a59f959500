#include "domain/metric.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"
#include "commands/metric_lookup.hpp"
#include "domain/formula.hpp"

#include <algorithm>

namespace commands::metric {
namespace {

using namespace domain::metric;

constexpr int formula_depth_max = 10;

/// The metric in the path, by its key or its id.
domain::MetricId metric_in_path(const Request& request) {
    const auto found = request.path.find("metric");
    const std::string_view name = found == request.path.end() ? std::string_view{} : found->second;
    const auto id = domain::uuid_from(name);
    return id ? domain::MetricId{*id} : metric_id(request.who.tenant, name);
}

/// What the body says, and what it leaves out as `before` has it.
Definition read_definition(Body& body, Definition before) {
    const auto text = [&](std::string_view name, std::string& into) {
        if (body.given(name)) into = body.text(name);
    };
    text("name", before.name);
    text("formula", before.formula);
    before.kind = body.maybe_word("kind", &kind_from).value_or(before.kind);
    before.additivity = body.maybe_word("additivity", &additivity_from).value_or(before.additivity);
    before.aggregation =
        body.maybe_word("aggregation", &aggregation_from).value_or(before.aggregation);
    before.good_direction =
        body.maybe_word("good_direction", &good_direction_from).value_or(before.good_direction);
    before.gap_policy = body.maybe_word("gap_policy", &gap_policy_from).value_or(before.gap_policy);
    if (body.given("dimensions")) before.dimensions = body.texts("dimensions");
    before.precision = body.maybe_integer("precision").value_or(before.precision);
    // Null takes a limit away.
    if (body.given("minimum")) before.minimum = body.maybe_decimal("minimum");
    if (body.given("maximum")) before.maximum = body.maybe_decimal("maximum");
    text("unit", before.unit);
    return before;
}

domain::Refusal formula_fault(std::string code, std::string detail) {
    return {invalid_metric, {}, {{"#/formula", std::move(code), std::move(detail)}}};
}

/// Adds what any of the formulas needs, whichever day it held on.
void add_inputs(const Formulas& formulas, Keys& into) {
    for (const auto& [since, formula] : formulas) {
        const auto parsed = domain::formula::parse(formula);
        if (formula.empty() || !parsed) continue;
        for (const auto& key : domain::formula::inputs(*parsed)) into.insert(key);
    }
}

/// What a formula was checked against: the streams of its inputs, and theirs, at their versions.
using Checked = std::vector<events::StreamWrite>;

/// All that formulas follow from, by key: their inputs, and those of their formulas.
domain::Result<Metrics> read_inputs(events::Store& store, const Request& request,
                                    const std::string& key, const Formulas& formulas) {
    Metrics found;
    Keys wanted;
    add_inputs(formulas, wanted);
    for (int depth = 0; !wanted.empty(); ++depth) {
        if (wanted.contains(key))
            return std::unexpected(formula_fault(
                "cycle", "The metric would follow from itself, on some day at least."));
        if (depth == formula_depth_max)
            return std::unexpected(
                formula_fault("depth", "It would follow from formulas more than " +
                                           std::to_string(formula_depth_max) + " deep."));
        auto metrics = read_metrics(store, request.who.tenant, wanted);
        if (!metrics) return metrics;
        Keys next;
        for (const auto& input : wanted) {
            const auto read = metrics->find(input);
            if (read == metrics->end())
                return std::unexpected(
                    formula_fault("unknown-metric", "There is no metric " + input + "."));
            if (found.contains(input)) continue;
            add_inputs(read->second.formulas, next);
            found.insert(metrics->extract(read));
        }
        wanted = std::move(next);
    }
    return found;
}

/// How long formulas get when those of their inputs are written out.
class WrittenOut {
public:
    explicit WrittenOut(const Metrics& inputs) : inputs_{inputs} {}

    std::size_t parts_of(const Formulas& formulas) {
        std::size_t parts = 0;
        for (const auto& [since, formula] : formulas) {
            const auto parsed = domain::formula::parse(formula);
            if (formula.empty() || !parsed) continue;
            for (const auto& key : domain::formula::inputs(*parsed)) note(key);
            parts += domain::formula::parts_of(*parsed, parts_) + (formulas.size() > 1 ? 1 : 0);
        }
        return std::clamp<std::size_t>(parts, 1, domain::formula::parts_max + 1);
    }

private:
    void note(const std::string& key) {
        const auto found = inputs_.find(key);
        if (found == inputs_.end() || parts_.contains(key)) return;
        const auto parts = parts_of(found->second.formulas);
        parts_.emplace(key, parts);
    }

    const Metrics& inputs_;
    std::map<std::string, std::size_t, std::less<>> parts_;
};

std::optional<domain::Refusal> unit_fault(const Definition& definition,
                                          const domain::formula::Expression& parsed,
                                          const Metrics& inputs) {
    std::map<std::string, domain::formula::Unit, std::less<>> units;
    for (const auto& [key, input] : inputs)
        units[key] = domain::formula::unit_from(input.definition.unit);
    const auto unit = domain::formula::unit_of(parsed, units);
    if (!unit) return formula_fault("unit", unit.error().detail);
    if (*unit == domain::formula::unit_from(definition.unit)) return std::nullopt;
    return formula_fault("unit", "The formula gives " + domain::formula::to_text(*unit) + ", not " +
                                     definition.unit + ".");
}

/// The inputs of its formulas exist, none comes back to the metric, the newest one's unit is the
/// metric's, and written out they are no longer than anybody can be answered.
domain::Result<Checked> check_formulas(events::Store& store, const Request& request,
                                       const Definition& definition, Formulas formulas,
                                       std::optional<domain::Date> recompute_from) {
    const auto parsed = domain::formula::parse(definition.formula);
    if (!parsed) return Checked{};  // the decision says what is wrong with it
    hold(formulas, definition.formula, recompute_from);
    const auto inputs = read_inputs(store, request, definition.key, formulas);
    if (!inputs) return std::unexpected(inputs.error());
    if (auto fault = unit_fault(definition, *parsed, *inputs))
        return std::unexpected(*std::move(fault));
    if (WrittenOut{*inputs}.parts_of(formulas) > domain::formula::parts_max)
        return std::unexpected(
            formula_fault("too-long",
                          "With its inputs' formulas written out, and those that held before, it "
                          "has more than " +
                              std::to_string(domain::formula::parts_max) + " parts."));
    Checked checked;
    // A write without events only expects the version.
    for (const auto& [key, input] : *inputs)
        checked.push_back({{std::string{Metric::category}, input.metric.value},
                           input.revision + (input.archived ? 1 : 0),
                           {}});
    return checked;
}

/// Of two formulas that would follow from each other, whichever comes second is decided again.
domain::Result<Proposal> expecting(domain::Result<Proposal> proposal, Checked checked) {
    if (!proposal || proposal->append.writes.front().events.empty()) return proposal;
    auto& writes = proposal->append.writes;
    std::ranges::move(checked, std::back_inserter(writes));
    return proposal;
}

}  // namespace

domain::Result<Proposal> define(events::Store& store, events::Keys& keys, const Request& request) {
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    const auto key = body.text("key");
    for (const auto* required : {"name", "unit"}) {
        if (!body.present(required)) body.fault(required, "required", "is missing");
    }
    auto definition = read_definition(body, Definition{.key = key, .name = {}});
    if (!body.present("aggregation"))
        definition.aggregation = usual_aggregation(definition.additivity);
    if (!body.present("precision"))
        definition.precision = usual_precision(definition.kind);
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    auto checked = check_formulas(store, request, definition, {}, {});
    if (!checked) return std::unexpected(std::move(checked.error()));
    const auto id = metric_id(request.who.tenant, key);
    auto proposal =
        propose<Metric>(store, keys, request, id.value, Define{id, std::move(definition)});
    if (proposal) proposal->append.status = 201;
    return expecting(std::move(proposal), *std::move(checked));
}

domain::Result<Proposal> revise(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = metric_in_path(request);
    const auto loaded = load<Metric>(store, nullptr, request.who.tenant, id.value);
    if (!loaded) return std::unexpected(loaded.error());
    if (!loaded->state.exists) return domain::refuse(unknown);
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    auto definition = read_definition(body, loaded->state.definition);
    const auto recompute_from = body.maybe_date("recompute_from");
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    auto checked =
        check_formulas(store, request, definition, loaded->state.formulas, recompute_from);
    if (!checked) return std::unexpected(std::move(checked.error()));
    return expecting(propose<Metric>(store, keys, request, id.value,
                                     Revise{std::move(definition), recompute_from}),
                     *std::move(checked));
}

domain::Result<Parameters> preview(events::Store& store, const Request& request) {
    const auto id = metric_in_path(request);
    const auto loaded = load<Metric>(store, nullptr, request.who.tenant, id.value);
    if (!loaded) return std::unexpected(loaded.error());
    if (!loaded->state.exists) return domain::refuse(unknown);
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    auto definition = loaded->state.definition;
    definition.formula = body.text("formula");
    Parameters asked{{"formula", definition.formula}};
    const auto recompute_from = body.maybe_date("recompute_from");
    if (recompute_from) asked.emplace("recompute_from", domain::to_text(*recompute_from));
    for (const auto* name : {"from", "to", "grain"}) {
        if (const auto given = body.maybe_text(name)) asked.emplace(name, *given);
    }
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    const auto decision = decide(loaded->state, Revise{definition, recompute_from});
    if (!decision) return std::unexpected(decision.error());
    if (auto fits =
            check_formulas(store, request, definition, loaded->state.formulas, recompute_from);
        !fits)
        return std::unexpected(std::move(fits.error()));
    return asked;
}

domain::Result<Proposal> archive(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = metric_in_path(request);
    return propose<Metric>(store, keys, request, id.value, Archive{request.today});
}

}  // namespace commands::metric
