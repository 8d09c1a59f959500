#include "projections/metric_values.hpp"

#include "domain/metric_words.hpp"
#include "events/writer.hpp"
#include "projections/metric_query.hpp"
#include "projections/prepared.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::Instant;
using domain::formula::Expression;
using domain::formula::Operation;
using domain::metric::Aggregation;
using domain::metric::GapPolicy;

constexpr std::int64_t second_micros = 1'000'000;
constexpr int formula_depth_max = 10;
constexpr std::size_t sql_bytes_max = 256 * 1024;

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

/// The value of a bucket that one series is in: nothing has to be grouped.
std::string_view only_sql(const Definition& definition) {
    switch (definition.aggregation) {
        case Aggregation::sum: return "r.sum";
        case Aggregation::mean: return "round(r.sum / r.count, 12)";
        case Aggregation::last: return "r.last";
        case Aggregation::min: return "r.min";
        case Aggregation::max: return "r.max";
    }
    std::unreachable();
}

/// Buckets of a metric with points as a SELECT of (bucket, value); $1 tenant, $2 grain, $3 from,
/// $4 to, `metric` a parameter or a literal, then from $`first` on what `where` adds.
std::string rollup_sql(const Inputs& in, const Definition& definition, const std::string& metric,
                       int first) {
    const bool alone = definition.one_series && !in.whole;
    const std::string value =
        ", " + std::string{alone ? only_sql(definition) : aggregate_sql(definition)} +
        " as value from ";
    const auto rows = "board.metric_rollup r where r.tenant = $1 and r.metric = " + metric +
                      " and r.grain = $2::smallint and r.bucket >= $3::timestamptz and r.bucket < "
                      "$4::timestamptz" +
                      in.where.sql(first);
    if (alone) return "select r.bucket as bucket" + value + rows;
    if (!in.whole) return "select r.bucket as bucket" + value + rows + " group by r.bucket";
    const std::string one = "select timestamptz 'epoch' as bucket" + value;
    if (definition.aggregation != Aggregation::last) return one + rows + " having count(*) > 0";
    // The stock of a window is that of its end: each series counts once, with its newest bucket.
    return one + "(select distinct on (r.location, r.variant) r.* from " + rows +
           " order by r.location, r.variant, r.bucket desc) r having count(*) > 0";
}

std::string literal(const Definition& definition) {
    return "'" + domain::to_text(definition.metric) + "'";
}

pqxx::params window_params(const Inputs& in, const Window& window) {
    return {domain::to_text(in.ask.tenant), static_cast<int>(window.grain),
            domain::to_text(window.from), domain::to_text(window.to)};
}

// Buckets begin on whole seconds, which a double holds exactly and PostgreSQL computes faster.
std::string rows_sql(const std::string& buckets) {
    return "select date_part('epoch', v.bucket)::bigint, trim_scale(v.value)::text from (" +
           buckets + ") v order by v.bucket";
}

/// A metric with points has one statement a kind of question: parsing and planning it anew costs
/// more than its rows.
pqxx::result rolled_up_rows(const Inputs& in, const Definition& definition, const Window& window) {
    const auto name = "metric_values_" + std::string{to_text(definition.aggregation)} +
                      (definition.adds_up ? "_adds" : "") + (in.whole ? "_whole" : "") +
                      (definition.one_series ? "_one" : "") + std::string{in.where.kind()};
    auto params = window_params(in, window);
    params.append(domain::to_text(definition.metric));
    in.where.append_to(params);
    return in.tx.exec(prepared(in.tx, name, rows_sql(rollup_sql(in, definition, "$5::uuid", 6))),
                      params);
}

/// Columns of a formula's inputs, and the common table expressions that they come from.
class Columns {
public:
    explicit Columns(const Inputs& in) : in_{in} {}

    /// A derived metric's value in the bucket b: of its formulas, the one that held on its first
    /// day. Derived inputs are put in its place, until only metrics with points are left.
    domain::Result<std::string> of(const domain::metric::Formulas& formulas, int depth) {
        if (depth == formula_depth_max) return domain::refuse(domain::formula::invalid_formula);
        const std::string first = in_.whole ? "$3::timestamptz" : "b.bucket";
        std::string cases, before;
        for (const auto& [since, formula] : formulas) {
            auto value = of(formula, depth);
            if (!value) return value;
            if (since)
                cases = " when " + first + " >= timestamptz '" + domain::to_text(*since) +
                        " 00:00Z' then " + *value + cases;
            else before = " else " + *value;
        }
        if (cases.empty()) return before.substr(std::string_view{" else "}.size());
        return "(case" + cases + before + " end)";
    }

    bool empty() const { return count_ == 0; }
    const std::string& with() const { return with_; }
    const std::string& buckets() const { return buckets_; }
    const std::string& joins() const { return joins_; }

private:
    domain::Result<std::string> of(const std::string& formula, int depth) {
        const auto expression = domain::formula::parse(formula);
        if (!expression) return std::unexpected(expression.error());
        for (const auto& key : domain::formula::inputs(*expression)) {
            if (columns_.contains(key)) continue;
            const auto input = definition_of(in_.tx, in_.ask, key);
            if (!input) return std::unexpected(input.error());
            auto column = input->formulas.empty() ? domain::Result<std::string>{rolled_up(*input)}
                                                  : of(input->formulas, depth + 1);
            if (!column) return column;
            // Formulas over formulas multiply: what no person wrote is not worth a plan.
            if (column->size() > sql_bytes_max)
                return domain::refuse(domain::formula::invalid_formula,
                                      "With its inputs' formulas it is too long.");
            columns_.emplace(key, *std::move(column));
        }
        return sql_of(*expression, columns_);
    }

    std::string rolled_up(const Definition& input) {
        const auto name = "i" + std::to_string(count_++);
        with_ += (with_.empty() ? "with " : ", ") + name + " as (" +
                 rollup_sql(in_, input, literal(input), 5) + ")";
        buckets_ += (buckets_.empty() ? "" : " union ") + ("select bucket from " + name);
        joins_ += " left join " + name + " on " + name + ".bucket = b.bucket";
        const auto value = name + ".value";
        return input.gap_policy == GapPolicy::zero ? "coalesce(" + value + ", 0)" : value;
    }

    const Inputs& in_;
    int count_ = 0;
    std::map<std::string, std::string, std::less<>> columns_;
    std::string with_, buckets_, joins_;
};

/// (bucket, value) of a derived metric: its inputs are rolled up first, and divided last.
domain::Result<std::string> derived_sql(const Inputs& in, const Definition& definition) {
    Columns columns{in};
    const auto value = columns.of(definition.formulas, 0);
    if (!value) return value;
    if (columns.empty()) return domain::refuse(domain::formula::invalid_formula);
    return columns.with() + " select b.bucket, round(" + *value + ", " +
           std::to_string(definition.precision) + ") as value from (" + columns.buckets() + ") b" +
           columns.joins();
}

domain::Result<pqxx::result> derived_rows(const Inputs& in, const Definition& definition,
                                          const Window& window) {
    const auto sql = derived_sql(in, definition);
    if (!sql) return std::unexpected(sql.error());
    auto params = window_params(in, window);
    in.where.append_to(params);
    return in.tx.exec(rows_sql(*sql), params);
}

/// The value before the window, for a stock that is carried on.
domain::Result<std::optional<std::string>> value_before(const Inputs& in,
                                                        const Definition& definition,
                                                        const Window& window) {
    pqxx::params params{domain::to_text(in.ask.tenant), static_cast<int>(window.grain), "-infinity",
                        domain::to_text(window.from)};
    in.where.append_to(params);
    if (!definition.formulas.empty()) return std::nullopt;
    const auto rows = in.tx.exec("select trim_scale(v.value)::text from (" +
                                     rollup_sql(in, definition, literal(definition), 5) +
                                     ") v order by v.bucket desc limit 1",
                                 params);
    if (rows.empty()) return std::nullopt;
    return rows[0][0].as<std::string>();
}

}  // namespace

domain::Result<Definition> definition_of(pqxx::transaction_base& tx, const Ask& ask,
                                         std::string_view name) {
    const auto rows = tx.exec(
        prepared(tx, "metric_definition", R"sql(
        select m.metric, m.key, m.unit, m.aggregation, m.gap_policy, m.additivity, m.precision,
               f.since, f.formula,
               (select count(*) from (select from board.metric_series s
                                       where s.tenant = m.tenant and s.metric = m.metric
                                       limit 2) s)
          from board.metric m
          left join board.metric_formula f on f.tenant = m.tenant and f.metric = m.metric
         where m.tenant = $1 and m.metric = $2)sql"),
        pqxx::params{domain::to_text(ask.tenant), domain::to_text(named_metric(ask.tenant, name))});
    if (rows.empty()) return domain::refuse(not_found);
    const auto first = rows[0];
    Definition definition{
        domain::uuid_from(first[0].view()).value_or(domain::Uuid{}),
        first[1].as<std::string>(),
        first[2].as<std::string>(),
        domain::metric::aggregation_from(first[3].view()).value_or(Aggregation::sum),
        domain::metric::gap_policy_from(first[4].view()).value_or(GapPolicy::gap),
        first[5].view() != "none",
        first[6].as<int>(),
        first[9].as<int>() < 2,
        {}};
    for (const auto& row : rows) {
        // The day of -infinity is none.
        if (!row[8].is_null())
            definition.formulas.emplace(domain::date_from(row[7].view()), row[8].as<std::string>());
    }
    return definition;
}

domain::Result<Where> Where::from(const Ask& ask) {
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

std::string Where::sql(int first) const {
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

std::string_view Where::kind() const {
    if (location_ && !dimensions_.empty()) return "_location_dimensions";
    return location_ ? "_location" : dimensions_.empty() ? "" : "_dimensions";
}

void Where::append_to(pqxx::params& params) const {
    if (location_) params.append(*location_);
    if (!dimensions_.empty()) params.append(dimensions_);
}

domain::Result<Points> values_of(const Inputs& in, const Definition& definition,
                                 const Window& window) {
    const auto rows = definition.formulas.empty()
                          ? domain::Result<pqxx::result>{rolled_up_rows(in, definition, window)}
                          : derived_rows(in, definition, window);
    if (!rows) return std::unexpected(rows.error());
    Points values;
    values.reserve(static_cast<std::size_t>(rows->size()));
    for (auto [seconds, value] : rows->iter<std::int64_t, std::optional<std::string>>())
        values.emplace_back(Instant{seconds * second_micros}, std::move(value));
    return values;
}

domain::Result<Points> filled(const Inputs& in, const Definition& definition,
                              const Window& window) {
    auto values = values_of(in, definition, window);
    if (!values) return std::unexpected(values.error());
    auto found = values->begin();
    const auto here = [&](Instant at) {
        while (found != values->end() && found->first < at) ++found;
        return found != values->end() && found->first == at;
    };
    std::optional<std::string> before;
    if (definition.gap_policy == GapPolicy::carry && !here(window.from)) {
        auto last = value_before(in, definition, window);
        if (!last) return std::unexpected(last.error());
        before = *std::move(last);
    }
    Points out;
    for (auto at = window.from; at < window.to; at = next_of(window, at)) {
        std::optional<std::string> value;
        if (here(at)) value = std::move(found++->second);
        else if (definition.gap_policy == GapPolicy::zero) value = "0";
        else if (definition.gap_policy == GapPolicy::carry) value = before;
        if (definition.gap_policy == GapPolicy::carry && value) before = value;
        out.emplace_back(at, std::move(value));
    }
    return out;
}

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

}  // namespace projections::metric
