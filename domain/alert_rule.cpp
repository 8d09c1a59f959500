#include "domain/alert_rule.hpp"

#include "domain/base/words.hpp"
#include "domain/metric.hpp"

#include <algorithm>

namespace domain::alert_rule {
namespace {

// Order matters: each word stands at the place of its enumerator.
constexpr Words<3> comparisons{"above", "below", "missing"};
constexpr Words<3> grains{"day", "week", "month"};
static_assert(comparisons.size() == static_cast<std::size_t>(Comparison::missing) + 1);
static_assert(grains.size() == static_cast<std::size_t>(Grain::month) + 1);

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

std::vector<Fault> faults_of(const Definition& d) {
    std::vector<Fault> faults;
    if (is_blank(d.name)) faults.push_back({"#/name", "required", "Give a name."});
    if (d.name.size() > name_bytes_max)
        faults.push_back({"#/name", "too-long", "Use at most 200 bytes of UTF-8."});
    if (!metric::is_key(d.metric))
        faults.push_back({"#/metric", "format", "Use the key of a metric."});
    if (!d.location.empty() && !metric::is_key(d.location))
        faults.push_back({"#/location", "format", "Use the key of a location."});
    if (d.threshold.has_value() == (d.comparison == Comparison::missing))
        faults.push_back({"#/threshold", d.threshold ? "not-allowed" : "required",
                          "Above and below have a threshold, missing has none."});
    if (d.for_periods < 1 || d.for_periods > periods_max)
        faults.push_back({"#/for_periods", "range", "Use 1 to 30 periods."});
    return faults;
}

Decision<Event> set(const State& state, const SetRule& c) {
    if (state.removed) return refuse(unknown);
    if (auto faults = faults_of(c.definition); !faults.empty())
        return std::unexpected(Refusal{invalid_rule, {}, std::move(faults)});
    if (state.exists && state.definition == c.definition) return {};
    return std::vector<Event>{Set{c.rule, c.definition, c.today}};
}

Decision<Event> remove(const State& state, const Remove& c) {
    if (state.removed) return {};
    return std::vector<Event>{Removed{state.rule, c.today}};
}

/// Whether `period` is beyond the threshold; empty when nobody can tell.
std::optional<bool> breaches(const Definition& rule, const Period& period) {
    if (rule.comparison == Comparison::missing) return !period.value;
    if (!period.value || !rule.threshold) return std::nullopt;
    return rule.comparison == Comparison::above ? *period.value > *rule.threshold
                                                : *period.value < *rule.threshold;
}

/// Whether what raised the alert has come to be otherwise.
bool takes_back(const State& state, const Period& period) {
    return state.raised && state.raised_on == period.from &&
           (period.closed || !breaches(state.definition, period).value_or(true));
}

Decision<Event> judge(const State& state, const Judge& c) {
    if (state.removed) return {};
    std::vector<Event> facts;
    bool raised = state.raised;
    int run = 0;
    for (const auto& period : c.periods) {
        if (takes_back(state, period)) {
            facts.push_back(Resolved{state.rule, period.from, period.value});
            raised = false;
        }
        if (period.from <= state.judged || period.closed) continue;
        const auto breach = breaches(state.definition, period);
        // What nobody knows ends a run: "in a row" has no hole.
        if (!breach) run = 0;
        if (!breach) continue;
        run = *breach ? run + 1 : 0;
        if (!raised && run >= state.definition.for_periods) {
            facts.push_back(
                Raised{state.rule, period.from, period.value, state.definition.threshold});
            raised = true;
        } else if (raised && !*breach) {
            facts.push_back(Resolved{state.rule, period.from, period.value});
            raised = false;
        }
    }
    return facts;
}

/// A new rule looks back just so far that it can be raised at once.
Date looks_from(const Set& fact) {
    return fact.on + -(fact.definition.for_periods + 1) * days_of(fact.definition.grain);
}

/// A name and a severity decide nothing.
bool says_the_same(const Definition& before, Definition now) {
    now.name = before.name;
    now.severity = before.severity;
    return now == before;
}

State after_set(State state, const Set& fact) {
    const auto from = looks_from(fact);
    state.judged = state.raised ? std::max(state.judged, from) : from;
    if (!says_the_same(state.definition, fact.definition)) state.raised_on.reset();
    state.exists = true;
    state.rule = fact.rule;
    state.definition = fact.definition;
    return state;
}

State after_word(State state, bool raised, Date on) {
    state.raised = raised;
    state.judged = on;
    state.raised_on = raised ? std::optional{on} : std::nullopt;
    return state;
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    if (!state.exists && !std::holds_alternative<SetRule>(command)) return refuse(unknown);
    return std::visit(Match{
                          [&](const SetRule& c) { return set(state, c); },
                          [&](const Remove& c) { return remove(state, c); },
                          [&](const Judge& c) { return judge(state, c); },
                      },
                      command);
}

State evolve(State state, const Event& event) {
    return std::visit(
        Match{
            [&](const Set& e) { return after_set(std::move(state), e); },
            [&](const Removed&) {
                state.removed = true;
                return std::move(state);
            },
            [&](const Raised& e) { return after_word(std::move(state), true, e.on); },
            [&](const Resolved& e) { return after_word(std::move(state), false, e.on); },
        },
        event);
}

int days_of(Grain grain) {
    switch (grain) {
        case Grain::day: return 1;
        case Grain::week: return 7;
        case Grain::month: return 31;
    }
    std::unreachable();
}

std::string_view to_text(Comparison comparison) { return word_of(comparisons, comparison); }
std::string_view to_text(Grain grain) { return word_of(grains, grain); }
std::optional<Comparison> comparison_from(std::string_view text) {
    return value_of<Comparison>(comparisons, text);
}
std::optional<Grain> grain_from(std::string_view text) { return value_of<Grain>(grains, text); }

}  // namespace domain::alert_rule
