#pragma once
#include "domain/webhook.hpp"
#include "events/personal.hpp"
#include "src/net/courier.hpp"
#include "src/postgres/appender.hpp"
#include "src/security/secrets.hpp"

#include <atomic>
#include <chrono>

/// Sends tenants' events to their webhooks.
namespace runtime {

class Ticker;

struct WebhookOptions {
    std::chrono::milliseconds look_every{1'000};
    int lease_seconds = 30;   ///< longer than any attempt takes
    int under_way_max = 96;   ///< attempts at one time
    int each_max = 8;         ///< of them to one webhook
    double pause_factor = 1;  ///< of the schedule's pauses; tests have less time
    std::int64_t failing_seconds = domain::webhook::failing_seconds_max;
    int keep_days = 30;  ///< finished deliveries
};

struct WebhookCounters {
    std::atomic<std::uint64_t> delivered{0}, failed{0}, dead{0};
    std::atomic<double> oldest_pending_seconds{0};
};

/// Queues what matches, leases what is due, sends it, notes what came of it. At least once: an
/// attempt whose outcome a crash loses is made again after its lease, under the same id. Events of
/// one webhook go out side by side, so a receiver that needs their order uses position or sequence
/// of the CloudEvent. Several processes share the work by row locks.
class WebhookWorker {
public:
    WebhookWorker(postgres::Database database, postgres::Appender& appender, events::Keys& keys,
                  const security::Secrets& secrets, net::Courier& courier, WebhookOptions options);
    ~WebhookWorker();
    /// Waits for the round that runs; what is under way is noted by no one and sent again later.
    void stop();

    /// From any thread: something was committed.
    void wake();
    const WebhookCounters& counters() const;

private:
    struct Body;
    std::shared_ptr<Body> body_;
    std::unique_ptr<Ticker> ticker_;
};

}  // namespace runtime
