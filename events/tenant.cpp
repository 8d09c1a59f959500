// The stored form of every tenant event. Add to it; never edit what a release has written.
#include "domain/tenant.hpp"

#include "events/catalog.hpp"
#include "events/stored.hpp"

namespace events {
using namespace domain::tenant;

template <>
struct Spelled<PlanTier> {
    static constexpr auto from = plan_tier_from;
};
template <>
struct Spelled<Role> {
    static constexpr auto from = role_from;
};

template <>
struct Shape<Profile> {
    static constexpr std::tuple fields{Field{"name", &Profile::name},
                                       Field{"country", &Profile::country},
                                       Field{"currency", &Profile::currency},
                                       Field{"time_zone", &Profile::time_zone},
                                       Field{"industry", &Profile::industry},
                                       Field{"week_start", &Profile::week_start},
                                       Field{"day_cutoff_minutes", &Profile::day_cutoff_minutes}};
};

template <>
struct Shape<History> {
    static constexpr std::tuple fields{Field{"points", &History::points},
                                       Field{"hours", &History::hours},
                                       Field{"days", &History::days}};
};

template <>
struct Stored<Registered> {
    static constexpr std::string_view name = "tenant.registered";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"tenant", &Registered::tenant},
                                       Field{"profile", &Registered::profile},
                                       Field{"plan_tier", &Registered::plan_tier}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<ProfileChanged> {
    static constexpr std::string_view name = "tenant.profile-changed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"tenant", &ProfileChanged::tenant},
                                       Field{"profile", &ProfileChanged::profile}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<MemberJoined> {
    static constexpr std::string_view name = "tenant.member-joined";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"tenant", &MemberJoined::tenant},
                                       Field{"user", &MemberJoined::user},
                                       Field{"role", &MemberJoined::role}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<MemberRoleChanged> {
    static constexpr std::string_view name = "tenant.member-role-changed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"tenant", &MemberRoleChanged::tenant},
                                       Field{"user", &MemberRoleChanged::user},
                                       Field{"role", &MemberRoleChanged::role}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<MemberRemoved> {
    static constexpr std::string_view name = "tenant.member-removed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"tenant", &MemberRemoved::tenant},
                                       Field{"user", &MemberRemoved::user}};
    static constexpr auto upcasts = never_changed;
};

template <>
struct Stored<PlanChanged> {
    static constexpr std::string_view name = "tenant.plan-changed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"tenant", &PlanChanged::tenant},
                                       Field{"plan_tier", &PlanChanged::plan_tier},
                                       Field{"former_until", &PlanChanged::former_until}};
    static constexpr auto upcasts = never_changed;
};
template <>
struct Stored<HistoryTrimmed> {
    static constexpr std::string_view name = "tenant.history-trimmed";
    static constexpr int schema = 1;
    static constexpr std::tuple fields{Field{"tenant", &HistoryTrimmed::tenant},
                                       Field{"kept_from", &HistoryTrimmed::kept_from}};
    static constexpr auto upcasts = never_changed;
};

template const Codec<Event>& codec<Event>();  // the codec of tenants is compiled here, once
std::vector<Form> tenant_forms() { return Variant<Event>::forms(); }

}  // namespace events
