#include "events/observation_columns.hpp"

#include "events/number_columns.hpp"

#include <algorithm>

namespace events {
namespace {

using domain::benchmark::Observation;
using domain::benchmark::percents;
using domain::benchmark::rows_max;

constexpr std::string_view nothing = "-";

std::string percentile_name(std::size_t place) { return "p" + std::to_string(percents[place]); }

void append_word(std::string& out, std::string_view word) {
    if (!out.empty()) out += ' ';
    out += word;
}

std::optional<std::string_view> text_of(Node node, std::string_view name) {
    const auto member = node.find(name);
    return member ? member->text() : std::nullopt;
}

std::optional<std::vector<std::int64_t>> days(Node node, std::string_view name) {
    const auto text = text_of(node, name);
    return text ? numbers_from(*text, rows_max) : std::nullopt;
}

/// One percentile of every row; a column that is not there leaves all without it.
bool take_percentiles(Node node, std::size_t place, std::vector<Observation>& observations) {
    if (!node.find(percentile_name(place))) return true;
    const auto text = text_of(node, percentile_name(place));
    if (!text) return false;
    auto words = *text;
    for (auto& observation : observations) {
        const auto word = next_word(words);
        if (word == nothing) continue;
        auto& into = observation.figures.percentiles[place];
        into = domain::Decimal::from(word);
        if (!into) return false;
    }
    return words.empty();
}

}  // namespace

void put(Writer& out, const std::vector<Observation>& observations, std::string_view, Sealer&) {
    Differences period, vintage;
    std::string values;
    values.reserve(observations.size() * 8);
    for (const auto& one : observations) {
        period.push_back(one.period.days);
        vintage.push_back(one.vintage.days);
        append_word(values, one.figures.value.text());
    }
    out.open().key("period").text(period.text()).key("vintage").text(vintage.text());
    out.key("value").text(values);
    for (std::size_t place = 0; place < percents.size(); ++place) {
        const auto has = [&](const Observation& one) {
            return one.figures.percentiles[place].has_value();
        };
        if (std::ranges::none_of(observations, has)) continue;
        std::string column;
        for (const auto& one : observations)
            append_word(column,
                        has(one) ? one.figures.percentiles[place]->text() : std::string{nothing});
        out.key(percentile_name(place)).text(column);
    }
    out.close();
}

bool take(Node node, std::vector<Observation>& observations, std::string_view, Opener&) {
    const auto period = days(node, "period"), vintage = days(node, "vintage");
    const auto value = text_of(node, "value");
    if (!period || !vintage || !value || period->size() != vintage->size()) return false;
    auto words = *value;
    observations.reserve(period->size());
    for (std::size_t i = 0; i < period->size(); ++i) {
        const auto number = domain::Decimal::from(next_word(words));
        if (!number) return false;
        observations.push_back({{static_cast<std::int32_t>((*period)[i])},
                                {static_cast<std::int32_t>((*vintage)[i])},
                                {*number, {}}});
    }
    if (!words.empty()) return false;
    for (std::size_t place = 0; place < percents.size(); ++place) {
        if (!take_percentiles(node, place, observations)) return false;
    }
    return true;
}

}  // namespace events
