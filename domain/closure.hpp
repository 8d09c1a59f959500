#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <span>
#include <variant>

namespace domain {
using ClosureId = Id<struct ClosureTag>;
}

/// Business days on which a place, or the whole business, is closed: nothing is expected of them.
namespace domain::closure {

struct Closure {
    std::string location;  ///< a location's key; empty: the whole business
    Date from, to;         ///< `to` is closed too
    std::string reason;
    bool operator==(const Closure&) const = default;
};

// ---- Facts.
struct Planned {
    ClosureId closure;
    Closure what;
    bool operator==(const Planned&) const = default;
};
struct Cancelled {
    ClosureId closure;
    bool operator==(const Cancelled&) const = default;
};
using Event = std::variant<Planned, Cancelled>;

struct State {
    bool exists{};
    bool cancelled{};
    ClosureId closure;
    Closure what;
    bool operator==(const State&) const = default;
};

// ---- Requests.
struct Plan {
    ClosureId closure;
    Closure what;
};
struct Cancel {};
using Command = std::variant<Plan, Cancel>;

// ---- Reasons to say no.
inline constexpr Reason unknown{Reason::Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason invalid_closure{Reason::Kind::invalid, "validation-failed",
                                        "The request is understood and not valid"};

inline constexpr int days_max = 366;
inline constexpr std::size_t reason_bytes_max = 200;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total.
State evolve(State state, const Event& event);

/// Whether every day from `from` up to, not including, `to` is one on which `location`, or the
/// whole business, is closed.
bool is_closed(std::span<const Closure> closures, std::string_view location, Date from, Date to);

struct Aggregate {
    using Event = closure::Event;
    using State = closure::State;
    using Command = closure::Command;
    static constexpr std::string_view category = "closure";
};

}  // namespace domain::closure
