#include "domain/tenant.hpp"

#include "domain/retention.hpp"

#include <algorithm>
#include <array>

namespace domain::tenant {
namespace {

constexpr int cutoff_minutes_max = 720;
constexpr int grace_days = 31;
constexpr int trim_days_min = 7;

// Order matters: each word stands at the place of its enumerator.
constexpr std::array<std::string_view, plan_tiers_count> plan_tiers{"starter", "pro", "enterprise"};
constexpr std::array<std::string_view, 5> roles{"owner", "manager", "staff", "adviser", "viewer"};
static_assert(plan_tiers.size() == static_cast<std::size_t>(PlanTier::enterprise) + 1);
static_assert(roles.size() == static_cast<std::size_t>(Role::viewer) + 1);

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

void check_name(std::vector<Fault>& faults, std::string_view name) {
    if (is_blank(name)) faults.push_back({"#/name", "required", "Give a name that is not blank."});
    if (name.size() > name_bytes_max)
        faults.push_back({"#/name", "too-long",
                          "Use at most " + std::to_string(name_bytes_max) + " bytes of UTF-8."});
    if (name.contains('\0'))
        faults.push_back({"#/name", "format", "Leave out the NUL characters."});
}

std::vector<Fault> faults_of(const Profile& profile) {
    std::vector<Fault> faults;
    check_name(faults, profile.name);
    if (profile.country.size() != 2 || !std::ranges::all_of(profile.country, is_upper))
        faults.push_back({"#/country", "format", "Give two capital letters of ISO 3166-1."});
    if (profile.currency.size() != 3 || !std::ranges::all_of(profile.currency, is_upper))
        faults.push_back({"#/currency", "format", "Give three capital letters of ISO 4217."});
    if (!is_time_zone(profile.time_zone))
        faults.push_back({"#/time_zone", "format", "Give a name of the IANA time zone database."});
    const auto digits = profile.industry.size();
    if (digits == 1 || digits > 6 || !std::ranges::all_of(profile.industry, is_digit))
        faults.push_back({"#/industry", "format", "Give a NAICS code of 2 to 6 digits, or none."});
    if (profile.week_start < 0 || profile.week_start > 6)
        faults.push_back({"#/week_start", "range", "Give a day from 0 (Sunday) to 6."});
    if (profile.day_cutoff_minutes < 0 || profile.day_cutoff_minutes > cutoff_minutes_max)
        faults.push_back({"#/day_cutoff_minutes", "range",
                          "Give 0 to " + std::to_string(cutoff_minutes_max) + " minutes."});
    return faults;
}

std::unexpected<Refusal> refuse_with(std::vector<Fault> faults) {
    return std::unexpected(Refusal{invalid_profile, {}, std::move(faults)});
}

/// Whether the tenant would have no owner without `user` in that role.
bool is_last_owner(const State& state, UserId user) {
    if (role_of(state, user) != Role::owner) return false;
    return std::ranges::count(state.members, Role::owner, &Member::role) == 1;
}

Decision<Event> enrol(const State& state, const Register& c) {
    if (state.exists) return refuse(already_registered);
    if (auto faults = faults_of(c.profile); !faults.empty()) return refuse_with(std::move(faults));
    return std::vector<Event>{Registered{c.tenant, c.profile, c.plan_tier},
                              MemberJoined{c.tenant, c.owner, Role::owner}};
}

Decision<Event> change_profile(const State& state, const ChangeProfile& c) {
    if (auto faults = faults_of(c.profile); !faults.empty()) return refuse_with(std::move(faults));
    if (c.profile == state.profile) return {};
    return std::vector<Event>{ProfileChanged{state.tenant, c.profile}};
}

Decision<Event> change_role(const State& state, const ChangeRole& c) {
    const auto role = role_of(state, c.user);
    if (!role) return refuse(member_unknown);
    if (*role == c.role) return {};
    if (is_last_owner(state, c.user)) return refuse(last_owner);
    return std::vector<Event>{MemberRoleChanged{state.tenant, c.user, c.role}};
}

Decision<Event> add_member(const State& state, const AddMember& c) {
    if (role_of(state, c.user)) return change_role(state, {c.user, c.role});
    return std::vector<Event>{MemberJoined{state.tenant, c.user, c.role}};
}

Decision<Event> remove_member(const State& state, const RemoveMember& c) {
    if (!role_of(state, c.user)) return refuse(member_unknown);
    if (is_last_owner(state, c.user)) return refuse(last_owner);
    return std::vector<Event>{MemberRemoved{state.tenant, c.user}};
}

Decision<Event> change_plan(const State& state, const ChangePlan& c) {
    if (c.plan_tier == state.plan_tier) return {};
    return std::vector<Event>{
        PlanChanged{state.tenant, c.plan_tier, retention::youngest_day(c.now) + grace_days}};
}

Decision<Event> trim_history(const State& state, const TrimHistory& c) {
    const auto due = retention::due(state, c.now);
    const auto& kept = state.kept_from;
    // What is kept already never comes back, also not under a better plan.
    const History next{std::max(due.points, kept.points), std::max(due.hours, kept.hours),
                       std::max(due.days, kept.days)};
    const auto step =
        std::max({next.points - kept.points, next.hours - kept.hours, next.days - kept.days});
    if (step < trim_days_min) return {};
    return std::vector<Event>{HistoryTrimmed{state.tenant, next}};
}

void set_role(State& state, UserId user, Role role) {
    const auto found = std::ranges::find(state.members, user, &Member::user);
    if (found != state.members.end()) found->role = role;
}

void join(State& state, UserId user, Role role) {
    if (role_of(state, user)) return set_role(state, user, role);
    state.members.push_back({user, role});
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    if (!state.exists && !std::holds_alternative<Register>(command)) return refuse(unknown);
    return std::visit(Match{
                          [&](const Register& c) { return enrol(state, c); },
                          [&](const ChangeProfile& c) { return change_profile(state, c); },
                          [&](const AddMember& c) { return add_member(state, c); },
                          [&](const ChangeRole& c) { return change_role(state, c); },
                          [&](const RemoveMember& c) { return remove_member(state, c); },
                          [&](const ChangePlan& c) { return change_plan(state, c); },
                          [&](const TrimHistory& c) { return trim_history(state, c); },
                      },
                      command);
}

State evolve(State state, const Event& event) {
    std::visit(
        Match{
            [&](const Registered& e) {
                state.exists = true;
                state.tenant = e.tenant;
                state.profile = e.profile;
                state.plan_tier = e.plan_tier;
            },
            [&](const ProfileChanged& e) { state.profile = e.profile; },
            [&](const MemberJoined& e) { join(state, e.user, e.role); },
            [&](const MemberRoleChanged& e) { set_role(state, e.user, e.role); },
            [&](const MemberRemoved& e) {
                std::erase_if(state.members, [&](const Member& m) { return m.user == e.user; });
            },
            [&](const PlanChanged& e) {
                auto& until = state.promised_until[static_cast<std::size_t>(state.plan_tier)];
                until = std::max(until, e.former_until);
                state.plan_tier = e.plan_tier;
            },
            [&](const HistoryTrimmed& e) { state.kept_from = e.kept_from; },
        },
        event);
    return state;
}

std::optional<Role> role_of(const State& state, UserId user) {
    const auto found = std::ranges::find(state.members, user, &Member::user);
    if (found == state.members.end()) return std::nullopt;
    return found->role;
}

std::string_view to_text(PlanTier tier) {
    const auto at = static_cast<std::size_t>(tier);
    return at < plan_tiers.size() ? plan_tiers[at] : std::string_view{};
}

std::string_view to_text(Role role) {
    const auto at = static_cast<std::size_t>(role);
    return at < roles.size() ? roles[at] : std::string_view{};
}

std::optional<PlanTier> plan_tier_from(std::string_view text) {
    const auto found = std::ranges::find(plan_tiers, text);
    if (found == plan_tiers.end()) return std::nullopt;
    return static_cast<PlanTier>(found - plan_tiers.begin());
}

std::optional<Role> role_from(std::string_view text) {
    const auto found = std::ranges::find(roles, text);
    if (found == roles.end()) return std::nullopt;
    return static_cast<Role>(found - roles.begin());
}

}  // namespace domain::tenant
