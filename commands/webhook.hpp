#pragma once
#include "commands/request.hpp"
#include "domain/webhook.hpp"

/// What its deliveries say of a webhook; people's commands are in the catalogue.
namespace commands::webhook {

domain::Result<Proposal> disable_for(events::Store& store, events::Keys& keys,
                                     const Request& request, domain::WebhookId webhook,
                                     domain::webhook::Cause cause);

}  // namespace commands::webhook
