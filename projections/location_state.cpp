// What a place was at a moment.
#include "domain/location.hpp"
#include "projections/state_form.hpp"

namespace projections {
namespace {

void put_location(events::Writer& out, const domain::location::State& state) {
    const auto& profile = state.profile;
    out.key("key").text(profile.key).key("name").text(profile.name);
    put_or_null(out, "time_zone", profile.time_zone.value_or(""));
    out.key("day_cutoff_minutes");
    if (profile.day_cutoff_minutes) out.integer(*profile.day_cutoff_minutes);
    else out.null();
    out.key("closed").boolean(state.closed);
}

}  // namespace

domain::Result<std::string> location_state(StreamPast past) {
    return folded_text<domain::location::Location>("location", past, &put_location);
}

}  // namespace projections
