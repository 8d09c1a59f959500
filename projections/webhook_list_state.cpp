// Which webhooks a tenant had at a moment.
#include "domain/webhook_list.hpp"
#include "projections/state_form.hpp"

namespace projections {
namespace {

void put_webhook_list(events::Writer& out, const domain::webhook_list::State& state) {
    out.key("webhooks").open_list();
    for (const auto& webhook : state.webhooks) out.text(domain::to_text(webhook));
    out.close_list();
}

}  // namespace

domain::Result<std::string> webhook_list_state(StreamPast past) {
    return folded_text<domain::webhook_list::WebhookList>("tenant", past, &put_webhook_list);
}

}  // namespace projections
