#include "projections/metric_values.hpp"

#include "projections/columns.hpp"
#include "projections/prepared.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::Instant;
using domain::formula::Expression;
using domain::formula::Operation;
using domain::metric::GapPolicy;

constexpr std::int64_t second_micros = 1'000'000;
constexpr std::int64_t day_micros = 86'400'000'000;
constexpr int formula_depth_max = 10;
constexpr std::size_t sql_bytes_max = 256 * 1024;

Terms terms_of(std::string metric, int where_first) {
    return {std::move(metric), "$3::timestamptz", "$4::timestamptz", where_first};
}

pqxx::params window_params(const Inputs& in, const Window& window) {
    return {domain::to_text(in.ask.tenant), static_cast<int>(window.grain),
            domain::to_text(window.from), domain::to_text(window.to)};
}

// Buckets begin on whole seconds, which a double holds exactly and PostgreSQL computes faster.
std::string in_order(const std::string& buckets, std::string_view where = "") {
    return "select date_part('epoch', v.bucket)::bigint, trim_scale(v.value)::text from (" +
           buckets + ") v" + std::string{where} + " order by v.bucket";
}

Points points_in(const pqxx::result& rows) {
    Points values;
    values.reserve(static_cast<std::size_t>(rows.size()));
    for (auto [seconds, value] : rows.iter<std::int64_t, std::optional<std::string>>())
        values.emplace_back(Instant{seconds * second_micros}, std::move(value));
    return values;
}

/// A metric with points has one statement a kind of question: parsing and planning it anew costs
/// more than its rows.
Points rolled_up(const Inputs& in, const Definition& definition, const Window& window, Shape shape,
                 bool running) {
    const bool some = shape == Shape::known && carries(definition);
    const auto name = "metric_values_" + kind_of(definition) + (some ? "_known" : "") +
                      (running ? "_running" : "") + std::string{in.where.kind()};
    auto sql = buckets_sql(definition, in.where, terms_of("$5::uuid", 6));
    if (running) sql = running_sql(sql);
    auto params = window_params(in, window);
    params.append(domain::to_text(definition.metric));
    in.where.append_to(params);
    return points_in(
        in.tx.exec(prepared(in.tx, name, in_order(sql, some ? " where v.known" : "")), params));
}

/// Columns of a formula's inputs, and the common table expressions that they come from.
class Columns {
public:
    Columns(const Inputs& in, Shape shape) : in_{in}, shape_{shape} {}

    /// A derived metric's value in the bucket b: of its formulas, the one that held on its first
    /// day. Derived inputs are put in its place, until only metrics with points are left.
    domain::Result<std::string> of(const domain::metric::Formulas& formulas, int depth) {
        if (depth == formula_depth_max) return domain::refuse(domain::formula::invalid_formula);
        const std::string first = shape_ == Shape::whole ? "$3::timestamptz" : "b.bucket";
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

    /// The metrics with points.
    const std::vector<domain::Uuid>& sources() const { return sources_; }
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
        const auto name = "i" + std::to_string(sources_.size());
        sources_.push_back(input.metric);
        with_ += (with_.empty() ? "with " : ", ") + name + " as (" + sql_in(input) + ")";
        const bool some = shape_ == Shape::known && carries(input);
        buckets_ += (buckets_.empty() ? "" : " union ") + ("select bucket from " + name) +
                    (some ? " where known" : "");
        joins_ += " left join " + name + " on " + name + ".bucket = b.bucket";
        const auto value = name + ".value";
        return input.gap_policy == GapPolicy::zero ? "coalesce(" + value + ", 0)" : value;
    }

    std::string sql_in(const Definition& input) const {
        const auto terms = terms_of("'" + domain::to_text(input.metric) + "'", 5);
        return shape_ == Shape::whole ? whole_sql(input, in_.where, terms)
                                      : buckets_sql(input, in_.where, terms);
    }

    const Inputs& in_;
    Shape shape_;
    std::vector<domain::Uuid> sources_;
    std::map<std::string, std::string, std::less<>> columns_;
    std::string with_, buckets_, joins_;
};

/// (bucket, value) of a derived metric: its inputs are rolled up first, and divided last.
domain::Result<std::string> derived_sql(const Inputs& in, const Definition& definition,
                                        Shape shape) {
    Columns columns{in, shape};
    const auto value = columns.of(definition.formulas, 0);
    if (!value) return value;
    if (columns.sources().empty()) return domain::refuse(domain::formula::invalid_formula);
    return columns.with() + " select b.bucket, round(" + *value + ", " +
           std::to_string(definition.precision) + ") as value from (" + columns.buckets() + ") b" +
           columns.joins();
}

domain::Result<Points> derived(const Inputs& in, const Definition& definition, const Window& window,
                               Shape shape) {
    const auto sql = derived_sql(in, definition, shape);
    if (!sql) return std::unexpected(sql.error());
    auto params = window_params(in, window);
    in.where.append_to(params);
    return points_in(in.tx.exec(in_order(*sql), params));
}

/// Buckets of the first and the newest points.
struct Known {
    Instant first, newest;
};

domain::Result<Known> known_of(const Inputs& in, const Definition& definition, Grain grain) {
    const auto sources = sources_of(in, definition);
    if (!sources) return std::unexpected(sources.error());
    Uuids metrics;
    for (const auto& source : *sources) metrics.push_back(source);
    const auto row = in.tx
                         .exec(prepared(in.tx, "metric_known", R"sql(
        select coalesce(date_part('epoch', min(n.first)), 0)::bigint,
               coalesce(date_part('epoch', max(n.newest)), -1)::bigint
          from unnest($3::uuid[]) k (metric)
         cross join lateral (select min(r.bucket) as first, max(r.bucket) as newest
                               from board.metric_rollup r
                              where r.tenant = $1 and r.metric = k.metric
                                and r.grain = $2::smallint) n)sql"),
                               pqxx::params{domain::to_text(in.ask.tenant), static_cast<int>(grain),
                                            as_params(metrics)})
                         .one_row();
    return Known{{row[0].as<std::int64_t>() * second_micros},
                 {row[1].as<std::int64_t>() * second_micros}};
}

/// What a bucket without points is worth.
class Gaps {
public:
    Gaps(const Inputs& in, const Definition& definition, const Window& window)
        : in_{in}, definition_{definition}, window_{window} {}

    void pass(Instant at, const std::optional<std::string>& value) {
        if (value) last_ = {at, value};
    }

    domain::Result<std::optional<std::string>> at(Instant bucket) {
        if (definition_.gap_policy == GapPolicy::gap) return std::nullopt;
        if (carries(definition_)) return last_.second;
        const auto within = is_within(bucket);
        if (!within) return std::unexpected(within.error());
        if (!*within) return std::nullopt;
        // A running total goes on, and begins again with the year.
        const bool goes_on = definition_.accumulates && year_of(last_.first) == year_of(bucket);
        return goes_on ? last_.second.value_or("0") : "0";
    }

private:
    domain::Result<bool> is_within(Instant bucket) {
        if (!known_) {
            auto known = known_of(in_, definition_, window_.grain);
            if (!known) return std::unexpected(known.error());
            known_ = *known;
        }
        const bool over =
            window_.grain == Grain::hour ||
            next_of(window_, bucket).micros <= std::int64_t{in_.ask.today.days} * day_micros;
        return over && known_->first <= bucket && bucket <= known_->newest;
    }

    const Inputs& in_;
    const Definition& definition_;
    const Window& window_;
    std::pair<Instant, std::optional<std::string>> last_;
    std::optional<Known> known_;
};

/// Each piece's value as SQL; its days are $4 and $5.
std::string each_sql(const Definition& metric, Shape shape) {
    const Where everything;
    const Terms terms{"k.metric", "k.from_at", "k.to_at", 6};
    auto value = shape == Shape::whole ? whole_sql(metric, everything, terms)
                                       : buckets_sql(metric, everything, terms);
    if (shape != Shape::whole && metric.accumulates) value = running_sql(value);
    return R"sql(
        select k.place, trim_scale(v.value)::text
          from unnest($3::uuid[], $4::timestamptz[], $5::timestamptz[])
               with ordinality as k (metric, from_at, to_at, place)
         cross join lateral (select v.value from ()sql" +
           value + ") v order by v.bucket desc limit 1) v";
}

}  // namespace

Instant year_of(Instant bucket) {
    const domain::Date day{static_cast<std::int32_t>(bucket.micros / day_micros)};
    const auto first = domain::date_from(domain::to_text(day).substr(0, 4) + "-01-01");
    return {first.value_or(domain::Date{}).days * day_micros};
}

domain::Result<std::vector<domain::Uuid>> sources_of(const Inputs& in,
                                                     const Definition& definition) {
    if (definition.formulas.empty()) return std::vector{definition.metric};
    Columns columns{in, Shape::known};
    if (const auto value = columns.of(definition.formulas, 0); !value)
        return std::unexpected(value.error());
    return columns.sources();
}

domain::Result<Points> values_of(const Inputs& in, const Definition& definition,
                                 const Window& window, Shape shape) {
    if (!definition.formulas.empty()) return derived(in, definition, window, shape);
    return rolled_up(in, definition, window, shape, false);
}

domain::Result<Points> filled(const Inputs& in, const Definition& definition,
                              const Window& window) {
    auto read = window;
    if (definition.accumulates) read.from = year_of(window.from);
    auto values = definition.accumulates
                      ? domain::Result<Points>{rolled_up(in, definition, read, Shape::filled, true)}
                      : values_of(in, definition, read, Shape::filled);
    if (!values) return std::unexpected(values.error());
    Gaps gaps{in, definition, window};
    auto found = values->begin();
    for (; found != values->end() && found->first < window.from; ++found)
        gaps.pass(found->first, found->second);
    Points out;
    for (auto at = window.from; at < window.to; at = next_of(window, at)) {
        const bool here = found != values->end() && found->first == at;
        auto value = here ? domain::Result<std::optional<std::string>>{std::move(found++->second)}
                          : gaps.at(at);
        if (!value) return std::unexpected(value.error());
        gaps.pass(at, *value);
        out.emplace_back(at, *std::move(value));
    }
    return out;
}

void evaluate(pqxx::transaction_base& tx, const Ask& ask, std::vector<Piece>& pieces, Shape shape) {
    std::map<std::string, std::vector<Piece*>> kinds;
    for (auto& piece : pieces)
        kinds[kind_of(*piece.metric) + (piece.metric->accumulates ? "_running" : "")].push_back(
            &piece);
    for (const auto& [kind, alike] : kinds) {
        Uuids metrics;
        Instants from, to;
        for (const auto* piece : alike) {
            metrics.push_back(piece->metric->metric);
            from.push_back(piece->from);
            to.push_back(piece->to);
        }
        const auto name = "metric_each_" + kind + (shape == Shape::whole ? "_whole" : "");
        const auto rows =
            tx.exec(prepared(tx, name, each_sql(*alike.front()->metric, shape)),
                    pqxx::params{domain::to_text(ask.tenant), static_cast<int>(Grain::day),
                                 as_params(metrics, from, to)});
        for (const auto& row : rows)
            alike[row[0].as<std::size_t>() - 1]->value = row[1].as<std::optional<std::string>>();
    }
}

domain::Result<std::optional<std::string>> value_of_whole(pqxx::transaction_base& tx,
                                                          const Ask& ask,
                                                          const Definition& definition,
                                                          Instant from, Instant to) {
    if (definition.formulas.empty()) {
        std::vector<Piece> piece{{&definition, from, to, {}}};
        evaluate(tx, ask, piece, Shape::whole);
        return std::move(piece.front().value);
    }
    const Where everything;
    const auto values =
        derived({tx, ask, everything}, definition, {Grain::day, from, to, 1}, Shape::whole);
    if (!values) return std::unexpected(values.error());
    if (values->empty()) return std::nullopt;
    return values->front().second;
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
