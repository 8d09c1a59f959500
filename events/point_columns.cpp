#include "events/point_columns.hpp"

#include "events/number_columns.hpp"

#include <algorithm>

namespace events {
namespace {

using domain::metric_batch::Point;
using domain::metric_batch::points_max;

std::optional<std::vector<std::int64_t>> column(Node node, std::string_view name) {
    const auto member = node.find(name);
    const auto text = member ? member->text() : std::nullopt;
    return text ? numbers_from(*text, points_max) : std::nullopt;
}

}  // namespace

void put(Writer& out, const std::vector<Point>& points, std::string_view, Sealer&) {
    const bool whole = std::ranges::all_of(
        points, [](const Point& point) { return point.at.micros % domain::second_micros == 0; });
    Differences at, day, series;
    std::string values;
    values.reserve(points.size() * 8);
    for (const auto& point : points) {
        at.push_back(whole ? point.at.micros / domain::second_micros : point.at.micros);
        day.push_back(point.day.days);
        series.push_back(point.series);
        if (!values.empty()) values += ' ';
        values += point.value.text();
    }
    out.open().key("unit").text(whole ? "s" : "us").key("at").text(at.text());
    out.key("day").text(day.text()).key("series").text(series.text());
    out.key("value").text(values).close();
}

bool take(Node node, std::vector<Point>& points, std::string_view, Opener&) {
    const auto unit = node.find("unit");
    const auto at = column(node, "at"), day = column(node, "day"), series = column(node, "series");
    const auto member = node.find("value");
    if (!unit || !member || !member->text() || !at || !day || !series) return false;
    if (at->size() != day->size() || at->size() != series->size()) return false;
    const auto scale = unit->text() == "s" ? domain::second_micros : 1;
    auto values = *member->text();
    points.reserve(at->size());
    for (std::size_t i = 0; i < at->size(); ++i) {
        const auto value = domain::Decimal::from(next_word(values));
        if (!value) return false;
        points.push_back({static_cast<std::uint32_t>((*series)[i]),
                          {(*at)[i] * scale},
                          {static_cast<std::int32_t>((*day)[i])},
                          *value});
    }
    return values.empty();
}

}  // namespace events
