// Which days were closed, as it was known at a moment.
#include "domain/closure.hpp"
#include "projections/state_form.hpp"

namespace projections {
namespace {

void put_closure(events::Writer& out, const domain::closure::State& state) {
    put_or_null(out, "location", state.what.location);
    out.key("from").text(domain::to_text(state.what.from));
    out.key("to").text(domain::to_text(state.what.to));
    put_or_null(out, "reason", state.what.reason);
    out.key("cancelled").boolean(state.cancelled);
}

}  // namespace

domain::Result<std::string> closure_state(StreamPast past) {
    return folded_text<domain::closure::Aggregate>("closure", past, &put_closure);
}

}  // namespace projections
