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

/// How far the list of webhooks is; books need a look only when this has moved.
std::int64_t webhook_board_position(pqxx::transaction_base& tx);
/// Opens books for new webhooks at the event that made them. Gives how many webhooks there are.
std::int64_t open_webhook_books(pqxx::transaction_base& tx);
/// Deletes at most 10,000 deliveries of deleted webhooks, then the books that have none left. True
/// when there was so much that another portion is worth it.
bool drop_webhook_books(pqxx::transaction_base& tx);

/// Queues what enabled webhooks have not seen: of at most 200 of them a look through at most 1,000
/// events each, of those alone whose tenant has newer events. A webhook for which some 10,000
/// deliveries wait is read no further; it is counted again when those it had room for are queued,
/// or after five seconds. True when there was so much that another look is worth it.
bool queue_webhook_deliveries(pqxx::transaction_base& tx);

struct WebhookDelivery {
    events::Recorded event;
    projections::webhooks::Target to;
    int attempts{};    ///< in this round of the schedule, before this one
    bool too_large{};  ///< the event came without its data
};

/// Who takes deliveries, and how many at most.
struct WebhookLease {
    domain::Uuid holder;
    int seconds{};
    int max{};
    int each_max{};    ///< of one webhook at a time, whoever has them
    int tenant_max{};  ///< of one tenant
    int data_bytes_max{};
};
/// Where the walk through webhooks goes on; nil: at the beginning.
struct WebhookPlace {
    domain::Uuid tenant{}, webhook{};
    bool operator==(const WebhookPlace&) const = default;
};
/// Takes deliveries that are due, of the webhooks after `place`, which moves on: at most 500 that
/// have some waiting are asked, and when the last was, it is nil again. Tenants take turns. What
/// other processes look at is passed over, not waited for.
std::vector<WebhookDelivery> lease_webhook_deliveries(pqxx::transaction_base& tx,
                                                      const WebhookLease& lease,
                                                      WebhookPlace& place);

/// One delivery under a lease.
struct WebhookLeased {
    domain::TenantId tenant;
    domain::WebhookId webhook;
    std::int64_t position{};
};
/// What could not be begun is due again in `seconds`.
void release_webhook_deliveries(pqxx::transaction_base& tx, const domain::Uuid& holder,
                                const std::vector<WebhookLeased>& leased, int seconds);
/// Everything under the lease is due at once.
void release_webhook_lease(pqxx::transaction_base& tx, const domain::Uuid& holder);

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
/// alone. Webhooks are locked in the order of their keys, so two who note never block each other
/// for good. Gives webhooks that have been failing for `failing_seconds`.
std::vector<FailingWebhook> note_webhook_attempts(pqxx::transaction_base& tx,
                                                  const domain::Uuid& lease,
                                                  const std::vector<WebhookAttempt>& attempts,
                                                  std::int64_t failing_seconds);

/// Deletes deliveries that were finished so many days ago, at most 10,000. True when there are
/// more.
bool retire_webhook_deliveries(pqxx::transaction_base& tx, int days);

/// For how many seconds the one delivery is due that waits longest for a worker; 0: none is.
double webhook_overdue_seconds(pqxx::transaction_base& tx);

// ---- As the request role, of one tenant.
/// Puts a finished delivery back into the queue, and lets one that waits go at once. Gives how
/// many that were: 0 when it is under way. Empty when there is no such delivery.
std::optional<std::int64_t> redeliver(pqxx::transaction_base& tx, domain::TenantId tenant,
                                      domain::Uuid webhook, domain::Uuid event);
/// Puts the dead letters of events queued since back into the queue, at most 10,000.
std::int64_t redeliver_dead(pqxx::transaction_base& tx, domain::TenantId tenant,
                            domain::Uuid webhook, domain::Instant since);

}  // namespace postgres
