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
    int tenant_max = 24;      ///< of them to all webhooks of one tenant
    double pause_factor = 1;  ///< of the schedule's pauses; tests have less time
    std::int64_t failing_seconds = domain::webhook::failing_seconds_max;
    int keep_days = 30;               ///< finished deliveries
    int stop_seconds = 5;             ///< how long a stop waits for attempts that are under way
    int body_bytes_max = 256 * 1024;  ///< of an event; a larger one is sent without its data
};

struct WebhookCounters {
    std::atomic<std::uint64_t> delivered{0}, failed{0}, dead{0};
    std::atomic<double> overdue_seconds{0};
    std::atomic<std::int64_t> last_round_seconds{0};  ///< of the Unix epoch
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
    /// Begins nothing more, waits a bounded time for what is under way, notes what came of it and
    /// gives the rest back at once.
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
