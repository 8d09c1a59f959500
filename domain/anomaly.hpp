#pragma once
#include "domain/anomaly_words.hpp"
#include "domain/base/decider.hpp"
#include "domain/base/decimal.hpp"
#include "domain/base/personal.hpp"
#include "domain/base/time.hpp"

#include <optional>
#include <variant>

namespace domain {
using AnomalyId = Id<struct AnomalyTag>;
}

/// One business day of one metric at one place that does not look like the days around it. The
/// detector finds it; people say what it was.
namespace domain::anomaly {

/// What was seen, in the metric's unit; low to high is usual. Of days on end that are odd together
/// a single one may lie inside.
struct Finding {
    std::string metric;    ///< the metric's key
    std::string location;  ///< a location's key; empty: the whole business
    Date on;
    Kind kind{};
    Severity severity{};
    Decimal observed, expected, low, high;
    Decimal score;  ///< robust standard deviations from expected
    bool operator==(const Finding&) const = default;
};

// ---- Facts.
struct Detected {
    AnomalyId anomaly;
    Finding finding;
    bool operator==(const Detected&) const = default;
};
/// The day was corrected and looks like the others now.
struct Withdrawn {
    AnomalyId anomaly;
    std::optional<Decimal> observed;  ///< what the day has now; empty: nothing
    bool operator==(const Withdrawn&) const = default;
};
struct Explained {
    AnomalyId anomaly;
    Personal note;
    bool operator==(const Explained&) const = default;
};
struct Dismissed {
    AnomalyId anomaly;
    std::optional<Personal> note;
    bool operator==(const Dismissed&) const = default;
};
using Event = std::variant<Detected, Withdrawn, Explained, Dismissed>;

struct State {
    bool exists{};
    AnomalyId anomaly;
    Status status{};
    Finding finding;
    std::optional<Personal> note;  ///< the last word of people
    bool operator==(const State&) const = default;
};

// ---- Requests.
struct Report {
    AnomalyId anomaly;
    Finding finding;
};
struct Withdraw {
    std::optional<Decimal> observed;
};
struct Explain {
    Personal note;
};
struct Dismiss {
    std::optional<Personal> note;
};
using Command = std::variant<Report, Withdraw, Explain, Dismiss>;

// ---- Reasons to say no.
inline constexpr Reason unknown{Reason::Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason withdrawn{Reason::Kind::conflict, "anomaly-withdrawn",
                                  "The day was corrected and is no anomaly any more"};
inline constexpr Reason invalid_note{Reason::Kind::invalid, "validation-failed",
                                     "The request is understood and not valid"};

inline constexpr std::size_t note_bytes_max = 2000;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new. What
/// people have judged is told again only when the day's value is another one.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total.
State evolve(State state, const Event& event);

struct Anomaly {
    using Event = anomaly::Event;
    using State = anomaly::State;
    using Command = anomaly::Command;
    static constexpr std::string_view category = "anomaly";
};

}  // namespace domain::anomaly
