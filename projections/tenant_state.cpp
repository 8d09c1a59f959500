// What a business was at a moment, and who belonged to it.
#include "domain/tenant.hpp"
#include "projections/state_form.hpp"

namespace projections {
namespace {

void put_tenant(events::Writer& out, const domain::tenant::State& state) {
    const auto& profile = state.profile;
    out.key("name").text(profile.name).key("country").text(profile.country);
    out.key("currency").text(profile.currency).key("time_zone").text(profile.time_zone);
    out.key("industry").text(profile.industry).key("week_start").integer(profile.week_start);
    out.key("day_cutoff_minutes").integer(profile.day_cutoff_minutes);
    out.key("plan_tier").text(to_text(state.plan_tier)).key("members").open();
    for (const auto& member : state.members)
        out.key(domain::to_text(member.user)).text(to_text(member.role));
    out.close().key("kept_from").open();
    out.key("points").text(domain::to_text(state.kept_from.points));
    out.key("hours").text(domain::to_text(state.kept_from.hours));
    out.key("days").text(domain::to_text(state.kept_from.days)).close();
}

}  // namespace

domain::Result<std::string> tenant_state(StreamPast past) {
    return folded_text<domain::tenant::Tenant>("tenant", past, &put_tenant);
}

}  // namespace projections
