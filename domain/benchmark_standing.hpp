#pragma once
#include "domain/benchmark_words.hpp"

/// Where a value stands among others, in percent, with what is not known about it.
namespace domain::benchmark {

/// A position from 0 to 100 and how far it can be trusted.
struct Standing {
    double percentile{};
    double low{}, high{};  ///< within which it lies: see the function that made it
};

/// Among published percentiles: linear between neighbours, as the inverse of the definition of
/// Hyndman and Fan (1996), "Sample quantiles in statistical packages", type 7. Below the first or
/// above the last only the side is known: `low` and `high` say 0 to 10, say, and `percentile` is
/// the published one that it stops at. Where neighbours are equal to the value, it stands in the
/// middle of them. Empty with fewer than two percentiles, or where they fall.
std::optional<Standing> among_percentiles(const Decimal& own, const Percentiles& published);

/// Among `count` values of which `below` are smaller and `equal` the same: the mid-rank,
/// (below + equal / 2) / count. `low` and `high` are the 95 % interval of Wilson (1927), "Probable
/// inference, the law of succession, and statistical inference", for that share: it takes the
/// values as independent, which neighbours in time are not, so it is the narrowest that is honest.
/// Empty for no values.
std::optional<Standing> among_values(int below, int equal, int count);

}  // namespace domain::benchmark
