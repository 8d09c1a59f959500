#pragma once
#include "projections/metric_definition.hpp"

namespace pqxx {
class params;
}

/// Roll-ups as SQL: the one place that knows what a bucket of a metric is worth.
namespace projections::metric {

/// Which series count: a place, and dimensions that all must be there.
class Where {
public:
    /// From the filters location and dimension.
    static domain::Result<Where> from(const Ask& ask);
    /// Continues a condition on r; its parameters begin at $`first`.
    std::string sql(int first) const;
    /// A word that is the same for conditions of the same text.
    std::string_view kind() const;
    void append_to(pqxx::params& params) const;
    /// The place's key; empty: all of them.
    std::string location() const { return location_.value_or(""); }

private:
    std::optional<std::string> location_;
    std::string dimensions_;
};

/// What stands in SQL for a question's parts; $1 is the tenant and $2 the grain. `from` and `to`
/// begin buckets.
struct Terms {
    std::string metric, from, to;
    int where_first{};           ///< the first parameter of what Where adds
    std::string over = "false";  ///< whether the time up to `to` is over
};

/// One value a bucket of a metric with points, as a SELECT of (bucket, value): what the series in
/// it give together. Of a metric that carries, every series counts in each bucket from its first
/// one on, with the last value it had, and a third column, known, tells whether any has points in
/// the bucket. `from` finds that value by the index, one probe a series.
std::string buckets_sql(const Definition& definition, const Where& where, const Terms& terms);

/// As buckets_sql() of any metric m that is one series and neither carries nor follows from others.
std::string only_buckets_sql(const Where& where, const Terms& terms);

/// One value for all points from `from` to `to`, as a SELECT of (bucket, value) of one row or none;
/// the bucket says nothing. A stock is that of the end. Of a metric whose gaps are zero, days that
/// are over are 0 without a point too, when one came before them.
std::string whole_sql(const Definition& definition, const Where& where, const Terms& terms);

/// `buckets`, a SELECT of (bucket, value), added up from the first one of each year on; a bucket is
/// in the year that its first day is in.
std::string running_sql(const std::string& buckets);

/// A word that is the same for definitions whose SQL is.
std::string kind_of(const Definition& definition);

}  // namespace projections::metric
