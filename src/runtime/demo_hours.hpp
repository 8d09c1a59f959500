#pragma once
#include "src/runtime/demo_business.hpp"

/// Days of the demo business by the hour, where clocks change.
namespace runtime::demo {

struct HourValue {
    domain::Instant at;
    domain::Decimal value;
    bool operator==(const HourValue&) const = default;
};
/// An hourly series whose hours of a business day add up to the daily series exactly.
struct Hours {
    std::string metric;  ///< the daily one's key and `_hourly`
    std::string location;
    std::vector<HourValue> values;
};

/// Every hour of the 30 days around each clock change of New York: covers and revenue of the
/// restaurant. The day of a change has 23 or 25 of them. The same business gives the same hours.
std::vector<Hours> hours_around_clock_changes(const Business& business);

/// One value in as many parts as there are weights, in their proportion and with an exact sum.
std::vector<domain::Decimal> split(const domain::Decimal& value, const std::vector<int>& weights);

}  // namespace runtime::demo
