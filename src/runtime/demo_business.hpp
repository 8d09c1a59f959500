#pragma once
#include "domain/base/decimal.hpp"
#include "domain/base/time.hpp"

#include <string>
#include <vector>

/// Two years of a restaurant and the shop next door, with known truth. Deviations follow a linear
/// structural model in logarithms, so causes, lags and elasticities are known exactly. All
/// randomness is one documented generator, so every machine makes the same numbers.
namespace runtime::demo {

struct Value {
    domain::Date day;
    domain::Decimal value;
    bool operator==(const Value&) const = default;
};
/// A daily series; a day that is not there is missing, not zero.
struct Series {
    std::string metric;    ///< its key
    std::string location;  ///< restaurant, shop, or empty
    std::vector<Value> values;
};

/// What was put into the numbers on purpose.
struct Truth {
    domain::Date from, to;  ///< both in it
    std::string metric;     ///< where it shows
    std::string what;       ///< outage, double, viral, power-cut, dip, oven, closed, missing
    /// Whether a robust detector of single days must find it.
    bool must_be_found{};
};

struct Business {
    domain::Date start;
    int days{};
    std::vector<Series> series;
    std::vector<Truth> truth;
};

/// The one that `cairn dev` loads.
inline constexpr std::uint64_t golden_seed = 20'240'108;

/// The same seed gives the same business. Days 2024-01-01 to 2025-12-31.
Business make_business(std::uint64_t seed);

/// The truth as JSON, one object an entry.
std::string truth_json(const Business& business);

}  // namespace runtime::demo
