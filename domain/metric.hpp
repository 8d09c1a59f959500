#pragma once
#include "domain/base/decider.hpp"
#include "domain/metric_words.hpp"

#include <map>
#include <variant>

/// A business metric: what it measures and how its values combine. Points are in batches.
namespace domain::metric {

// ---- Facts.
struct Defined {
    MetricId metric;
    Definition definition;
    bool operator==(const Defined&) const = default;
};
struct Revised {
    MetricId metric;
    Definition definition;
    std::optional<Date> recompute_from;  ///< earlier days keep the formula they had; empty: none do
    bool operator==(const Revised&) const = default;
};
struct Archived {
    MetricId metric;
    Date on;
    bool operator==(const Archived&) const = default;
};
using Event = std::variant<Defined, Revised, Archived>;

/// Which formula holds from which business day on; the first one has no day.
using Formulas = std::map<std::optional<Date>, std::string>;
/// From `from` on, `formula` holds; what began later is replaced. A formula that does not change
/// begins nothing.
void hold(Formulas& formulas, const std::string& formula, std::optional<Date> from);

struct State {
    bool exists{};
    bool archived{};
    MetricId metric;
    Definition definition;
    Formulas formulas;
    int revision{};  ///< 1 as defined, and one more with each change
    bool operator==(const State&) const = default;
};

// ---- Requests.
struct Define {
    MetricId metric;
    Definition definition;
};
struct Revise {
    Definition definition;  ///< whole, as it shall be; the key must be the same
    std::optional<Date> recompute_from{};
};
struct Archive {
    Date today;
};
using Command = std::variant<Define, Revise, Archive>;

// ---- Reasons to say no.
inline constexpr Reason unknown{Reason::Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason already_defined{Reason::Kind::conflict, "metric-already-defined",
                                        "A metric has this key already"};
inline constexpr Reason archived{Reason::Kind::conflict, "metric-archived",
                                 "An archived metric does not change"};
inline constexpr Reason invalid_metric{Reason::Kind::invalid, "validation-failed",
                                       "The request is understood and not valid"};

inline constexpr std::size_t key_bytes_max = 60;
inline constexpr std::size_t name_bytes_max = 200;
inline constexpr std::size_t unit_bytes_max = 20;
inline constexpr std::size_t dimensions_max = 8;
inline constexpr int precision_max = 12;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total.
State evolve(State state, const Event& event);

/// A lower-case word: a letter, then letters, digits, `_` or `-`.
bool is_key(std::string_view text);
/// Three upper-case letters or a lower-case word, or several of them joined by `*` and `/`.
bool is_unit(std::string_view text);

struct Metric {
    using Event = metric::Event;
    using State = metric::State;
    using Command = metric::Command;
    static constexpr std::string_view category = "metric";
};

}  // namespace domain::metric
