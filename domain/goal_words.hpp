#pragma once
#include "domain/base/decimal.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The words that a goal's facts, state and requests are made of.
namespace domain::goal {

enum class Direction { increase, decrease, stay_above, stay_below, stay_within };
enum class Cadence { weekly, biweekly, monthly };
enum class Health { unknown, on_track, at_risk, off_track };
enum class Outcome { achieved, partial, missed };
enum class Lifecycle { draft, active, completed, abandoned, archived };
enum class Source { manual, metric };
enum class ActionStatus { open, started, completed, cancelled };

// ---- The five groups people know, as they are entered and returned.
struct Specific {
    std::string description;
    std::string focus_area;
    bool operator==(const Specific&) const = default;
};

/// What is counted, from where to where. `low` and `high` are given only for stay_within, where
/// `target` is the middle that people aim for.
struct Measure {
    std::string metric;
    std::optional<MetricId> metric_id;
    Direction direction{};
    Decimal baseline;
    Decimal target;
    std::optional<Decimal> low;
    std::optional<Decimal> high;
    std::string unit;
    bool operator==(const Measure&) const = default;
};

struct Achievable {
    std::optional<int> feasibility_score;  ///< 1 to 10, the owner's own estimate
    std::string reasoning;
    std::vector<std::string> resources_required;
    bool operator==(const Achievable&) const = default;
};

struct Relevant {
    std::vector<GoalId> aligned_goals;
    std::vector<std::string> aligned_metrics;
    std::string business_impact;
    std::vector<std::string> evidence_ids;
    bool operator==(const Relevant&) const = default;
};

struct Timeframe {
    Date start;
    Date due;
    Cadence cadence{};
    bool operator==(const Timeframe&) const = default;
};

/// A point of the expected path: straight lines between points.
struct PathPoint {
    Date on;
    Decimal expected;
    bool operator==(const PathPoint&) const = default;
};
using Path = std::vector<PathPoint>;

/// Which letter of SMART is how well answered, 0 to 5 each, and the codes of what is missing.
struct Assessment {
    int specific{}, measurable{}, achievable{}, relevant{}, time_bound{};
    std::vector<std::string> issues;
    bool operator==(const Assessment&) const = default;
};

// ---- The lower-case texts of the API and of storage.
std::string_view to_text(Direction direction);
std::string_view to_text(Cadence cadence);
std::string_view to_text(Health health);
std::string_view to_text(Outcome outcome);
std::string_view to_text(Lifecycle lifecycle);
std::string_view to_text(Source source);
std::string_view to_text(ActionStatus status);

/// The value whose text is exactly `text`; empty when there is none.
std::optional<Direction> direction_from(std::string_view text);
std::optional<Cadence> cadence_from(std::string_view text);
std::optional<Health> health_from(std::string_view text);
std::optional<Outcome> outcome_from(std::string_view text);
std::optional<Lifecycle> lifecycle_from(std::string_view text);
std::optional<Source> source_from(std::string_view text);
std::optional<ActionStatus> action_status_from(std::string_view text);

}  // namespace domain::goal
