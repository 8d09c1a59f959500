#pragma once
#include "domain/base/decimal.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <string>
#include <vector>

/// The words that a metric's facts, state and requests are made of.
namespace domain::metric {

enum class Kind { simple, ratio, derived, cumulative };
/// Whether values of different times, or of different locations and dimensions, add up.
enum class Additivity { full, not_over_time, none };
enum class Aggregation { sum, mean, last, min, max };
enum class GoodDirection { up, down, neutral };
/// What a period without points means: unknown, zero, or the value before it.
enum class GapPolicy { gap, zero, carry };
enum class Source { api, csv, connector, demo };

/// What a metric is. The key never changes; the rest is revised.
struct Definition {
    std::string key;   ///< lower-case words: revenue, labour_cost
    std::string name;  ///< as people know it
    Kind kind{};
    std::string unit;  ///< an ISO 4217 code, or a lower-case word such as count, h, min, ratio
    Additivity additivity{};
    Aggregation aggregation{};
    GoodDirection good_direction{};
    GapPolicy gap_policy{};
    std::vector<std::string> dimensions;  ///< the names that points may carry
    int precision{};                      ///< decimals that are shown
    std::string formula;                  ///< of ratio and derived metrics, over other keys
    std::optional<Decimal> minimum;       ///< smaller values are rejected
    std::optional<Decimal> maximum;
    bool operator==(const Definition&) const = default;
};

std::string_view to_text(Kind kind);
std::string_view to_text(Additivity additivity);
std::string_view to_text(Aggregation aggregation);
std::string_view to_text(GoodDirection direction);
std::string_view to_text(GapPolicy policy);
std::string_view to_text(Source source);
/// The value whose text is exactly `text`; empty when there is none.
std::optional<Kind> kind_from(std::string_view text);
std::optional<Additivity> additivity_from(std::string_view text);
std::optional<Aggregation> aggregation_from(std::string_view text);
std::optional<GoodDirection> good_direction_from(std::string_view text);
std::optional<GapPolicy> gap_policy_from(std::string_view text);
std::optional<Source> source_from(std::string_view text);

/// Whether points are sent for it; the others follow from their formula.
inline bool takes_points(Kind kind) { return kind == Kind::simple || kind == Kind::cumulative; }

/// How values combine when a definition does not say: only what adds up over time is added.
inline Aggregation usual_aggregation(Additivity additivity) {
    if (additivity == Additivity::full) return Aggregation::sum;
    return additivity == Additivity::not_over_time ? Aggregation::last : Aggregation::mean;
}
/// The decimals of a definition that names none: what a formula gives is seldom whole.
inline int usual_precision(Kind kind) { return takes_points(kind) ? 0 : 4; }

}  // namespace domain::metric
