#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <optional>
#include <variant>

/// A place of the business, with its own clock where it differs from the tenant's.
namespace domain::location {

struct Profile {
    std::string key;  ///< a lower-case word: main, web-shop
    std::string name;
    std::optional<std::string> time_zone;   ///< IANA name; the tenant's when missing
    std::optional<int> day_cutoff_minutes;  ///< the tenant's when missing
    bool operator==(const Profile&) const = default;
};

// ---- Facts.
struct Opened {
    LocationId location;
    Profile profile;
    bool operator==(const Opened&) const = default;
};
struct Changed {
    LocationId location;
    Profile profile;
    bool operator==(const Changed&) const = default;
};
struct Closed {
    LocationId location;
    Date on;
    bool operator==(const Closed&) const = default;
};
using Event = std::variant<Opened, Changed, Closed>;

struct State {
    bool exists{};
    bool closed{};
    LocationId location;
    Profile profile;
    bool operator==(const State&) const = default;
};

// ---- Requests.
/// Opens it, or changes what is there; a closed one opens again.
struct Put {
    LocationId location;
    Profile profile;
};
struct Close {
    Date today;
};
using Command = std::variant<Put, Close>;

// ---- Reasons to say no.
inline constexpr Reason unknown{Reason::Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason invalid_location{Reason::Kind::invalid, "validation-failed",
                                         "The request is understood and not valid"};

inline constexpr std::size_t name_bytes_max = 200;
inline constexpr int cutoff_minutes_max = 720;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total.
State evolve(State state, const Event& event);

struct Location {
    using Event = location::Event;
    using State = location::State;
    using Command = location::Command;
    static constexpr std::string_view category = "location";
};

}  // namespace domain::location
