#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"

#include <array>
#include <optional>
#include <variant>

/// A tenant: one business with its own people, calendar and data, walled off from all others.
namespace domain::tenant {

enum class PlanTier { starter, pro, enterprise };
inline constexpr std::size_t plan_tiers_count = 3;
enum class Role { owner, manager, staff, adviser, viewer };

struct Profile {
    std::string name;
    std::string country;       ///< ISO 3166-1 alpha-2, upper case
    std::string currency;      ///< ISO 4217, upper case
    std::string time_zone;     ///< IANA name
    std::string industry;      ///< NAICS code, 2 to 6 digits, or empty
    int week_start{};          ///< 0 is Sunday
    int day_cutoff_minutes{};  ///< when the business day ends after midnight, local wall clock
    bool operator==(const Profile&) const = default;
};

// ---- Facts.
struct Registered {
    TenantId tenant;
    Profile profile;
    PlanTier plan_tier{};
    bool operator==(const Registered&) const = default;
};
struct ProfileChanged {
    TenantId tenant;
    Profile profile;
    bool operator==(const ProfileChanged&) const = default;
};
struct MemberJoined {
    TenantId tenant;
    UserId user;
    Role role{};
    bool operator==(const MemberJoined&) const = default;
};
struct MemberRoleChanged {
    TenantId tenant;
    UserId user;
    Role role{};
    bool operator==(const MemberRoleChanged&) const = default;
};
struct MemberRemoved {
    TenantId tenant;
    UserId user;
    bool operator==(const MemberRemoved&) const = default;
};
struct PlanChanged {
    TenantId tenant;
    PlanTier plan_tier{};
    Date former_until;  ///< the last day on which history is kept as the former plan promised
    bool operator==(const PlanChanged&) const = default;
};
/// The first business day that is kept of the points of metrics, of their hours, and of their days
/// and longer periods; 1970-01-01 keeps everything.
struct History {
    Date points, hours, days;
    bool operator==(const History&) const = default;
};
/// What lay before is gone, and no correction or revert reaches it.
struct HistoryTrimmed {
    TenantId tenant;
    History kept_from;
    bool operator==(const HistoryTrimmed&) const = default;
};
using Event = std::variant<Registered, ProfileChanged, MemberJoined, MemberRoleChanged,
                           MemberRemoved, PlanChanged, HistoryTrimmed>;

// ---- State.
struct Member {
    UserId user;
    Role role{};
    bool operator==(const Member&) const = default;
};
struct State {
    bool exists{};
    TenantId tenant;
    Profile profile;
    PlanTier plan_tier{};
    std::array<Date, plan_tiers_count> promised_until;  ///< by tiers that were left
    History kept_from;
    std::vector<Member> members;
    bool operator==(const State&) const = default;
};

// ---- Requests.
struct Register {
    TenantId tenant;
    Profile profile;
    PlanTier plan_tier{};
    UserId owner;
};
struct ChangeProfile {
    Profile profile;
};
struct AddMember {
    UserId user;
    Role role{};
};
struct ChangeRole {
    UserId user;
    Role role{};
};
struct RemoveMember {
    UserId user;
};
struct ChangePlan {
    PlanTier plan_tier{};
    Instant now;
};
/// Gives up the history that no plan of the tenant promises any more, a week or more at a time.
struct TrimHistory {
    Instant now;
};
using Command = std::variant<Register, ChangeProfile, AddMember, ChangeRole, RemoveMember,
                             ChangePlan, TrimHistory>;

// ---- Reasons to say no.
using Kind = Reason::Kind;
inline constexpr Reason unknown{Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason already_registered{Kind::conflict, "tenant-already-registered",
                                           "The tenant exists already"};
inline constexpr Reason invalid_profile{Kind::invalid, "validation-failed",
                                        "The request is understood and not valid"};
inline constexpr Reason member_unknown{Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason last_owner{Kind::conflict, "tenant-last-owner",
                                   "A tenant keeps at least one owner"};

inline constexpr std::size_t name_bytes_max = 200;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total.
State evolve(State state, const Event& event);

/// The role of `user`; empty when they are no member.
std::optional<Role> role_of(const State& state, UserId user);

std::string_view to_text(PlanTier tier);
std::string_view to_text(Role role);
/// The value whose text is exactly `text`; empty when there is none.
std::optional<PlanTier> plan_tier_from(std::string_view text);
std::optional<Role> role_from(std::string_view text);

struct Tenant {
    using Event = tenant::Event;
    using State = tenant::State;
    using Command = tenant::Command;
    static constexpr std::string_view category = "tenant";
};

}  // namespace domain::tenant
