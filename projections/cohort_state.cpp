// With which peers a tenant shared at a moment.
#include "domain/cohort.hpp"
#include "projections/state_form.hpp"

namespace projections {
namespace {

void put_cohort(events::Writer& out, const domain::cohort::State& state) {
    out.key("share").boolean(state.group.has_value());
    put_or_null(out, "naics", state.group ? state.group->naics : "");
    put_or_null(out, "country", state.group ? state.group->country : "");
}

}  // namespace

domain::Result<std::string> cohort_state(StreamPast past) {
    return folded_text<domain::cohort::Cohort>("tenant", past, &put_cohort);
}

}  // namespace projections
