#pragma once
#include "domain/base/decimal.hpp"
#include "domain/metric_batch.hpp"
#include "projections/columns.hpp"

#include <map>
#include <span>

namespace pqxx {
class transaction_base;
}

/// Hours, business days, weeks, months and quarters of every series: counts and sums that equal
/// the points to the last digit.
namespace projections::metric {

/// Order matters: the numbers are stored.
enum class Grain : std::int16_t { hour, day, week, month, quarter };
inline constexpr int grains_count = 5;

struct SeriesKey {
    domain::TenantId tenant;
    domain::MetricId metric;
    std::string location;
    std::int64_t variant{};
    auto operator<=>(const SeriesKey&) const = default;
};

struct BucketKey {
    Grain grain{};
    domain::Instant start;
    auto operator<=>(const BucketKey&) const = default;
};

/// The bucket of `grain` that a point is in: an hour of UTC, or the first day of the period written
/// as midnight UTC.
BucketKey bucket_of(Grain grain, domain::Instant at, domain::Date day, int week_start);

/// New points summed up in memory, to be added to what the table has.
class Sums {
public:
    /// Points of one series in the order of time are summed without a lookup a point.
    void add(const SeriesKey& series, domain::Instant at, domain::Date day,
             const domain::Decimal& value, int week_start);
    bool empty() const { return series_.empty(); }
    /// One statement; each bucket's row is made or grows.
    void save(pqxx::transaction_base& tx) const;

private:
    struct Bucket {
        std::int64_t count{};
        domain::DecimalSum sum;
        domain::Decimal min, max, first, last;
        domain::Instant first_at, last_at;
    };
    using Buckets = std::map<BucketKey, Bucket>;
    struct Series {
        Buckets buckets;
        std::array<std::pair<const BucketKey, Bucket>*, grains_count> present{};
    };

    std::map<SeriesKey, Series> series_;
    const SeriesKey* last_key_ = nullptr;
    Series* last_ = nullptr;
};

/// Buckets whose points have changed otherwise than by new ones.
class Touched {
public:
    void add(const SeriesKey& series, domain::Instant at, domain::Date day, int week_start);
    bool empty() const { return buckets_.empty(); }
    /// Makes them again: hours and days from the points, the others from days.
    void recompute(pqxx::transaction_base& tx) const;

private:
    std::map<SeriesKey, std::map<BucketKey, bool>> buckets_;
};

/// All weeks of a tenant again, from days, after its week begins on another day.
void recompute_weeks(pqxx::transaction_base& tx, domain::TenantId tenant, int week_start);

}  // namespace projections::metric
