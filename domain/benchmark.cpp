#include "domain/benchmark.hpp"

#include "domain/formula.hpp"
#include "domain/metric.hpp"

#include <algorithm>

namespace domain::benchmark {
namespace {

using Faults = std::vector<Fault>;

constexpr std::size_t faults_told_max = 50;
/// Outlooks reach some years ahead; more is a mistake.
constexpr int days_ahead_max = 3660;

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

void check_text(Faults& faults, std::string_view pointer, std::string_view text, std::size_t max) {
    if (is_blank(text))
        faults.push_back({std::string{pointer}, "required", "Give a text that is not blank."});
    if (text.size() > max)
        faults.push_back({std::string{pointer}, "too-long",
                          "Use at most " + std::to_string(max) + " bytes of UTF-8."});
}

Faults faults_of(const Definition& d) {
    Faults faults;
    check_text(faults, "#/external_id", d.external_id, external_id_bytes_max);
    check_text(faults, "#/title", d.title, title_bytes_max);
    check_text(faults, "#/geo", d.geo, geo_bytes_max);
    check_text(faults, "#/licence/attribution", d.licence.attribution, attribution_bytes_max);
    if (!metric::is_unit(d.unit))
        faults.push_back({"#/unit", "format",
                          "Use an ISO 4217 code or a lower-case word such as index, or both."});
    if (!d.naics.empty() && !is_naics(d.naics))
        faults.push_back({"#/naics", "format", "Use 2 to 6 digits."});
    // IBISWorld's terms forbid both; a flag that says otherwise would be wrong for ever.
    if (d.provider == Provider::ibisworld && d.licence.redistribute)
        faults.push_back({"#/licence/redistribute", "licence", "IBISWorld forbids it."});
    if (d.provider == Provider::ibisworld && d.licence.cloud_model_use)
        faults.push_back({"#/licence/cloud_model_use", "licence", "IBISWorld forbids it."});
    return faults;
}

Decision<Event> register_series(const State& state, const Register& c) {
    if (state.exists) return refuse(already_registered, c.definition.external_id);
    if (auto faults = faults_of(c.definition); !faults.empty())
        return std::unexpected(Refusal{invalid_benchmark, {}, std::move(faults)});
    return std::vector<Event>{Registered{c.benchmark, c.definition}};
}

// ---- Taking observations in.
bool percentiles_fall(const Percentiles& percentiles) {
    std::vector<Decimal> given;
    for (const auto& one : percentiles) {
        if (one) given.push_back(*one);
    }
    return !std::ranges::is_sorted(given);
}

/// Sorts rows into those that are new, those that are known, and those that cannot be.
class Sorter {
public:
    Sorter(const State& state, const Import& import) : state_{state}, import_{import} {
        fact_.import = import.import;
        fact_.format = import.format;
        fact_.missing = import.missing;
        fact_.received =
            static_cast<int>(import.rows.size() + import.rejects.size()) + import.missing;
        rejects_ = import.rejects;
    }

    ObservationsImported sort() {
        auto rows = import_.rows;
        std::ranges::stable_sort(rows, {}, [](const Row& row) {
            return std::pair{row.observation.period, row.observation.vintage};
        });
        for (const auto& row : rows) take(row);
        std::ranges::stable_sort(rejects_, {}, &Reject::line);
        fact_.rejected = static_cast<int>(rejects_.size());
        if (rejects_.size() > rejects_kept_max) rejects_.resize(rejects_kept_max);
        fact_.rejects = std::move(rejects_);
        return std::move(fact_);
    }

private:
    void take(const Row& row) {
        const auto& [period, vintage, figures] = row.observation;
        if (const auto wrong = fault_of(row.observation); !wrong.code.empty())
            return rejects_.push_back({row.line, wrong.code, wrong.detail});
        const auto* before = said_of(period, vintage);
        if (before != nullptr && *before == figures) {
            ++fact_.known;
            return;
        }
        if (before != nullptr)
            return rejects_.push_back(
                {row.line, "vintage-known",
                 "The period has another value of this vintage; a correction is a later one."});
        fresh_.emplace(std::pair{period, vintage}, figures);
        fact_.observations.push_back(row.observation);
    }

    /// Null when nothing was said of the period on that day.
    const Figures* said_of(Date period, Date vintage) const {
        if (const auto here = fresh_.find({period, vintage}); here != fresh_.end())
            return &here->second;
        const auto vintages = state_.known.find(period);
        if (vintages == state_.known.end()) return nullptr;
        const auto found = vintages->second.find(vintage);
        return found == vintages->second.end() ? nullptr : &found->second;
    }

    Reject fault_of(const Observation& observation) const {
        if (observation.vintage > import_.today + 1)
            return {0, "vintage", "The vintage lies in the future."};
        if (observation.period > import_.today + days_ahead_max)
            return {0, "period", "The period lies more than ten years ahead."};
        if (percentiles_fall(observation.figures.percentiles))
            return {0, "percentiles", "A higher percentile is smaller than a lower one."};
        return {};
    }

    const State& state_;
    const Import& import_;
    std::map<std::pair<Date, Date>, Figures> fresh_;  ///< of this file, by period and vintage
    std::vector<Reject> rejects_;
    ObservationsImported fact_;
};

Refusal nothing_taken(const std::vector<Reject>& rejects) {
    Refusal refusal{nothing_good};
    for (const auto& reject : rejects) {
        if (refusal.faults.size() == faults_told_max) break;
        refusal.faults.push_back({"#/" + std::to_string(reject.line), reject.code, reject.detail});
    }
    return refusal;
}

Decision<Event> import(const State& state, const Import& c) {
    if (state.retired) return refuse(retired);
    auto fact = Sorter{state, c}.sort();
    if (fact.observations.empty() && fact.known == 0)
        return std::unexpected(nothing_taken(fact.rejects));
    if (fact.observations.empty()) return {};
    if (state.observations + fact.observations.size() > observations_max)
        return refuse(full, "at most " + std::to_string(observations_max) + " of all vintages");
    return std::vector<Event>{std::move(fact)};
}

// ---- Beside a metric.
Faults faults_of(const State& state, const Map& c) {
    Faults faults;
    const auto& mapping = c.mapping;
    if (mapping.factor <= Decimal{})
        faults.push_back({"#/factor", "range", "A factor is more than zero."});
    if (!mapping.factor_unit.empty() && !metric::is_unit(mapping.factor_unit)) {
        faults.push_back({"#/factor_unit", "format", "Use a unit such as USD/index."});
        return faults;
    }
    auto unit = formula::unit_from(state.definition.unit);
    if (!mapping.factor_unit.empty()) {
        for (const auto& [base, power] : formula::unit_from(mapping.factor_unit)) {
            if ((unit[base] += power) == 0) unit.erase(base);
        }
    }
    if (unit != formula::unit_from(c.metric_unit))
        faults.push_back({"#/factor_unit", "unit",
                          "The benchmark times the factor is in " + formula::to_text(unit) +
                              ", the metric in " + c.metric_unit + "."});
    const bool adjusts = mapping.adjustment == Adjustment::inflation;
    if (adjusts && !mapping.deflator)
        faults.push_back({"#/deflator", "required", "Name the benchmark that holds prices."});
    if (!adjusts && mapping.deflator)
        faults.push_back({"#/deflator", "not-allowed", "Only inflation has a deflator."});
    if (mapping.deflator == state.benchmark)
        faults.push_back({"#/deflator", "cycle", "A benchmark cannot deflate itself."});
    return faults;
}

Decision<Event> map(const State& state, const Map& c) {
    if (state.retired) return refuse(retired);
    if (auto faults = faults_of(state, c); !faults.empty())
        return std::unexpected(Refusal{invalid_benchmark, {}, std::move(faults)});
    const auto found = state.mappings.find(c.metric);
    if (found != state.mappings.end() && found->second == c.mapping) return {};
    return std::vector<Event>{Mapped{c.metric, c.mapping}};
}

Decision<Event> unmap(const State& state, const Unmap& c) {
    if (!state.mappings.contains(c.metric)) return {};
    return std::vector<Event>{Unmapped{c.metric}};
}

Decision<Event> retire(const State& state, const Retire& c) {
    if (state.retired) return {};
    return std::vector<Event>{Retired{c.today}};
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    if (!state.exists && !std::holds_alternative<Register>(command)) return refuse(unknown);
    return std::visit(Match{
                          [&](const Register& c) { return register_series(state, c); },
                          [&](const Import& c) { return import(state, c); },
                          [&](const Map& c) { return map(state, c); },
                          [&](const Unmap& c) { return unmap(state, c); },
                          [&](const Retire& c) { return retire(state, c); },
                      },
                      command);
}

State evolve(State state, const Event& event) {
    std::visit(Match{
                   [&](const Registered& e) {
                       state.exists = true;
                       state.benchmark = e.benchmark;
                       state.definition = e.definition;
                   },
                   [&](const ObservationsImported& e) {
                       for (const auto& one : e.observations)
                           state.observations +=
                               state.known[one.period].emplace(one.vintage, one.figures).second;
                   },
                   [&](const Mapped& e) { state.mappings[e.metric] = e.mapping; },
                   [&](const Unmapped& e) { state.mappings.erase(e.metric); },
                   [&](const Retired&) { state.retired = true; },
               },
               event);
    return state;
}

bool is_naics(std::string_view text) {
    return text.size() >= 2 && text.size() <= 6 &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace domain::benchmark
