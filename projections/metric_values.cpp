#include "projections/metric_values.hpp"

#include "domain/base/business_day.hpp"
#include "projections/columns.hpp"
#include "projections/metric_query.hpp"
#include "projections/metric_sql.hpp"
#include "projections/prepared.hpp"
#include "projections/watch_query.hpp"

#include <charconv>
#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::Date;
using domain::Instant;
using domain::metric::GapPolicy;

constexpr int formula_depth_max = 10;

Terms terms_of(std::string metric, int where_first) {
    return {std::move(metric), "$3::timestamptz", "$4::timestamptz", where_first};
}

bool is_over(const Ask& ask, Instant end) { return end <= midnight(ask.today); }

/// Nothing is carried into days to come; somewhere on earth today has hours of the next day in UTC.
Instant carried_until(const Ask& ask, Grain grain) {
    return midnight(ask.today + (grain == Grain::hour ? 2 : 1));
}

pqxx::params window_params(const Inputs& in, const Window& window) {
    return {domain::to_text(in.ask.tenant), static_cast<int>(window.grain),
            domain::to_text(window.from), domain::to_text(window.to)};
}

// Buckets begin on whole seconds, which a double holds exactly and PostgreSQL computes faster.
// All of them are one text: to send and read hundreds of rows costs more than to find them.
std::string in_order(const std::string& buckets, std::string_view where = "") {
    return "select coalesce(string_agg(date_part('epoch', v.bucket)::bigint || ' ' || "
           "coalesce(trim_scale(v.value)::text, ''), ',' order by v.bucket), '') from (" +
           buckets + ") v" + std::string{where};
}

Values points_in(std::string_view text) {
    Values values;
    while (!text.empty()) {
        std::int64_t seconds = 0;
        const auto* digits_end =
            std::from_chars(text.data(), text.data() + text.size(), seconds).ptr;
        text.remove_prefix(static_cast<std::size_t>(digits_end - text.data()) + 1);
        const auto value = text.substr(0, text.find(','));
        values.emplace_back(Instant{seconds * domain::second_micros},
                            value.empty() ? std::nullopt : std::optional<std::string>{value});
        text.remove_prefix(std::min(value.size() + 1, text.size()));
    }
    return values;
}

Values points_in(const pqxx::result& rows) { return points_in(rows.one_field().view()); }

/// A metric with points has one statement a kind of question: parsing and planning it anew costs
/// more than its rows.
Values rolled_up(const Inputs& in, const Definition& definition, const Window& window, Shape shape,
                 bool running) {
    const bool some = carries(definition);
    const auto name = "metric_values_" + kind_of(definition) +
                      (some && shape == Shape::known ? "_known" : "") +
                      (running ? "_running" : "") + std::string{in.where.kind()};
    auto sql = buckets_sql(definition, in.where, terms_of("$5::uuid", some ? 7 : 6));
    if (running) sql = running_sql(sql);
    auto params = window_params(in, window);
    params.append(domain::to_text(definition.metric));
    if (some)
        params.append(domain::to_text(shape == Shape::known ? Instant{}
                                                            : carried_until(in.ask, window.grain)));
    in.where.append_to(params);
    const auto where = some ? " where v.known or v.bucket < $6::timestamptz" : "";
    return points_in(in.tx.exec(prepared(in.tx, name, in_order(sql, where)), params));
}

/// InputColumns of a formula's inputs, and the common table expressions that they come from.
class InputColumns {
public:
    InputColumns(const Inputs& in, Shape shape, const Window& window)
        : in_{in}, shape_{shape}, window_{window} {}

    /// A derived metric's value in the bucket b: of its formulas, the one that held on its first
    /// day. Derived inputs are put in its place, until only metrics with points are left.
    domain::Result<std::string> of(const domain::metric::Formulas& formulas, int depth) {
        if (depth == formula_depth_max) return domain::refuse(domain::formula::invalid_formula);
        const std::string first = shape_ == Shape::whole ? "$3::timestamptz" : "b.bucket";
        std::string cases, before;
        for (const auto& [since, formula] : formulas) {
            auto value = of(formula, depth);
            if (!value) return value;
            // Formulas over formulas multiply: what no person wrote is not worth a plan.
            if (cases.size() + before.size() + value->size() > sql_bytes_max)
                return domain::refuse(domain::formula::invalid_formula,
                                      std::string{formula_too_long});
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
            const auto input = definition(key);
            if (!input) return std::unexpected(input.error());
            auto column = input->formulas.empty() ? domain::Result<std::string>{rolled_up(*input)}
                                                  : of(input->formulas, depth + 1);
            if (!column) return column;
            columns_.emplace(key, *std::move(column));
        }
        return sql_of(*expression, columns_);
    }

    domain::Result<Definition> definition(const std::string& key) const {
        if (in_.definitions != nullptr) {
            const auto found = in_.definitions->find(key);
            if (found != in_.definitions->end()) return found->second;
        }
        return definition_of(in_.tx, in_.ask, key);
    }

    std::string rolled_up(const Definition& input) {
        const auto name = "i" + std::to_string(sources_.size());
        sources_.push_back(input.metric);
        with_ += (with_.empty() ? "with " : ", ") + name + " as (" + sql_in(input) + ")";
        buckets_ += (buckets_.empty() ? "" : " union ") + ("select bucket from " + name);
        if (carries(input) && shape_ != Shape::whole) buckets_ += " where known" + or_carried();
        joins_ += " left join " + name + " on " + name + ".bucket = b.bucket";
        const auto value = name + ".value";
        return input.gap_policy == GapPolicy::zero ? "coalesce(" + value + ", 0)" : value;
    }

    std::string or_carried() const {
        if (shape_ == Shape::known) return {};
        return " or bucket < timestamptz '" +
               domain::to_text(carried_until(in_.ask, window_.grain)) + "'";
    }

    std::string sql_in(const Definition& input) const {
        auto terms = terms_of("'" + domain::to_text(input.metric) + "'", 5);
        terms.over = is_over(in_.ask, window_.to) ? "true" : "false";
        return shape_ == Shape::whole ? whole_sql(input, in_.where, terms)
                                      : buckets_sql(input, in_.where, terms);
    }

    const Inputs& in_;
    Shape shape_;
    const Window& window_;
    std::vector<domain::Uuid> sources_;
    SqlByKey columns_;
    std::string with_, buckets_, joins_;
};

/// (bucket, value) of a derived metric: its inputs are rolled up first, and divided last.
domain::Result<std::string> derived_sql(const Inputs& in, const Definition& definition,
                                        const Window& window, Shape shape) {
    InputColumns columns{in, shape, window};
    const auto value = columns.of(definition.formulas, 0);
    if (!value) return value;
    if (columns.sources().empty()) return domain::refuse(domain::formula::invalid_formula);
    return columns.with() + " select b.bucket, round(" + *value + ", " +
           std::to_string(definition.precision) + ") as value from (" + columns.buckets() + ") b" +
           columns.joins();
}

domain::Result<Values> derived(const Inputs& in, const Definition& definition, const Window& window,
                               Shape shape) {
    const auto sql = derived_sql(in, definition, window, shape);
    if (!sql) return std::unexpected(sql.error());
    auto params = window_params(in, window);
    in.where.append_to(params);
    return points_in(in.tx.exec(in_order(*sql), params));
}

/// The bucket of the first point, and the day, or the hour when hours are asked for, of the newest.
struct Known {
    Instant first, newest;
};

domain::Result<Known> known_of(const Inputs& in, const Definition& definition, Grain grain) {
    const auto sources = sources_of(in, definition);
    if (!sources) return std::unexpected(sources.error());
    Uuids metrics;
    for (const auto& source : *sources) metrics.push_back(source);
    const auto of_metric = [&](const std::string& what, const std::string& of_grain) {
        return "(select " + what +
               "(r.bucket) from board.metric_rollup r where r.tenant = $1 and " +
               "r.metric = k.metric and r.grain = " + of_grain + in.where.sql(4) + ")";
    };
    const auto sql =
        "select date_part('epoch', min(n.first))::bigint, date_part('epoch', "
        "max(n.newest))::bigint from unnest($3::uuid[]) k (metric) cross join lateral "
        "(select " +
        of_metric("min", "$2::smallint") + " as first, " +
        of_metric("max", "least($2::smallint, 1::smallint)") + " as newest) n";
    pqxx::params params{domain::to_text(in.ask.tenant), static_cast<int>(grain),
                        as_params(metrics)};
    in.where.append_to(params);
    const auto name = "metric_known" + std::string{in.where.kind()};
    const auto row = in.tx.exec(prepared(in.tx, name, sql), params).one_row();
    const auto first = row[0].as<std::optional<std::int64_t>>();
    const auto newest = row[1].as<std::optional<std::int64_t>>();
    // Of what has no points nothing is known, ever.
    if (!first || !newest) return Known{{INT64_MAX}, {}};
    return Known{{*first * domain::second_micros}, {*newest * domain::second_micros}};
}

/// What a bucket without points is worth.
class Gaps {
public:
    Gaps(const Inputs& in, const Definition& definition, const Window& window, bool totals)
        : in_{in}, definition_{definition}, window_{window}, totals_{totals} {}

    void pass(Instant at, const std::optional<std::string>& value) {
        if (value) last_ = {at, value};
    }

    domain::Result<std::optional<std::string>> at(Instant bucket) {
        if (definition_.gap_policy == GapPolicy::gap) return std::nullopt;
        if (carries(definition_)) {
            if (bucket >= carried_until(in_.ask, window_.grain)) return std::nullopt;
            return last_.second;
        }
        const auto within = is_within(bucket);
        if (!within) return std::unexpected(within.error());
        if (!*within) return std::nullopt;
        // A running total goes on, and begins again with the year.
        if (totals_)
            return year_of(last_.first) == year_of(bucket) ? last_.second.value_or("0") : "0";
        if (!is_closed(bucket)) return "0";
        closed_.insert(bucket);
        return std::nullopt;
    }

    const std::set<Instant>& closed() const { return closed_; }

private:
    bool is_closed(Instant bucket) {
        if (window_.grain == Grain::hour) return false;
        if (!closures_) closures_ = watch_board::closures_of(in_.tx, in_.ask.tenant);
        return domain::closure::is_closed(*closures_, in_.where.location(), utc_day(bucket),
                                          utc_day(next_of(window_, bucket)));
    }

    domain::Result<bool> is_within(Instant bucket) {
        if (!known_) {
            auto known = known_of(in_, definition_, window_.grain);
            if (!known) return std::unexpected(known.error());
            known_ = *known;
        }
        if (bucket < known_->first) return false;
        if (window_.grain == Grain::hour) return bucket <= known_->newest;
        const auto complete = domain::complete_before(utc_day(known_->newest), in_.ask.today);
        return next_of(window_, bucket) <= midnight(complete);
    }

    const Inputs& in_;
    const Definition& definition_;
    const Window& window_;
    bool totals_;
    std::pair<Instant, std::optional<std::string>> last_;
    std::optional<Known> known_;
    std::optional<std::vector<domain::closure::Closure>> closures_;
    std::set<Instant> closed_;
};

/// Each piece's value as SQL; its days are $4 and $5, and $6 says whether they are over.
std::string each_sql(const Definition& metric, Shape shape) {
    const Where everything;
    const Terms terms{"k.metric", "k.from_at", "k.to_at", 7, "k.over"};
    auto value = shape == Shape::whole ? whole_sql(metric, everything, terms)
                                       : buckets_sql(metric, everything, terms);
    if (shape != Shape::whole && metric.accumulates) value = running_sql(value);
    return R"sql(
        select k.place, trim_scale(v.value)::text
          from unnest($3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::bool[])
               with ordinality as k (metric, from_at, to_at, over, place)
         cross join lateral (select v.value from ()sql" +
           value + ") v order by v.bucket desc limit 1) v";
}

/// The window's buckets one by one; `values` may begin before it.
domain::Result<Filled> without_gaps(const Inputs& in, const Definition& definition,
                                    const Window& window, Values values, bool totals) {
    Gaps gaps{in, definition, window, totals};
    auto found = values.begin();
    for (; found != values.end() && found->first < window.from; ++found)
        gaps.pass(found->first, found->second);
    Filled out;
    for (auto at = window.from; at < window.to; at = next_of(window, at)) {
        const bool here = found != values.end() && found->first == at;
        auto value = here ? domain::Result<std::optional<std::string>>{std::move(found++->second)}
                          : gaps.at(at);
        if (!value) return std::unexpected(value.error());
        gaps.pass(at, *value);
        out.points.emplace_back(at, *std::move(value));
    }
    out.closed = gaps.closed();
    return out;
}

}  // namespace

Instant year_of(Instant bucket) {
    const auto first = domain::date_from(domain::to_text(utc_day(bucket)).substr(0, 4) + "-01-01");
    return midnight(first.value_or(domain::Date{}));
}

domain::Result<std::vector<domain::Uuid>> sources_of(const Inputs& in,
                                                     const Definition& definition) {
    if (definition.formulas.empty()) return std::vector{definition.metric};
    const Window none{};
    InputColumns columns{in, Shape::known, none};
    if (const auto value = columns.of(definition.formulas, 0); !value)
        return std::unexpected(value.error());
    return columns.sources();
}

domain::Result<Values> values_of(const Inputs& in, const Definition& definition,
                                 const Window& window, Shape shape) {
    if (!definition.formulas.empty()) return derived(in, definition, window, shape);
    return rolled_up(in, definition, window, shape, false);
}

domain::Result<Named> named(const Inputs& in, std::string_view name, const Window& window) {
    static const std::string more =
        "case when m.kind = 'simple' and m.gap_policy <> 'carry' and n.series < 2 then (";
    auto params = window_params(in, window);
    params.append(domain::to_text(named_metric(in.ask.tenant, name)));
    in.where.append_to(params);
    auto found = described(
        in.tx, "metric_named" + std::string{in.where.kind()}, "$5::uuid",
        more + in_order(only_buckets_sql(in.where, terms_of("$5::uuid", 6))) + ") end", params);
    if (!found) return std::unexpected(std::move(found.error()));
    Named out{std::move(found->definition), {}};
    if (found->more) out.values = points_in(*found->more);
    return out;
}

domain::Result<Filled> filled(const Inputs& in, const Definition& definition, const Window& window,
                              Accumulated accumulated) {
    const bool totals = definition.accumulates && accumulated == Accumulated::so_far;
    auto read = window;
    if (totals) read.from = year_of(window.from);
    auto values = totals
                      ? domain::Result<Values>{rolled_up(in, definition, read, Shape::filled, true)}
                      : values_of(in, definition, read, Shape::filled);
    if (!values) return std::unexpected(values.error());
    return without_gaps(in, definition, window, *std::move(values), totals);
}

domain::Result<Filled> filled(const Inputs& in, Named&& named, const Window& window) {
    if (!named.values) return filled(in, named.definition, window);
    return without_gaps(in, named.definition, window, *std::move(named.values), false);
}

void evaluate(pqxx::transaction_base& tx, const Ask& ask, std::vector<Piece>& pieces, Shape shape) {
    std::map<std::string, std::vector<Piece*>> kinds;
    for (auto& piece : pieces)
        kinds[kind_of(*piece.metric) + (piece.metric->accumulates ? "_running" : "")].push_back(
            &piece);
    for (const auto& [kind, alike] : kinds) {
        Uuids metrics;
        Instants from, to;
        Bools over;
        for (const auto* piece : alike) {
            over.push_back(is_over(ask, piece->to));
            metrics.push_back(piece->metric->metric);
            from.push_back(piece->from);
            to.push_back(piece->to);
        }
        const auto name = "metric_each_" + kind + (shape == Shape::whole ? "_whole" : "");
        const auto rows =
            tx.exec(prepared(tx, name, each_sql(*alike.front()->metric, shape)),
                    pqxx::params{domain::to_text(ask.tenant), static_cast<int>(Grain::day),
                                 as_params(metrics, from, to, over)});
        for (const auto& row : rows)
            alike[row[0].as<std::size_t>() - 1]->value = row[1].as<std::optional<std::string>>();
    }
}

domain::Result<std::optional<std::string>> value_of_whole(const Inputs& in,
                                                          const Definition& definition,
                                                          Instant from, Instant to) {
    if (definition.formulas.empty()) {
        std::vector<Piece> piece{{&definition, from, to, {}}};
        evaluate(in.tx, in.ask, piece, Shape::whole);
        return std::move(piece.front().value);
    }
    const auto values = derived(in, definition, {Grain::day, from, to, 1}, Shape::whole);
    if (!values) return std::unexpected(values.error());
    if (!values->empty()) return values->front().second;
    if (definition.gap_policy != GapPolicy::zero || !is_over(in.ask, to)) return std::nullopt;
    const auto known = known_of(in, definition, Grain::day);
    if (!known) return std::unexpected(known.error());
    return known->first < from ? std::optional<std::string>{"0"} : std::nullopt;
}

}  // namespace projections::metric
