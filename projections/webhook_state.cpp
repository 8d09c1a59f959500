// What a webhook was at a moment. Who reads the log is told the origin of its address only.
#include "domain/webhook.hpp"
#include "projections/state_form.hpp"

namespace projections {
namespace {

std::string_view status_of_webhook(const domain::webhook::State& state) {
    if (!state.exists) return "deleted";
    return state.enabled ? "enabled" : "disabled";
}

void put_webhook(events::Writer& out, const domain::webhook::State& state) {
    const auto& definition = state.definition;
    out.key("url").text(domain::webhook::origin_of(definition.url));
    put_or_null(out, "description", definition.description);
    out.key("filter").open();
    put_list(out, "types", definition.filter.types);
    put_list(out, "streams", definition.filter.streams);
    out.close().key("status").text(status_of_webhook(state));
    put_or_null(out, "disabled_cause", state.cause ? to_text(*state.cause) : "");
    out.key("secret_id").text(domain::to_text(state.secret));
}

}  // namespace

domain::Result<std::string> webhook_state(StreamPast past) {
    return folded_text<domain::webhook::Webhook>("webhook", past, &put_webhook);
}

}  // namespace projections
