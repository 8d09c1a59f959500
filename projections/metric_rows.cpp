#include "projections/metric_rows.hpp"

#include "domain/metric_words.hpp"
#include "events/writer.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::metric::Aggregation;

/// One value of all the series' rows r.
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
std::string_view only_sql(Aggregation aggregation) {
    switch (aggregation) {
        case Aggregation::sum: return "r.sum";
        case Aggregation::mean: return "round(r.sum / r.count, 12)";
        case Aggregation::last: return "r.last";
        case Aggregation::min: return "r.min";
        case Aggregation::max: return "r.max";
    }
    std::unreachable();
}

std::string rows_sql(const Where& where, const Terms& terms) {
    return "board.metric_rollup r where r.tenant = $1 and r.metric = " + terms.metric +
           " and r.grain = $2::smallint and r.bucket >= " + terms.from + " and r.bucket < " +
           terms.to + where.sql(terms.where_first);
}

/// The rows of the period, and of each series the last one before it.
std::string rows_and_before_sql(const Where& where, const Terms& terms) {
    return "(select r.* from " + rows_sql(where, terms) +
           " union all select b.* from board.metric_series r cross join lateral (select b.* from "
           "board.metric_rollup b where b.tenant = r.tenant and b.metric = r.metric and b.grain = "
           "$2::smallint and b.location = r.location and b.variant = r.variant and b.bucket < " +
           terms.from +
           " order by b.bucket desc limit 1) b where r.tenant = $1 and r.metric = " + terms.metric +
           where.sql(terms.where_first) + ") r";
}

/// Which whole periods have a value.
std::string there_sql(const Definition& definition, const Where& where, const Terms& terms) {
    std::string there = " having count(*) > 0";
    if (definition.gap_policy != domain::metric::GapPolicy::zero) return there;
    return there + " or (" + terms.over +
           " and exists (select from board.metric_rollup r where r.tenant = $1 and r.metric = " +
           terms.metric + " and r.grain = $2::smallint and r.bucket < " + terms.from +
           where.sql(terms.where_first) + "))";
}

std::string carried_sql(const Definition& definition, const Where& where, const Terms& terms) {
    const std::string value{aggregate_sql(definition)};
    return "select g.bucket, " + value +
           " as value, bool_or(g.bucket = r.bucket) as known from (select r.*, lead(r.bucket) over "
           "(partition by r.location, r.variant order by r.bucket) as until from " +
           rows_and_before_sql(where, terms) +
           ") r cross join lateral generate_series(greatest(r.bucket, " + terms.from +
           "), least(r.until, " + terms.to +
           ") - interval '1 second', (array['1 hour', '1 day', '7 days', '1 month', "
           "'3 months'])[$2::smallint + 1]::interval, 'UTC') g (bucket) group by g.bucket";
}

}  // namespace

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

std::string buckets_sql(const Definition& definition, const Where& where, const Terms& terms) {
    if (carries(definition)) return carried_sql(definition, where, terms);
    if (definition.one_series)
        return "select r.bucket, " + std::string{only_sql(definition.aggregation)} +
               " as value from " + rows_sql(where, terms);
    return "select r.bucket, " + std::string{aggregate_sql(definition)} + " as value from " +
           rows_sql(where, terms) + " group by r.bucket";
}

std::string only_buckets_sql(const Where& where, const Terms& terms) {
    std::string value = "case m.aggregation";
    for (const auto aggregation : {Aggregation::sum, Aggregation::mean, Aggregation::last,
                                   Aggregation::min, Aggregation::max})
        ((((value += " when '") += to_text(aggregation)) += "' then ") += only_sql(aggregation));
    return "select r.bucket, " + value + " end as value from " + rows_sql(where, terms);
}

std::string whole_sql(const Definition& definition, const Where& where, const Terms& terms) {
    const bool zero = definition.gap_policy == domain::metric::GapPolicy::zero;
    const std::string value{aggregate_sql(definition)};
    const std::string one = "select timestamptz 'epoch' as bucket, " +
                            (zero ? "coalesce(" + value + ", 0)" : value) + " as value from ";
    const auto there = there_sql(definition, where, terms);
    if (definition.aggregation != Aggregation::last) return one + rows_sql(where, terms) + there;
    // Each series counts once, with its newest bucket.
    return one + "(select distinct on (r.location, r.variant) r.* from " +
           (carries(definition) ? rows_and_before_sql(where, terms) : rows_sql(where, terms)) +
           " order by r.location, r.variant, r.bucket desc) r" + there;
}

std::string running_sql(const std::string& buckets) {
    return "select y.bucket, sum(y.value) over (partition by date_part('year', y.bucket at time "
           "zone 'UTC') order by y.bucket) as value from (" +
           buckets + ") y";
}

std::string kind_of(const Definition& definition) {
    return std::string{to_text(definition.aggregation)} + (definition.adds_up ? "_adds" : "") +
           (definition.one_series ? "_one" : "") +
           (definition.gap_policy == domain::metric::GapPolicy::zero ? "_zero" : "") +
           (carries(definition) ? "_carries" : "");
}

}  // namespace projections::metric
