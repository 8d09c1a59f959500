#pragma once
#include <memory>

/// What the addresses under /v1/webhooks do besides commands and reads.
namespace http {

struct Shared;
struct Exchange;

/// The secret that signs, and the one before while it signs too.
void show_webhook_secret(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
/// Sends a `webhook.test` at once and answers what came of it.
void test_webhook(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
void redeliver_one(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);
/// Dead letters since an instant.
void redeliver_since(std::shared_ptr<Shared> shared, std::shared_ptr<Exchange> exchange);

}  // namespace http
