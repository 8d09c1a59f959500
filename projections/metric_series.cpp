#include "projections/metric_series.hpp"

#include "domain/metric_words.hpp"
#include "events/writer.hpp"
#include "projections/metric_query.hpp"
#include "projections/metric_window.hpp"

#include <charconv>
#include <deque>
#include <numeric>
#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::Instant;
using domain::formula::Expression;
using domain::formula::Operation;
using domain::metric::Aggregation;
using domain::metric::GapPolicy;

constexpr std::int64_t day_micros = 86'400'000'000;
constexpr int formula_depth_max = 10;
constexpr int average_max = 90;
constexpr std::size_t metrics_max = 20;

struct Definition {
    domain::Uuid metric{};
    std::string key, unit, formula;
    Aggregation aggregation{};
    GapPolicy gap_policy{};
    bool adds_up{};  ///< over locations and dimensions
    int precision{};
};

using Values = std::map<Instant, std::optional<std::string>>;

domain::Result<Definition> definition_of(pqxx::transaction_base& tx, const Ask& ask,
                                         std::string_view name) {
    const auto rows = tx.exec(
        R"sql(
        select m.metric, m.unit, m.formula, m.aggregation, m.gap_policy, m.additivity, m.precision,
               m.key
          from board.metric m where m.tenant = $1 and m.metric = $2)sql",
        pqxx::params{domain::to_text(ask.tenant), domain::to_text(named_metric(ask.tenant, name))});
    if (rows.empty()) return domain::refuse(not_found);
    const auto row = rows[0];
    return Definition{domain::uuid_from(row[0].view()).value_or(domain::Uuid{}),
                      row[7].as<std::string>(),
                      row[1].as<std::string>(),
                      row[2].as<std::string>(),
                      domain::metric::aggregation_from(row[3].view()).value_or(Aggregation::sum),
                      domain::metric::gap_policy_from(row[4].view()).value_or(GapPolicy::gap),
                      row[5].view() != "none",
                      row[6].as<int>()};
}

/// A mean can have more digits than a decimal holds: what is beyond the sixth goes.
std::optional<domain::Decimal> decimal_of(std::string text) {
    constexpr std::size_t kept = 6;
    if (const auto point = text.find('.'); point != std::string::npos)
        text.resize(std::min(text.size(), point + 1 + kept));
    return domain::Decimal::from(text);
}

// ---- Values from the roll-ups.
/// Which series count: a place, and dimensions that all must be there.
class Where {
public:
    static domain::Result<Where> from(const Ask& ask) {
        Where where;
        if (const auto found = ask.filters.find("location"); found != ask.filters.end())
            where.location_ = found->second.front();
        const auto found = ask.filters.find("dimension");
        if (found == ask.filters.end()) return where;
        events::Writer out;
        out.open();
        for (const auto& pair : found->second) {
            const auto colon = pair.find(':');
            if (colon == std::string::npos)
                return std::unexpected(wrong_parameter("dimension", "must be name:value"));
            out.key(pair.substr(0, colon)).text(pair.substr(colon + 1));
        }
        where.dimensions_ = out.close().take();
        return where;
    }

    /// Continues a condition on r; its parameters begin at $`first`.
    std::string sql(int first) const {
        std::string text;
        if (location_) text += " and r.location = $" + std::to_string(first++);
        if (!dimensions_.empty())
            text +=
                " and exists (select from board.metric_series s where s.tenant = r.tenant and "
                "s.metric = r.metric and s.location = r.location and s.variant = r.variant "
                "and s.dimensions @> $" +
                std::to_string(first) + "::jsonb)";
        return text;
    }
    void append_to(pqxx::params& params) const {
        if (location_) params.append(*location_);
        if (!dimensions_.empty()) params.append(dimensions_);
    }

private:
    std::optional<std::string> location_;
    std::string dimensions_;
};

/// One value a bucket from all the series in it.
std::string_view aggregate_sql(const Definition& definition) {
    switch (definition.aggregation) {
        case Aggregation::sum: return "sum(r.sum)";
        case Aggregation::mean: return "round(sum(r.sum) / sum(r.count), 12)";
        case Aggregation::last:
            return definition.adds_up ? "sum(r.last)"
                                      : "(array_agg(r.last order by r.last_at desc))[1]";
        case Aggregation::min: return "min(r.min)";
        case Aggregation::max: return "max(r.max)";
    }
    std::unreachable();
}

struct Inputs {
    pqxx::transaction_base& tx;
    const Ask& ask;
    const Where& where;
    bool whole{};  ///< one bucket for the whole window
};

/// Buckets of a metric with points as a SELECT of (bucket, value); $1 tenant, $2 grain, $3 from,
/// $4 to, then what `where` adds.
std::string rollup_sql(const Inputs& in, const Definition& definition) {
    const std::string value = ", " + std::string{aggregate_sql(definition)} + " as value from ";
    const auto rows = "board.metric_rollup r where r.tenant = $1 and r.metric = '" +
                      domain::to_text(definition.metric) +
                      "' and r.grain = $2::smallint and r.bucket >= $3::timestamptz and r.bucket < "
                      "$4::timestamptz" +
                      in.where.sql(5);
    if (!in.whole) return "select r.bucket as bucket" + value + rows + " group by r.bucket";
    const std::string one = "select timestamptz 'epoch' as bucket" + value;
    if (definition.aggregation != Aggregation::last) return one + rows + " having count(*) > 0";
    // The stock of a window is that of its end: each series counts once, with its newest bucket.
    return one + "(select distinct on (r.location, r.variant) r.* from " + rows +
           " order by r.location, r.variant, r.bucket desc) r having count(*) > 0";
}

/// Derived inputs are replaced by their own formulas, until only metrics with points are left.
domain::Result<Expression> inlined(const Inputs& in, const std::string& formula, int depth,
                                   std::map<std::string, Definition, std::less<>>& inputs) {
    auto expression = domain::formula::parse(formula);
    if (!expression) return expression;
    if (depth == formula_depth_max) return domain::refuse(domain::formula::invalid_formula);
    std::optional<domain::Refusal> failed;
    const auto replace = [&](auto& self, Expression& e) -> void {
        for (auto& operand : e.operands) self(self, operand);
        if (e.operation != Operation::input || failed || inputs.contains(e.key)) return;
        auto definition = definition_of(in.tx, in.ask, e.key);
        if (!definition) {
            failed = std::move(definition.error());
        } else if (definition->formula.empty()) {
            inputs.emplace(e.key, *std::move(definition));
        } else if (auto inner = inlined(in, definition->formula, depth + 1, inputs)) {
            e = *std::move(inner);
        } else {
            failed = std::move(inner.error());
        }
    };
    replace(replace, *expression);
    if (failed) return std::unexpected(*std::move(failed));
    return expression;
}

/// (bucket, value) of a derived metric: its inputs are rolled up first, and divided last.
domain::Result<std::string> derived_sql(const Inputs& in, const Definition& definition) {
    std::map<std::string, Definition, std::less<>> inputs;
    const auto expression = inlined(in, definition.formula, 0, inputs);
    if (!expression) return std::unexpected(expression.error());
    std::map<std::string, std::string, std::less<>> columns;
    std::string with, buckets, joins;
    int count = 0;
    for (const auto& [key, input] : inputs) {
        const auto name = "i" + std::to_string(count++);
        const std::string value = input.gap_policy == GapPolicy::zero
                                      ? "coalesce(" + name + ".value, 0)"
                                      : name + ".value";
        columns[key] = value;
        with += (with.empty() ? "with " : ", ") + name + " as (" + rollup_sql(in, input) + ")";
        buckets += (buckets.empty() ? "" : " union ") + ("select bucket from " + name);
        joins += " left join " + name + " on " + name + ".bucket = b.bucket";
    }
    if (inputs.empty()) return domain::refuse(domain::formula::invalid_formula);
    return with + " select b.bucket, round(" + sql_of(*expression, columns) + ", " +
           std::to_string(definition.precision) + ") as value from (" + buckets + ") b" + joins;
}

domain::Result<Values> values_of(const Inputs& in, const Definition& definition,
                                 const Window& window) {
    auto sql = definition.formula.empty() ? domain::Result<std::string>{rollup_sql(in, definition)}
                                          : derived_sql(in, definition);
    if (!sql) return std::unexpected(std::move(sql.error()));
    pqxx::params params{domain::to_text(in.ask.tenant), static_cast<int>(window.grain),
                        domain::to_text(window.from), domain::to_text(window.to)};
    in.where.append_to(params);
    Values values;
    for (const auto& row : in.tx.exec("select (extract(epoch from v.bucket) * 1000000)::bigint, "
                                      "trim_scale(v.value)::text from (" +
                                          *sql + ") v order by 1",
                                      params))
        values.emplace(Instant{row[0].as<std::int64_t>()},
                       row[1].is_null() ? std::nullopt : std::optional{row[1].as<std::string>()});
    return values;
}

/// The value before the window, for a stock that is carried on.
domain::Result<std::optional<std::string>> value_before(const Inputs& in,
                                                        const Definition& definition,
                                                        const Window& window) {
    pqxx::params params{domain::to_text(in.ask.tenant), static_cast<int>(window.grain), "-infinity",
                        domain::to_text(window.from)};
    in.where.append_to(params);
    if (!definition.formula.empty()) return std::nullopt;
    const auto rows =
        in.tx.exec("select trim_scale(v.value)::text from (" + rollup_sql(in, definition) +
                       ") v order by v.bucket desc limit 1",
                   params);
    if (rows.empty()) return std::nullopt;
    return rows[0][0].as<std::string>();
}

/// Every bucket of the window, filled as the metric's policy says.
domain::Result<std::vector<std::pair<Instant, std::optional<std::string>>>> filled(
    const Inputs& in, const Definition& definition, const Window& window) {
    const auto values = values_of(in, definition, window);
    if (!values) return std::unexpected(values.error());
    std::optional<std::string> before;
    if (definition.gap_policy == GapPolicy::carry && !values->contains(window.from)) {
        auto found = value_before(in, definition, window);
        if (!found) return std::unexpected(found.error());
        before = *std::move(found);
    }
    std::vector<std::pair<Instant, std::optional<std::string>>> out;
    for (auto at = window.from; at < window.to; at = next_of(window, at)) {
        const auto found = values->find(at);
        std::optional<std::string> value;
        if (found != values->end()) value = found->second;
        else if (definition.gap_policy == GapPolicy::zero) value = "0";
        else if (definition.gap_policy == GapPolicy::carry) value = before;
        if (value) before = value;
        out.emplace_back(at, std::move(value));
    }
    return out;
}

// ---- The answer.
using Points = std::vector<std::pair<Instant, std::optional<std::string>>>;

/// The mean of the last `periods` values; empty until there are so many.
class MovingAverage {
public:
    explicit MovingAverage(int periods) : periods_{static_cast<std::size_t>(periods)} {}

    std::optional<double> next(const std::optional<std::string>& value) {
        if (value) recent_.push_back(std::stod(*value));
        if (recent_.size() > periods_) recent_.pop_front();
        if (recent_.size() < periods_) return std::nullopt;
        return std::accumulate(recent_.begin(), recent_.end(), 0.0) / static_cast<double>(periods_);
    }

private:
    std::size_t periods_;
    std::deque<double> recent_;
};

void put_points(events::Writer& out, Grain grain, const Points& points, int average) {
    MovingAverage moving{average};
    out.open_list();
    for (const auto& [at, value] : points) {
        out.open().key("at").text(text_of(grain, at)).key("value");
        if (value) out.text(*value);
        else out.null();
        if (average > 0) {
            out.key("moving_average");
            if (const auto mean = moving.next(value)) out.number(*mean);
            else out.null();
        }
        out.close();
    }
    out.close_list();
}

/// One metric's answer; `csv` gets a line a point instead, when it is there.
struct Asked {
    Window window;
    std::optional<Window> compared;
    std::string how;
    int average{};
};

domain::Result<void> put_series(events::Writer& out, std::string* csv, const Inputs& in,
                                std::string_view name, const Asked& asked) {
    const auto definition = definition_of(in.tx, in.ask, name);
    if (!definition) return std::unexpected(definition.error());
    const auto points = filled(in, *definition, asked.window);
    if (!points) return std::unexpected(points.error());
    const auto grain = asked.window.grain;
    if (csv != nullptr) {
        for (const auto& [at, value] : *points)
            *csv += definition->key + "," + text_of(grain, at) + "," + value.value_or("") + "," +
                    definition->unit + "\r\n";
        return {};
    }
    out.open().key("metric").text(definition->key).key("unit").text(definition->unit);
    out.key("grain").text(first_filter(in.ask, "grain", "day")).key("points");
    put_points(out, grain, *points, asked.average);
    if (asked.compared) {
        const auto before = filled(in, *definition, *asked.compared);
        if (!before) return std::unexpected(before.error());
        out.key("compare").text(asked.how).key("comparison");
        put_points(out, grain, *before, 0);
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

}  // namespace

std::string sql_of(const Expression& e,
                   const std::map<std::string, std::string, std::less<>>& columns) {
    const auto part = [&](std::size_t i) { return sql_of(e.operands[i], columns); };
    switch (e.operation) {
        case Operation::number: return e.number.text() + "::numeric";
        case Operation::input: {
            const auto found = columns.find(e.key);
            return found == columns.end() ? "null::numeric" : found->second;
        }
        case Operation::negate: return "(-" + part(0) + ")";
        case Operation::abs: return "abs(" + part(0) + ")";
        case Operation::add: return "(" + part(0) + " + " + part(1) + ")";
        case Operation::subtract: return "(" + part(0) + " - " + part(1) + ")";
        case Operation::multiply: return "(" + part(0) + " * " + part(1) + ")";
        case Operation::divide: return "(" + part(0) + " / nullif(" + part(1) + ", 0))";
        case Operation::min: return "least(" + part(0) + ", " + part(1) + ")";
        case Operation::max: return "greatest(" + part(0) + ", " + part(1) + ")";
    }
    std::unreachable();
}

namespace {

domain::Result<Asked> asked_from(pqxx::transaction_base& tx, const Ask& ask) {
    const auto window = window_from(tx, ask);
    if (!window) return std::unexpected(window.error());
    const auto average = average_from(ask);
    if (!average) return std::unexpected(average.error());
    Asked asked{*window, {}, first_filter(ask, "compare"), *average};
    if (asked.how.empty()) return asked;
    const auto other = compared(*window, asked.how);
    if (!other) return std::unexpected(other.error());
    asked.compared = *other;
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
    std::string csv = "metric,at,value,unit\r\n";
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

domain::Result<std::optional<domain::Decimal>> value_over(pqxx::transaction_base& tx,
                                                          const Ask& ask, std::string_view name,
                                                          domain::Date from, domain::Date to) {
    const Where everything;
    const Inputs in{tx, ask, everything, true};
    const auto definition = definition_of(tx, ask, name);
    if (!definition) return std::unexpected(definition.error());
    const Window window{Grain::day, {from.days * day_micros}, {to.days * day_micros}, 1};
    const auto values = values_of(in, *definition, window);
    if (!values) return std::unexpected(values.error());
    if (values->empty() || !values->begin()->second) return std::nullopt;
    return decimal_of(*values->begin()->second);
}

domain::Result<std::map<domain::Date, domain::Decimal>> values_between(
    pqxx::transaction_base& tx, const Ask& ask, std::string_view name, Grain grain,
    domain::Date from, domain::Date to) {
    const auto where = Where::from(ask);
    if (!where) return std::unexpected(where.error());
    const auto definition = definition_of(tx, ask, name);
    if (!definition) return std::unexpected(definition.error());
    const Window window{grain, {from.days * day_micros}, {to.days * day_micros}, 1};
    const auto values = values_of(Inputs{tx, ask, *where}, *definition, window);
    if (!values) return std::unexpected(values.error());
    std::map<domain::Date, domain::Decimal> out;
    for (const auto& [at, text] : *values) {
        const auto value = text ? decimal_of(*text) : std::nullopt;
        if (value) out[{static_cast<std::int32_t>(at.micros / day_micros)}] = *value;
    }
    return out;
}

}  // namespace projections::metric
