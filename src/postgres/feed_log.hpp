#pragma once
#include "events/recorded.hpp"
#include "src/postgres/event_store.hpp"

#include <optional>

/// A tenant's events in the order of their positions, as feeds read them.
namespace postgres {

/// Which events are wanted. Values of one kind are alternatives, kinds narrow each other; nothing
/// given means every event.
struct FeedFilter {
    std::vector<std::string> types;     ///< exact names
    std::vector<std::string> prefixes;  ///< `goal.` of `goal.*`
    std::vector<std::string> categories;
    std::vector<events::StreamId> streams;
    std::vector<domain::Uuid> correlations;

    /// `goal.drafted` or `goal.*`; false when it makes no sense or there are too many.
    bool add_type(std::string_view text);
    /// `goal` or `goal-<uuid>`.
    bool add_stream(std::string_view text);
    bool add_correlation(std::string_view text);

    bool everything() const;
    bool matches(const events::Recorded& event) const;
};

/// One bounded look at the log.
struct FeedBatch {
    std::vector<events::Recorded> events;
    std::int64_t through{};  ///< everything up to here was looked at
    std::int64_t head{};     ///< of the lane, in the same snapshot
    int lane{-1};            ///< -1: the tenant has never written
};

/// What one look may bring: so many events, and no more once their data are `bytes` long.
struct FeedSize {
    std::int64_t events{};
    std::int64_t bytes = read_bytes_max;
};

/// Looks behind `after` for events of this size, through at most 20,000 of the tenant's: a filter
/// that matches nothing costs many short looks, never a long one.
FeedBatch read_feed(pqxx::transaction_base& tx, domain::TenantId tenant, const FeedFilter& filter,
                    std::int64_t after, const FeedSize& size);

/// How far a lane was read.
struct LanePlace {
    int lane{};
    std::int64_t after{};
};
/// What is new in a lane.
struct LaneTail {
    int lane{};
    std::int64_t through{};  ///< everything of the tenants up to here is in `events`
    std::vector<events::Recorded> events;
};
/// The events of `tenants` behind these places in one question: of each lane at most `size.events`,
/// and its part of `size.bytes`.
std::vector<LaneTail> read_tails(pqxx::transaction_base& tx, const std::vector<LanePlace>& places,
                                 const std::vector<domain::TenantId>& tenants,
                                 const FeedSize& size);

/// Whether the user has been removed from the tenant or deactivated, as far as the directory knows.
bool is_shut_out(pqxx::transaction_base& tx, domain::TenantId tenant, domain::UserId user);

}  // namespace postgres
