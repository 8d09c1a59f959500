#include "projections/metric_series.hpp"

#include "events/writer.hpp"
#include "projections/metric_decimal.hpp"
#include "projections/metric_query.hpp"
#include "projections/metric_values.hpp"

#include <charconv>
#include <cmath>
#include <deque>
#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::Instant;

constexpr int average_max = 90;
constexpr std::size_t metrics_max = 20;

/// The mean of the last `periods` periods: of those that have a value, empty when none has.
class MovingAverage {
public:
    explicit MovingAverage(int periods) : periods_{static_cast<std::size_t>(periods)} {}

    void pass(const std::optional<std::string>& value) {
        recent_.push_back(decimal_of(value));
        if (recent_.size() > periods_) recent_.pop_front();
    }
    std::optional<double> mean() const {
        domain::DecimalSum sum;
        int count = 0;
        for (const auto& value : recent_) {
            if (!value) continue;
            sum.add(*value);
            ++count;
        }
        if (count == 0) return std::nullopt;
        // One division of what is exact: a mean with few digits is shown with few.
        return static_cast<double>(sum.units()) / (std::pow(10.0, sum.scale()) * count);
    }

private:
    /// A mean of what no exact decimal holds is none.
    static std::optional<domain::Decimal> decimal_of(const std::optional<std::string>& value) {
        const auto exact = value ? exact_of(*value, 0) : domain::refuse(value_too_large);
        return exact ? std::optional{*exact} : std::nullopt;
    }

    std::size_t periods_;
    std::deque<std::optional<domain::Decimal>> recent_;
};

struct Asked {
    Window window;
    std::optional<Window> compared;
    std::vector<Instant> hours;  ///< of `compared`, each beside one of the window; empty: all
    std::string how;
    int average{};
};

/// The mean at a period; where no value is near, there is none.
using Averages = std::map<Instant, double>;

/// What one metric has for the question.
struct Found {
    Definition definition;
    Filled points{}, compared{};
    std::optional<Averages> averages{};
};

Averages averages_of(const Values& points, int periods) {
    MovingAverage moving{periods};
    Averages out;
    for (const auto& [at, value] : points) {
        moving.pass(value);
        if (const auto mean = moving.mean()) out[at] = *mean;
    }
    return out;
}

/// The values at `hours`, in their order; empty where they hold none.
Values at_hours(const Values& values, const std::vector<Instant>& hours) {
    const std::map<Instant, std::optional<std::string>> known{values.begin(), values.end()};
    Values out;
    for (const auto at : hours) {
        const auto found = known.find(at);
        out.emplace_back(at, found == known.end() ? std::nullopt : found->second);
    }
    return out;
}

/// A moving average begins with the periods before the first that is shown.
domain::Result<Found> found_of(const Inputs& in, std::string_view name, const Asked& asked) {
    auto window = asked.window;
    const auto earlier = std::max(asked.average - 1, 0);
    window.from = before(window, window.from, earlier);
    auto metric = named(in, name, window);
    if (!metric) return std::unexpected(std::move(metric.error()));
    Found found{.definition = metric->definition};
    auto points = filled(in, *std::move(metric), window);
    if (!points) return std::unexpected(points.error());
    auto& all = points->points;
    if (asked.average > 0) found.averages = averages_of(all, asked.average);
    all.erase(all.begin(), all.begin() + earlier);
    found.points = *std::move(points);
    if (!asked.compared) return found;
    auto other = filled(in, found.definition, *asked.compared);
    if (!other) return std::unexpected(other.error());
    found.compared = *std::move(other);
    if (!asked.hours.empty()) found.compared.points = at_hours(found.compared.points, asked.hours);
    return found;
}

/// As JSON; empty where there is none.
std::string average_at(const Averages& averages, Instant at) {
    const auto found = averages.find(at);
    if (found == averages.end()) return {};
    events::Writer out;
    return out.number(found->second).take();
}

void put_points(events::Writer& out, Grain grain, const Filled& filled,
                const std::optional<Averages>& averages) {
    out.open_list();
    for (const auto& [at, value] : filled.points) {
        out.open().key("at").text(text_of(grain, at)).key("value");
        if (value) out.text(*value);
        else out.null();
        if (averages) {
            const auto average = average_at(*averages, at);
            out.key("moving_average").raw(average.empty() ? "null" : average);
        }
        if (filled.closed.contains(at)) out.key("closed").boolean(true);
        out.close();
    }
    out.close_list();
}

std::string csv_head(const Asked& asked) {
    return std::string{"metric,at,value,unit"} + (asked.average > 0 ? ",moving_average" : "") +
           (asked.compared ? ",compared_at,compared_value" : "") + "\r\n";
}

/// A comparison has as many periods, so the two go side by side.
void put_lines(std::string& csv, Grain grain, const Found& found) {
    const auto& definition = found.definition;
    const auto &points = found.points.points, &compared = found.compared.points;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const auto& [at, value] = points[i];
        csv += definition.key + "," + text_of(grain, at) + "," + value.value_or("") + "," +
               definition.unit;
        if (found.averages) csv += "," + average_at(*found.averages, at);
        if (!compared.empty())
            csv += "," + text_of(grain, compared[i].first) + "," + compared[i].second.value_or("");
        csv += "\r\n";
    }
}

/// One metric's answer; `csv` gets a line a point instead, when it is there.
domain::Result<void> put_series(events::Writer& out, std::string* csv, const Inputs& in,
                                std::string_view name, const Asked& asked) {
    const auto found = found_of(in, name, asked);
    if (!found) return std::unexpected(found.error());
    const auto& definition = found->definition;
    const auto grain = asked.window.grain;
    if (csv != nullptr) {
        put_lines(*csv, grain, *found);
        return {};
    }
    out.open().key("metric").text(definition.key).key("unit").text(definition.unit);
    out.key("grain").text(first_filter(in.ask, "grain", "day")).key("points");
    put_points(out, grain, found->points, found->averages);
    if (asked.compared) {
        out.key("compare").text(asked.how).key("comparison");
        put_points(out, grain, found->compared, {});
    }
    out.close();
    return {};
}

domain::Result<int> average_from(const Ask& ask) {
    const auto text = first_filter(ask, "moving_average", "0");
    int periods = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), periods);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || periods == 1 || periods < 0 || periods > average_max)
        return std::unexpected(wrong_parameter("moving_average", "must be 2 to 90 periods"));
    return periods;
}

/// Hours of other days are those that the clock on the wall shows.
void follow_the_clock(pqxx::transaction_base& tx, const Ask& ask, Asked& asked) {
    if (asked.window.grain != Grain::hour || asked.how == "previous") return;
    const auto clock = clock_of(tx, ask);
    if (!clock) return;
    const auto back = asked.window.from.micros - asked.compared->from.micros;
    asked.hours = same_hours(asked.window, *clock, static_cast<int>(back / domain::day_micros));
    asked.compared->from = asked.hours.front();
    asked.compared->to = next_of(asked.window, asked.hours.back());
}

domain::Result<Asked> asked_from(pqxx::transaction_base& tx, const Ask& ask) {
    const auto window = window_from(tx, ask);
    if (!window) return std::unexpected(window.error());
    const auto average = average_from(ask);
    if (!average) return std::unexpected(average.error());
    Asked asked{*window, {}, {}, first_filter(ask, "compare"), *average};
    if (asked.how.empty()) return asked;
    const auto other = compared(*window, asked.how);
    if (!other) return std::unexpected(other.error());
    asked.compared = *other;
    follow_the_clock(tx, ask, asked);
    return asked;
}

/// The metrics of `names`: one as it is, several as a list.
domain::Result<Answer> answer_of(pqxx::transaction_base& tx, const Ask& ask,
                                 const std::vector<std::string>& names, bool several) {
    const auto asked = asked_from(tx, ask);
    if (!asked) return std::unexpected(asked.error());
    const auto where = Where::from(ask);
    if (!where) return std::unexpected(where.error());
    events::Writer out;
    auto csv = csv_head(*asked);
    if (several) out.open().key("series").open_list();
    for (const auto& name : names) {
        const auto put =
            put_series(out, ask.csv ? &csv : nullptr, Inputs{tx, ask, *where}, name, *asked);
        if (!put) return std::unexpected(put.error());
    }
    if (several) out.close_list().close();
    Answer answer{.json = ask.csv ? std::move(csv) : out.take()};
    if (ask.csv) answer.media = "text/csv; charset=utf-8";
    return answer;
}

}  // namespace

domain::Result<Answer> series(pqxx::transaction_base& tx, const Ask& ask) {
    return answer_of(tx, ask, {ask.path.find("metric")->second}, false);
}

domain::Result<Answer> several(pqxx::transaction_base& tx, const Ask& ask) {
    const auto found = ask.filters.find("metric");
    if (found == ask.filters.end() || found->second.size() > metrics_max)
        return std::unexpected(wrong_parameter("metric", "must be given, 1 to 20 times"));
    return answer_of(tx, ask, found->second, true);
}

domain::Result<void> find_values(pqxx::transaction_base& tx, const Ask& ask, std::string_view name,
                                 std::vector<Span>& spans) {
    const auto definition = definition_of(tx, ask, name);
    if (!definition) return std::unexpected(definition.error());
    std::vector<Piece> pieces;
    for (const auto& span : spans)
        pieces.push_back(
            {.metric = &*definition, .from = midnight(span.from), .to = midnight(span.to)});
    if (definition->formulas.empty()) evaluate(tx, ask, pieces, Shape::whole);
    const Where everything;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        auto& piece = pieces[i];
        if (!definition->formulas.empty()) {
            auto value =
                value_of_whole(Inputs{tx, ask, everything}, *definition, piece.from, piece.to);
            if (!value) return std::unexpected(value.error());
            piece.value = *std::move(value);
        }
        spans[i].value.reset();
        if (!piece.value) continue;
        const auto exact = exact_of(*piece.value, definition->precision);
        if (!exact) return std::unexpected(exact.error());
        spans[i].value = *exact;
    }
    return {};
}

domain::Result<std::optional<domain::Decimal>> value_over(pqxx::transaction_base& tx,
                                                          const Ask& ask, std::string_view name,
                                                          domain::Date from, domain::Date to) {
    std::vector<Span> span{{.from = from, .to = to}};
    if (auto found = find_values(tx, ask, name, span); !found)
        return std::unexpected(std::move(found.error()));
    return span.front().value;
}

domain::Result<std::map<domain::Date, domain::Decimal>> values_between(
    pqxx::transaction_base& tx, const Ask& ask, std::string_view name, Grain grain,
    domain::Date from, domain::Date to, EmptyPeriods empty) {
    const auto where = Where::from(ask);
    if (!where) return std::unexpected(where.error());
    const auto definition = definition_of(tx, ask, name);
    if (!definition) return std::unexpected(definition.error());
    const Window window{grain, midnight(from), midnight(to), 1};
    const Inputs in{tx, ask, *where};
    auto values = empty == EmptyPeriods::filled
                      ? filled(in, *definition, window, Accumulated::added).transform([](auto all) {
                            return std::move(all.points);
                        })
                      : values_of(in, *definition, window);
    if (!values) return std::unexpected(values.error());
    std::map<domain::Date, domain::Decimal> out;
    for (const auto& [at, text] : *values) {
        if (!text) continue;
        const auto value = exact_of(*text, definition->precision);
        if (!value) return std::unexpected(value.error());
        out[utc_day(at)] = *value;
    }
    return out;
}

}  // namespace projections::metric
