#pragma once
#include "domain/anomaly_words.hpp"
#include "domain/base/decider.hpp"
#include "domain/base/decimal.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <optional>
#include <variant>

namespace domain {
using AlertRuleId = Id<struct AlertRuleTag>;
}

/// What a tenant wants to be told of a metric: an alert is raised when complete periods are beyond
/// a threshold, and resolved by the first one that is not.
namespace domain::alert_rule {

using anomaly::Severity;

/// `missing` is a period, not closed, without a value.
enum class Comparison { above, below, missing };
enum class Grain { day, week, month };

struct Definition {
    std::string name;
    std::string metric;    ///< its key
    std::string location;  ///< a location's key; empty: all of them together
    Comparison comparison{};
    std::optional<Decimal> threshold;  ///< in the metric's unit; of above and below
    Grain grain{};
    int for_periods =
        1;  ///< so many in a row without an unknown one, 1 to 30; closed days are passed over
    Severity severity{};
    bool operator==(const Definition&) const = default;
};

// ---- Facts.
struct Set {
    AlertRuleId rule;
    Definition definition;
    Date on;
    bool operator==(const Set&) const = default;
};
struct Removed {
    AlertRuleId rule;
    Date on;
    bool operator==(const Removed&) const = default;
};
/// Dates are the first days of the periods that decided.
struct Raised {
    AlertRuleId rule;
    Date on;
    std::optional<Decimal> value;
    std::optional<Decimal> threshold;
    bool operator==(const Raised&) const = default;
};
struct Resolved {
    AlertRuleId rule;
    Date on;
    std::optional<Decimal> value;
    bool operator==(const Resolved&) const = default;
};
using Event = std::variant<Set, Removed, Raised, Resolved>;

struct State {
    bool exists{};
    bool removed{};
    bool raised{};
    AlertRuleId rule;
    Definition definition;
    Date judged;  ///< periods that begin up to here have had their say
    /// The period that raised it; empty when it was another rule that raised it.
    std::optional<Date> raised_on;
    bool operator==(const State&) const = default;
};

/// One complete period of the rule's grain.
struct Period {
    Date from;
    std::optional<Decimal> value;
    bool closed{};
};

// ---- Requests.
struct SetRule {
    AlertRuleId rule;
    Definition definition;
    Date today;
};
struct Remove {
    Date today;
};
struct Judge {
    std::vector<Period> periods;  ///< in order, without a hole
};
using Command = std::variant<SetRule, Remove, Judge>;

// ---- Reasons to say no.
inline constexpr Reason unknown{Reason::Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason invalid_rule{Reason::Kind::invalid, "validation-failed",
                                     "The request is understood and not valid"};

inline constexpr std::size_t name_bytes_max = 200;
inline constexpr int periods_max = 30;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new. Judged
/// again over the same periods, a rule says nothing new; over corrected ones it says what follows
/// from them since its last word, and is resolved when the period that raised it is not beyond the
/// threshold any more, or turns out to have been closed.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total.
State evolve(State state, const Event& event);

/// The longest that a period of `grain` lasts.
int days_of(Grain grain);

std::string_view to_text(Comparison comparison);
std::string_view to_text(Grain grain);
/// The value whose text is exactly `text`; empty when there is none.
std::optional<Comparison> comparison_from(std::string_view text);
std::optional<Grain> grain_from(std::string_view text);

struct AlertRule {
    using Event = alert_rule::Event;
    using State = alert_rule::State;
    using Command = alert_rule::Command;
    static constexpr std::string_view category = "alert-rule";
};

}  // namespace domain::alert_rule
