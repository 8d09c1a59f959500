#pragma once
#include "domain/webhook.hpp"
#include "src/security/secrets.hpp"

/// Signatures of Standard Webhooks, version 1: HMAC-SHA256 over `id.timestamp.body`.
/// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
namespace security {

/// The secret that is named so: 32 bytes that follow from a key outside the database, so that it is
/// in no event, row or backup, and can be told again.
Key webhook_secret(const Secrets& secrets, domain::TenantId tenant, domain::WebhookId webhook,
                   domain::WebhookSecretId name);
/// `whsec_` and base64, as its owner is shown it.
std::string to_text(const Key& webhook_secret);

/// `v1,` and base64.
std::string webhook_signature(const Key& secret, std::string_view id, std::int64_t timestamp,
                              std::string_view body);

}  // namespace security
