// What a person was at a moment, without what identifies them.
#include "domain/user.hpp"
#include "projections/state_form.hpp"
#include "projections/stream_state.hpp"

namespace projections {
namespace {

void put_user(events::Writer& out, const domain::user::State& state) {
    out.key("active").boolean(state.active).key("display_name").text(sealed_text);
    out.key("locale").text(state.locale).key("time_zone").text(state.time_zone);
}

}  // namespace

domain::Result<std::string> user_state(StreamPast past) {
    return folded_text<domain::user::User>("user", past, &put_user);
}

}  // namespace projections
