#pragma once
#include "domain/base/decimal.hpp"
#include "domain/base/time.hpp"
#include "src/runtime/demo_model.hpp"

#include <string>
#include <vector>

/// Two years of a restaurant and the shop next door, with known truth. Values are level × trend ×
/// weekday × season × exp(deviation), and the deviations follow `demo_model.hpp`. All randomness is
/// one documented generator without a library's functions, so every machine makes the same numbers.
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
    std::string item;      ///< of the shop; empty for whole metrics
    std::vector<Value> values;
};

/// How the numbers came in: whole batches, one after the other.
struct Batch {
    std::string name;
    domain::Date arrived;
    /// The same sales once more under new ids, so they stand beside the first ones.
    bool again{};
    std::vector<Series> series;
};

/// What an event does to a metric, derived ones too.
struct Effect {
    std::string metric;
    double factor{};  ///< what is told of its days over what would have been told
    /// Whether a robust detector of single days must find it.
    bool must_be_found{};
};
/// What was put into the numbers on purpose.
struct Truth {
    domain::Date from, to;  ///< both in it
    std::string what;       ///< outage, double, viral, power-cut, dip, oven, festival, closed …
    domain::Date began;     ///< before `from` where this is what followed
    bool must_be_found{};   ///< in the restaurant's revenue
    std::vector<Effect> effects;
};
/// A metric that moved for good.
struct Shift {
    std::string what;    ///< price-rise, wage-rise, supplier-price
    domain::Date began;  ///< the day of the cause
    domain::Date from;   ///< the first day with at least half of it
    std::string metric;
    double factor{};  ///< once it has settled
};
/// Days on which nothing of an item was there to sell.
struct StockOut {
    std::string item;
    domain::Date from, to;  ///< both in it
    int lost{};             ///< that would have been sold
};

struct Business {
    std::uint64_t seed{};
    domain::Date start;
    int days{};
    /// As they are told once all is in: the double day doubled, late days there, refunds taken off.
    std::vector<Series> series;
    /// What each item of the shop sold and had left, on days when that was something new.
    std::vector<Series> items;
    std::vector<Batch> batches;
    std::vector<Truth> truth;
    std::vector<Shift> shifts;
    std::vector<StockOut> stock_outs;
};

/// The one that `cairn dev` loads.
inline constexpr std::uint64_t golden_seed = 20'240'108;

/// The same seed gives the same business. Days 2024-01-01 to 2025-12-31.
Business make_business(std::uint64_t seed, const Without& without = {});

/// A restaurant that is five weeks old, a shop of which 40 % of the days are missing, and a firm
/// with eight bookings a week: daily sales, of which most methods have too few.
struct Contrast {
    std::string name;  ///< of the business
    std::string slug;
    Series series;
};
std::vector<Contrast> make_contrasts(std::uint64_t seed);

/// Everything that is known: structure, levels, effects, what happened, how it came in, what
/// becomes of goals, and the other tenants.
std::string truth_json(const Business& business);

}  // namespace runtime::demo
