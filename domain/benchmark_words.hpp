#pragma once
#include "domain/base/decimal.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <array>
#include <map>
#include <string>
#include <vector>

/// The words that a benchmark's facts, state and requests are made of.
namespace domain {

using BenchmarkId = Id<struct BenchmarkTag>;
using ImportId = Id<struct ImportTag>;

}  // namespace domain

namespace domain::benchmark {

enum class Provider { fred, census, ibisworld, bls, manual };
enum class Frequency { day, week, month, quarter, year };
/// How several observations become the value of one longer period.
enum class Transform { sum, mean, last };
/// Inflation: values are told in the money of the period that is asked for.
enum class Adjustment { none, inflation };

/// What may be done with the numbers, as the provider's terms say.
struct Licence {
    bool redistribute{};
    bool cloud_model_use{};
    std::string attribution;
    bool operator==(const Licence&) const = default;
};

/// What a series is. Provider and external id never change: they are its identity.
struct Definition {
    Provider provider{};
    std::string external_id;  ///< as the provider names it: CPIAUCSL
    std::string title;
    std::string unit;  ///< as metrics' units: USD, ratio, index, USD/h
    Frequency frequency{};
    std::string naics;  ///< 2 to 6 digits, or empty
    std::string geo;    ///< where it is about: US, US-CA
    Licence licence;
    bool operator==(const Definition&) const = default;
};

/// The percentiles that a provider may publish beside a value.
inline constexpr std::array<int, 5> percents{10, 25, 50, 75, 90};
using Percentiles = std::array<std::optional<Decimal>, percents.size()>;

/// What was said of a period.
struct Figures {
    Decimal value;
    Percentiles percentiles{};
    bool operator==(const Figures&) const = default;
};

/// One value of one period as it was known from `vintage` on.
struct Observation {
    Date period;  ///< its first day
    Date vintage;
    Figures figures;
    bool operator==(const Observation&) const = default;
};

/// How a benchmark is held beside a metric.
struct Mapping {
    Transform transform{};
    Adjustment adjustment{};
    std::optional<BenchmarkId> deflator;  ///< a price index, of Adjustment::inflation
    Decimal factor = Decimal::whole(1);   ///< from the benchmark's unit to the metric's
    std::string factor_unit;              ///< of the factor; empty: it has none
    bool operator==(const Mapping&) const = default;
};

std::string_view to_text(Provider provider);
std::string_view to_text(Frequency frequency);
std::string_view to_text(Transform transform);
std::string_view to_text(Adjustment adjustment);
/// The value whose text is exactly `text`; empty when there is none.
std::optional<Provider> provider_from(std::string_view text);
std::optional<Frequency> frequency_from(std::string_view text);
std::optional<Transform> transform_from(std::string_view text);
std::optional<Adjustment> adjustment_from(std::string_view text);

}  // namespace domain::benchmark
