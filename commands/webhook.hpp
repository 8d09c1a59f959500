#pragma once
#include "commands/request.hpp"
#include "domain/webhook.hpp"

/// What its deliveries say of a webhook; people's commands are in the catalogue.
namespace commands::webhook {

/// Nothing, when the webhook has another address by now than `url`, where it was sent to.
domain::Result<Proposal> disable_for(events::Store& store, events::Keys& keys,
                                     const Request& request, domain::WebhookId webhook,
                                     domain::webhook::Cause cause, std::string url);

}  // namespace commands::webhook
