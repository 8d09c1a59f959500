#include "domain/base/words.hpp"
#include "domain/goal_words.hpp"

namespace domain::goal {
namespace {

// Order matters: each word stands at the place of its enumerator.
constexpr Words<5> directions{"increase", "decrease", "stay_above", "stay_below", "stay_within"};
constexpr Words<3> cadences{"weekly", "biweekly", "monthly"};
constexpr Words<4> healths{"unknown", "on_track", "at_risk", "off_track"};
constexpr Words<3> outcomes{"achieved", "partial", "missed"};
constexpr Words<5> lifecycles{"draft", "active", "completed", "abandoned", "archived"};
constexpr Words<2> sources{"manual", "metric"};
constexpr Words<4> action_statuses{"open", "started", "completed", "cancelled"};

static_assert(directions.size() == static_cast<std::size_t>(Direction::stay_within) + 1);
static_assert(cadences.size() == static_cast<std::size_t>(Cadence::monthly) + 1);
static_assert(healths.size() == static_cast<std::size_t>(Health::off_track) + 1);
static_assert(outcomes.size() == static_cast<std::size_t>(Outcome::missed) + 1);
static_assert(lifecycles.size() == static_cast<std::size_t>(Lifecycle::archived) + 1);
static_assert(sources.size() == static_cast<std::size_t>(Source::metric) + 1);
static_assert(action_statuses.size() == static_cast<std::size_t>(ActionStatus::cancelled) + 1);

}  // namespace

std::string_view to_text(Direction direction) { return word_of(directions, direction); }
std::string_view to_text(Cadence cadence) { return word_of(cadences, cadence); }
std::string_view to_text(Health health) { return word_of(healths, health); }
std::string_view to_text(Outcome outcome) { return word_of(outcomes, outcome); }
std::string_view to_text(Lifecycle lifecycle) { return word_of(lifecycles, lifecycle); }
std::string_view to_text(Source source) { return word_of(sources, source); }
std::string_view to_text(ActionStatus status) { return word_of(action_statuses, status); }

std::optional<Direction> direction_from(std::string_view text) {
    return value_of<Direction>(directions, text);
}
std::optional<Cadence> cadence_from(std::string_view text) {
    return value_of<Cadence>(cadences, text);
}
std::optional<Health> health_from(std::string_view text) { return value_of<Health>(healths, text); }
std::optional<Outcome> outcome_from(std::string_view text) {
    return value_of<Outcome>(outcomes, text);
}
std::optional<Lifecycle> lifecycle_from(std::string_view text) {
    return value_of<Lifecycle>(lifecycles, text);
}
std::optional<Source> source_from(std::string_view text) { return value_of<Source>(sources, text); }
std::optional<ActionStatus> action_status_from(std::string_view text) {
    return value_of<ActionStatus>(action_statuses, text);
}

}  // namespace domain::goal
