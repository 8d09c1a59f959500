#pragma once
#include "src/postgres/feed_log.hpp"

/// The books of durable consumers: a cursor, and what was handed out and is not done yet. All of
/// it runs in Reader::change() or Reader::query(). Events of one stream go out in their order and
/// to one member at a time; an event that failed too often is parked, and what follows it in its
/// stream waits with it.
namespace postgres {

inline constexpr domain::Reason consumer_not_found{domain::Reason::Kind::missing, "not-found",
                                                   "There is no such thing"};
inline constexpr domain::Reason too_many_consumers{domain::Reason::Kind::conflict,
                                                   "too-many-consumers",
                                                   "The tenant has as many consumers as it may"};

/// Beyond so many undone events nothing more is read: what waits behind parked ones is bounded.
inline constexpr std::int64_t consumer_pending_max = 10'000;

/// One consumer of one tenant.
struct ConsumerKey {
    domain::TenantId tenant;
    std::string name;
};

struct ConsumerSettings {
    std::string filter;                 ///< JSON: what consumer_filter() reads
    std::optional<std::int64_t> after;  ///< where a new one begins; nothing: at the head
    int lease_seconds = 30;
    int failures_max = 5;
};

struct Consumer {
    std::string name, filter;
    std::int64_t position{};       ///< everything that matched up to here is done
    std::int64_t read_position{};  ///< everything up to here was looked at
    std::int64_t head{};
    std::int64_t pending{}, leased{}, parked{};
    int lease_seconds{}, failures_max{};
    domain::Instant created_at;
};

/// {"types":[…],"streams":[…],"correlations":[…]}; empty when a value makes no sense.
std::optional<FeedFilter> consumer_filter(std::string_view json);

/// Makes it, or changes its settings but for the place it began. True when it was made.
domain::Result<bool> put_consumer(pqxx::transaction_base& tx, const ConsumerKey& key,
                                  const ConsumerSettings& settings);
/// By name; all of them when `name` is empty.
std::vector<Consumer> find_consumers(pqxx::transaction_base& tx, const ConsumerKey& key);
void delete_consumer(pqxx::transaction_base& tx, const ConsumerKey& key);

struct Delivery {
    events::Recorded event;
    int failures{};  ///< before this time
};
struct Fetched {
    domain::Uuid lease{};
    int lease_seconds{};
    std::vector<Delivery> deliveries;  ///< in the order of their positions
    bool busy{};                       ///< something waits for a lease, a delay or a parked event
    int lane{-1};
    std::int64_t read_position{};
    FeedFilter filter;
};
/// Hands out up to `max` events under `lease`, fewer when they are long. Leases that ran out count
/// as failures first.
domain::Result<Fetched> fetch_deliveries(pqxx::transaction_base& tx, const ConsumerKey& key,
                                         domain::Uuid lease, int max);

/// As if it had never been: nobody got what it holds.
void give_back_lease(pqxx::transaction_base& tx, const ConsumerKey& key, domain::Uuid lease);

/// Which events of a lease: positions, or all when there are none.
struct Leased {
    domain::Uuid lease{};
    std::vector<std::int64_t> positions;
};
/// Those that were done; what is missing was leased to somebody else meanwhile, or done before.
std::vector<std::int64_t> ack_deliveries(pqxx::transaction_base& tx, const ConsumerKey& key,
                                         const Leased& leased);

struct Nacked {
    std::vector<std::int64_t> released, parked;
};
/// Gives events back, with what follows them in their streams under the same lease. `reason` is a
/// code, never free text.
domain::Result<Nacked> nack_deliveries(pqxx::transaction_base& tx, const ConsumerKey& key,
                                       const Leased& leased, int delay_seconds,
                                       const std::string& reason);

struct Parked {
    std::int64_t position{};
    events::StreamId stream;
    int failures{};
    std::string reason;
    domain::Instant parked_at;
    std::int64_t waiting{};  ///< events behind it in its stream
};
std::vector<Parked> parked_deliveries(pqxx::transaction_base& tx, const ConsumerKey& key);
/// Parked events at these positions, or all: tried again from zero, or given up for ever.
std::int64_t retry_parked(pqxx::transaction_base& tx, const ConsumerKey& key,
                          const std::vector<std::int64_t>& positions);
std::int64_t skip_parked(pqxx::transaction_base& tx, const ConsumerKey& key,
                         const std::vector<std::int64_t>& positions);

}  // namespace postgres
