#pragma once
#include "domain/webhook.hpp"
#include "projections/query.hpp"

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
/// Empty when there is no such webhook.
std::optional<Target> target(pqxx::transaction_base& tx, domain::TenantId tenant,
                             domain::Uuid webhook);

}  // namespace projections::webhooks
