#pragma once
#include "projections/webhook_query.hpp"
#include "src/net/courier.hpp"
#include "src/security/secrets.hpp"

/// What is sent to webhooks: a CloudEvent with the headers of Standard Webhooks.
namespace runtime {

/// Signed with the secret, and with the one before while that signs too. `id` stays the same over
/// all attempts; `at` is this attempt's.
net::Parcel webhook_parcel(const security::Secrets& secrets,
                           const projections::webhooks::Target& to, const std::string& id,
                           domain::Instant at, std::string cloud_event);

/// The event of a test, which is in no log.
std::string test_event(const projections::webhooks::Target& to, const std::string& id,
                       domain::Instant at);

}  // namespace runtime
