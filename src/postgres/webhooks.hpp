#pragma once
#include "domain/webhook.hpp"
#include "events/recorded.hpp"
#include "projections/webhook_query.hpp"

#include <cstdint>

namespace pqxx {
class transaction_base;
}

/// The books of what is sent to webhooks, for all tenants; as the role cairn_projector. A webhook
/// has a place in its tenant's lane: everything up to it that matched was queued, once, because the
/// place moves in the statement that queues. Positions are gapless, so nothing is passed over.
namespace postgres {

/// Opens books for new webhooks at the event that made them, drops those of deleted ones. Gives how
/// many webhooks there are.
std::int64_t keep_webhook_books(pqxx::transaction_base& tx);

/// Queues what enabled webhooks have not seen: of at most 200 of them a look through at most 1,000
/// events each. A webhook with 10,000 deliveries waiting is read no further. True when there was so
/// much that another look is worth it.
bool queue_webhook_deliveries(pqxx::transaction_base& tx);

struct WebhookDelivery {
    events::Recorded event;
    projections::webhooks::Target to;
    int attempts{};  ///< in this round of the schedule, before this one
};
/// Takes up to `max` deliveries that are due under `lease`, of one webhook at most `each_max` at a
/// time, whoever has them. What other processes look at is passed over, not waited for.
std::vector<WebhookDelivery> lease_webhook_deliveries(pqxx::transaction_base& tx,
                                                      const domain::Uuid& lease, int seconds,
                                                      int max, int each_max);

struct WebhookAttempt {
    domain::TenantId tenant;
    domain::WebhookId webhook;
    std::int64_t position{};
    bool delivered{};
    int status{};  ///< 0: no answer
    std::string failure, excerpt;
    std::int64_t micros{};
    std::optional<std::int64_t> pause_micros;  ///< to the next one; empty: there is none
};
/// A webhook to which nothing was delivered for too long.
struct FailingWebhook {
    domain::TenantId tenant;
    domain::WebhookId webhook;
};
/// Notes what came of attempts under `lease`; what was leased to somebody else meanwhile is left
/// alone. Gives webhooks that have been failing for `failing_seconds`.
std::vector<FailingWebhook> note_webhook_attempts(pqxx::transaction_base& tx,
                                                  const domain::Uuid& lease,
                                                  const std::vector<WebhookAttempt>& attempts,
                                                  std::int64_t failing_seconds);

/// Deletes deliveries that were finished so many days ago, at most 10,000. Gives how many.
std::int64_t retire_webhook_deliveries(pqxx::transaction_base& tx, int days);

/// The age in seconds of the oldest delivery that waits for an enabled webhook; 0: none waits.
double oldest_webhook_delivery_seconds(pqxx::transaction_base& tx);

// ---- As the request role, of one tenant.
/// Puts a finished delivery back into the queue, and lets one that waits go at once. Gives how
/// many that were: 0 when it is under way. Empty when there is no such delivery.
std::optional<std::int64_t> redeliver(pqxx::transaction_base& tx, domain::TenantId tenant,
                                      domain::Uuid webhook, domain::Uuid event);
/// Puts the dead letters of events queued since back into the queue, at most 10,000.
std::int64_t redeliver_dead(pqxx::transaction_base& tx, domain::TenantId tenant,
                            domain::Uuid webhook, domain::Instant since);

}  // namespace postgres
