#include "domain/metric.hpp"

#include "domain/formula.hpp"

#include <algorithm>

namespace domain::metric {
namespace {

using Faults = std::vector<Fault>;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

void check_formula(Faults& faults, const Definition& d) {
    if (takes_points(d.kind)) {
        if (!d.formula.empty())
            faults.push_back({"#/formula", "not-allowed",
                              "Only ratio and derived metrics follow from a formula."});
        return;
    }
    if (d.formula.empty())
        return faults.push_back({"#/formula", "required", "Give a formula over other metrics."});
    const auto parsed = formula::parse(d.formula);
    if (!parsed) return faults.push_back({"#/formula", "formula", parsed.error().detail});
    const auto inputs = formula::inputs(*parsed);
    if (inputs.empty())
        return faults.push_back({"#/formula", "no-input", "It names no metric to follow from."});
    if (std::ranges::contains(inputs, d.key))
        faults.push_back({"#/formula", "cycle", "The metric would follow from itself."});
}

void check_aggregation(Faults& faults, const Definition& d) {
    if (takes_points(d.kind) && d.additivity != Additivity::full &&
        d.aggregation == Aggregation::sum)
        faults.push_back({"#/aggregation", "additivity",
                          "What does not add up over time has no sum; use last, mean, min or max, "
                          "or the additivity full."});
}

void check_range(Faults& faults, const Definition& d) {
    if (d.minimum && d.maximum && *d.minimum > *d.maximum)
        faults.push_back({"#/minimum", "range", "The minimum is larger than the maximum."});
}

void check_dimensions(Faults& faults, const Definition& d) {
    if (d.dimensions.size() > dimensions_max)
        faults.push_back({"#/dimensions", "too-many", "Use at most 8 dimensions."});
    auto sorted = d.dimensions;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end())
        faults.push_back({"#/dimensions", "duplicate", "Name each dimension once."});
    if (!std::ranges::all_of(sorted, is_key))
        faults.push_back({"#/dimensions", "format", "Use lower-case words such as channel."});
}

Faults faults_of(const Definition& d) {
    Faults faults;
    if (!is_key(d.key))
        faults.push_back(
            {"#/key", "format", "Use a lower-case word such as labour_cost, at most 60 bytes."});
    if (d.key.contains('-'))
        faults.push_back({"#/key", "format", "Use _ for -, which formulas read as minus."});
    if (is_blank(d.name))
        faults.push_back({"#/name", "required", "Give a name that is not blank."});
    if (d.name.size() > name_bytes_max)
        faults.push_back({"#/name", "too-long", "Use at most 200 bytes of UTF-8."});
    if (!is_unit(d.unit))
        faults.push_back(
            {"#/unit", "format",
             "Use an ISO 4217 code or a lower-case word such as count or ratio, or both: USD/h."});
    if (d.precision < 0 || d.precision > precision_max)
        faults.push_back({"#/precision", "range", "Use 0 to 12 decimals."});
    check_aggregation(faults, d);
    check_dimensions(faults, d);
    check_range(faults, d);
    check_formula(faults, d);
    return faults;
}

Decision<Event> define(const State& state, const Define& c) {
    if (state.exists) return refuse(already_defined, c.definition.key);
    if (auto faults = faults_of(c.definition); !faults.empty())
        return std::unexpected(Refusal{invalid_metric, {}, std::move(faults)});
    return std::vector<Event>{Defined{c.metric, c.definition}};
}

Decision<Event> revise(const State& state, const Revise& c) {
    if (state.archived) return refuse(archived);
    const bool same_days =
        !c.recompute_from ||
        (!state.formulas.empty() && state.formulas.rbegin()->first == c.recompute_from);
    if (c.definition == state.definition && same_days) return {};
    auto faults = faults_of(c.definition);
    // Points that were taken in another unit would lie from now on.
    if (c.definition.unit != state.definition.unit)
        faults.push_back({"#/unit", "immutable", "A unit never changes; define another metric."});
    if (takes_points(c.definition.kind) != takes_points(state.definition.kind))
        faults.push_back(
            {"#/kind", "immutable", "A metric with points keeps them; define another metric."});
    if (c.recompute_from && c.definition.formula == state.definition.formula)
        faults.push_back({"#/recompute_from", "not-allowed",
                          "Only a new formula can hold from a day on; give it too."});
    if (!faults.empty()) return std::unexpected(Refusal{invalid_metric, {}, std::move(faults)});
    return std::vector<Event>{Revised{state.metric, c.definition, c.recompute_from}};
}

Decision<Event> archive(const State& state, const Archive& c) {
    if (state.archived) return {};
    return std::vector<Event>{Archived{state.metric, c.today}};
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    if (!state.exists && !std::holds_alternative<Define>(command)) return refuse(unknown);
    return std::visit(Match{
                          [&](const Define& c) { return define(state, c); },
                          [&](const Revise& c) { return revise(state, c); },
                          [&](const Archive& c) { return archive(state, c); },
                      },
                      command);
}

State evolve(State state, const Event& event) {
    std::visit(Match{
                   [&](const Defined& e) {
                       state = {true, false, e.metric, e.definition, {}, 1};
                       hold(state.formulas, e.definition.formula, {});
                   },
                   [&](const Revised& e) {
                       state.definition = e.definition;
                       hold(state.formulas, e.definition.formula, e.recompute_from);
                       ++state.revision;
                   },
                   [&](const Archived&) { state.archived = true; },
               },
               event);
    return state;
}

void hold(Formulas& formulas, const std::string& formula, std::optional<Date> from) {
    if (!formulas.empty() && formulas.rbegin()->second == formula) return;
    formulas.erase(formulas.lower_bound(from), formulas.end());
    formulas.emplace(from, formula);
}

bool is_key(std::string_view text) {
    if (text.empty() || text.size() > key_bytes_max || !is_lower(text.front())) return false;
    return std::ranges::all_of(
        text, [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-'; });
}

bool is_unit(std::string_view text) {
    const auto is_base = [](std::string_view base) {
        return is_key(base) || (base.size() == 3 && std::ranges::all_of(base, is_upper));
    };
    if (text.size() > unit_bytes_max) return false;
    for (auto end = text.find_first_of("*/"); end != std::string_view::npos;
         end = text.find_first_of("*/")) {
        if (!is_base(text.substr(0, end))) return false;
        text.remove_prefix(end + 1);
    }
    return is_base(text);
}

}  // namespace domain::metric
