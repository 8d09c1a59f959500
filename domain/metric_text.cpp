#include "domain/base/words.hpp"
#include "domain/metric_words.hpp"

namespace domain::metric {
namespace {

// Order matters: each word stands at the place of its enumerator.
constexpr Words<4> kinds{"simple", "ratio", "derived", "cumulative"};
constexpr Words<3> additivities{"full", "not_over_time", "none"};
constexpr Words<5> aggregations{"sum", "mean", "last", "min", "max"};
constexpr Words<3> good_directions{"up", "down", "neutral"};
constexpr Words<3> gap_policies{"gap", "zero", "carry"};
constexpr Words<4> sources{"api", "csv", "connector", "demo"};

static_assert(kinds.size() == static_cast<std::size_t>(Kind::cumulative) + 1);
static_assert(additivities.size() == static_cast<std::size_t>(Additivity::none) + 1);
static_assert(aggregations.size() == static_cast<std::size_t>(Aggregation::max) + 1);
static_assert(good_directions.size() == static_cast<std::size_t>(GoodDirection::neutral) + 1);
static_assert(gap_policies.size() == static_cast<std::size_t>(GapPolicy::carry) + 1);
static_assert(sources.size() == static_cast<std::size_t>(Source::demo) + 1);

}  // namespace

std::string_view to_text(Kind kind) { return word_of(kinds, kind); }
std::string_view to_text(Additivity additivity) { return word_of(additivities, additivity); }
std::string_view to_text(Aggregation aggregation) { return word_of(aggregations, aggregation); }
std::string_view to_text(GoodDirection direction) { return word_of(good_directions, direction); }
std::string_view to_text(GapPolicy policy) { return word_of(gap_policies, policy); }
std::string_view to_text(Source source) { return word_of(sources, source); }

std::optional<Kind> kind_from(std::string_view text) { return value_of<Kind>(kinds, text); }
std::optional<Additivity> additivity_from(std::string_view text) {
    return value_of<Additivity>(additivities, text);
}
std::optional<Aggregation> aggregation_from(std::string_view text) {
    return value_of<Aggregation>(aggregations, text);
}
std::optional<GoodDirection> good_direction_from(std::string_view text) {
    return value_of<GoodDirection>(good_directions, text);
}
std::optional<GapPolicy> gap_policy_from(std::string_view text) {
    return value_of<GapPolicy>(gap_policies, text);
}
std::optional<Source> source_from(std::string_view text) { return value_of<Source>(sources, text); }

}  // namespace domain::metric
