#pragma once
#include "domain/webhook.hpp"
#include "projections/query.hpp"

#include <span>

/// What people ask of webhooks and of what was sent to them.
namespace projections::webhooks {

/// A page of webhooks, in the order they were made.
domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask);
domain::Result<Answer> one(pqxx::transaction_base& tx, const Ask& ask);
/// A page of a webhook's deliveries, the newest event first. Filters: status, type.
domain::Result<Answer> deliveries(pqxx::transaction_base& tx, const Ask& ask);

/// What is needed to sign and send.
struct Target {
    domain::TenantId tenant;
    domain::WebhookId webhook;
    std::string url;
    domain::WebhookSecretId secret;
    std::optional<domain::WebhookSecretId> previous_secret;  ///< while it signs too
    std::optional<domain::Instant> previous_until;           ///< set with previous_secret
};
/// As the webhook's stream says, which is never behind; empty when there is none, or no more.
domain::Result<std::optional<Target>> target(std::span<const events::Recorded> stream,
                                             domain::Instant now);
/// Whether the read model has the webhook.
bool exists(pqxx::transaction_base& tx, domain::TenantId tenant, domain::Uuid webhook);

}  // namespace projections::webhooks
