#pragma once
#include "projections/metric_rows.hpp"
#include "projections/metric_window.hpp"

#include <set>

/// Values of metrics by bucket: sums of roll-ups, and formulas over them.
namespace projections::metric {

/// Which buckets a question is about.
enum class Shape {
    known,   ///< those that have points
    filled,  ///< of a metric that carries, or that has such an input, those without points too
    whole,   ///< one for the whole window
};

/// Definitions that a question has read already, by key.
using Definitions = std::map<std::string, Definition, std::less<>>;

struct Inputs {
    pqxx::transaction_base& tx;
    const Ask& ask;
    const Where& where;
    const Definitions* definitions = nullptr;
};

/// In the order of their buckets' starts, trimmed decimals.
using Values = std::vector<std::pair<domain::Instant, std::optional<std::string>>>;

/// The buckets that have something. A bucket of a derived metric has the formula that holds on its
/// first day; hours follow the days of UTC. What accumulates is here what each bucket adds.
domain::Result<Values> values_of(const Inputs& in, const Definition& definition,
                                 const Window& window, Shape shape = Shape::known);

/// What a metric that accumulates has in a bucket.
enum class Accumulated {
    so_far,  ///< the total of its year
    added,   ///< what the bucket added to it
};
struct Filled {
    Values points;
    std::set<domain::Instant> closed;  ///< buckets that are not zero because nothing is expected
};
/// Every bucket of the window, filled as the metric's policy says for what is asked of it. Zero is
/// from the first bucket on that it, or any metric it follows from, has points in, as far as days
/// are complete (of hours, up to the newest one), and never where all of a bucket is closed. What
/// was carried ends with today. A total of the year stays in a gap, zero or carried, as it was.
domain::Result<Filled> filled(const Inputs& in, const Definition& definition, const Window& window,
                              Accumulated accumulated = Accumulated::so_far);

/// The metric that an address names; where it is one series that is neither carried nor running,
/// with the window's values, because most questions are about such a one and need no other
/// statement.
struct Named {
    Definition definition;
    std::optional<Values> values;
};
domain::Result<Named> named(const Inputs& in, std::string_view name, const Window& window);
domain::Result<Filled> filled(const Inputs& in, Named&& named, const Window& window);

/// A metric with points, the business days that one value of it is wanted for, and that value.
struct Piece {
    const Definition* metric{};
    domain::Instant from, to;
    std::optional<std::string> value{};
};
/// Gives each piece its value: that of its days together (Shape::whole), or the one that `filled`
/// has for its last day. One statement for each way to aggregate.
void evaluate(pqxx::transaction_base& tx, const Ask& ask, std::vector<Piece>& pieces, Shape shape);

/// One value for all business days from `from` up to, not including, `to`. Where zero is its
/// policy, days without a point are 0 once they are over and one came before them.
domain::Result<std::optional<std::string>> value_of_whole(const Inputs& in,
                                                          const Definition& definition,
                                                          domain::Instant from, domain::Instant to);

/// The metrics with points that a metric follows from, itself when it has points.
domain::Result<std::vector<domain::Uuid>> sources_of(const Inputs& in,
                                                     const Definition& definition);

/// 1 January of the bucket's year.
domain::Instant year_of(domain::Instant bucket);

}  // namespace projections::metric
