#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/personal.hpp"
#include "domain/base/time.hpp"

#include <optional>
#include <variant>

/// A person who can be addressed. What identifies them is sealed with their own key.
namespace domain::user {

// ---- Facts. The e-mail's keyed hash lives in a mutable table only, never in an event.
struct Registered {
    UserId user;
    Personal email;
    Personal display_name;
    std::string locale;     ///< BCP 47
    std::string time_zone;  ///< IANA name
    bool operator==(const Registered&) const = default;
};
struct ProfileChanged {
    UserId user;
    std::optional<Personal> display_name;
    std::optional<std::string> locale;
    std::optional<std::string> time_zone;
    bool operator==(const ProfileChanged&) const = default;
};
struct Deactivated {
    UserId user;
    Date on;
    bool operator==(const Deactivated&) const = default;
};
using Event = std::variant<Registered, ProfileChanged, Deactivated>;

// ---- State.
struct State {
    bool exists{};
    bool active{};
    UserId user;
    Personal display_name;
    std::string locale;
    std::string time_zone;
    bool operator==(const State&) const = default;
};

// ---- Requests.
struct Register {
    UserId user;
    Personal email;
    Personal display_name;
    std::string locale;
    std::string time_zone;
};
struct ChangeProfile {
    std::optional<Personal> display_name;
    std::optional<std::string> locale;
    std::optional<std::string> time_zone;
};
struct Deactivate {
    Date today;
};
using Command = std::variant<Register, ChangeProfile, Deactivate>;

// ---- Reasons to say no.
using Kind = Reason::Kind;
inline constexpr Reason unknown{Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason already_registered{Kind::conflict, "user-already-registered",
                                           "The user exists already"};
inline constexpr Reason deactivated{Kind::conflict, "user-deactivated", "The user is deactivated"};
inline constexpr Reason invalid_user{Kind::invalid, "validation-failed",
                                     "The request is understood and not valid"};

inline constexpr std::size_t name_bytes_max = 200;
inline constexpr std::size_t email_bytes_max = 254;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total, also over erased values.
State evolve(State state, const Event& event);

/// Whether `text` has the shape of an address we can write to: one @, a dotted domain, no spaces
/// or control characters, at most 254 bytes.
bool is_email(std::string_view text);

struct User {
    using Event = user::Event;
    using State = user::State;
    using Command = user::Command;
    static constexpr std::string_view category = "user";
};

}  // namespace domain::user
