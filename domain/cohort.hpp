#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/ids.hpp"

#include <variant>

/// Whether a tenant lets its metrics count, anonymously, among those of its peers.
namespace domain::cohort {

/// Peers share both.
struct Group {
    std::string naics;    ///< 2 to 6 digits
    std::string country;  ///< ISO 3166-1 alpha-2, upper case
    bool operator==(const Group&) const = default;
};

// ---- Facts.
struct Joined {
    TenantId tenant;
    Group group;
    bool operator==(const Joined&) const = default;
};
struct Left {
    TenantId tenant;
    bool operator==(const Left&) const = default;
};
using Event = std::variant<Joined, Left>;

struct State {
    std::optional<Group> group;  ///< empty: it does not share
    bool operator==(const State&) const = default;
};

// ---- Requests.
struct Share {
    TenantId tenant;
    Group group;
};
struct StopSharing {
    TenantId tenant;
};
using Command = std::variant<Share, StopSharing>;

// ---- Reasons to say no.
inline constexpr Reason invalid_cohort{Reason::Kind::invalid, "validation-failed",
                                       "The request is understood and not valid"};
inline constexpr Reason not_joined{Reason::Kind::conflict, "cohort-not-joined",
                                   "Only who shares with peers is told about them"};
inline constexpr Reason too_small{Reason::Kind::conflict, "cohort-too-small",
                                  "Fewer than ten peers have this metric in this period"};
inline constexpr Reason dominated{Reason::Kind::conflict, "cohort-dominated",
                                  "One peer has more than 30 percent of the total"};
inline constexpr Reason not_measured{Reason::Kind::conflict, "cohort-metric-derived",
                                     "Peers are compared by metrics that have points"};

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total.
State evolve(State state, const Event& event);

struct Cohort {
    using Event = cohort::Event;
    using State = cohort::State;
    using Command = cohort::Command;
    static constexpr std::string_view category = "cohort";
};

}  // namespace domain::cohort
