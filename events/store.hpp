#pragma once
#include "domain/base/decider.hpp"
#include "events/codec.hpp"
#include "events/recorded.hpp"

#include <optional>

/// The log as commands see it: read a stream, and say what is to be appended.
namespace events {

inline constexpr domain::Reason moved_on{domain::Reason::Kind::stale, "version-conflict",
                                         "The stream has changed since you read it"};
inline constexpr domain::Reason value_taken{domain::Reason::Kind::conflict, "already-exists",
                                            "Another one has this value already"};
inline constexpr domain::Reason key_reused{domain::Reason::Kind::invalid, "idempotency-key-reused",
                                           "The idempotency key was used for another request"};
inline constexpr domain::Reason store_away{
    domain::Reason::Kind::unavailable, "database-unavailable", "The database cannot be reached"};
inline constexpr domain::Reason in_doubt{domain::Reason::Kind::unavailable, "outcome-unknown",
                                         "The answer was lost; repeat with the same key"};
inline constexpr domain::Reason queue_full{domain::Reason::Kind::overloaded, "overloaded",
                                           "The server has more work than it can take"};

/// What a request was, so that a key reused for another one is noticed: 16 keyed-hash bytes.
using Fingerprint = domain::Uuid;

struct NewEvent {
    domain::EventId id;
    Encoded form;
};

/// Events for one stream that must be at `expected` (0: must not exist yet).
struct StreamWrite {
    StreamId stream;
    std::int64_t expected{};
    std::vector<NewEvent> events;
};

/// A value that only one stream of the tenant may hold, as a keyed digest.
struct Claim {
    std::string name;
    Hash digest{};
};

/// Everything one command wants in the log; all of it or nothing. The first write is the stream
/// that the answer is about; a write without events only checks the version.
struct Append {
    domain::TenantId tenant;
    domain::CommandId command;
    Fingerprint fingerprint{};
    Actor actor;
    domain::Uuid correlation{};
    domain::Uuid causation{};
    std::string traceparent;
    domain::Instant occurred_at;
    int status = 200;  ///< what a repeat of the command is answered with
    std::vector<StreamWrite> writes;
    std::vector<Claim> claims;
};

/// What became of a command.
struct Outcome {
    int status{};
    StreamId stream;
    std::int64_t version{};  ///< of the stream after the command
    int lane{};
    std::int64_t first_position{};  ///< of its events; the lane's head when it had none
    int events{};
    bool replayed{};  ///< decided by an earlier request with the same key
    Fingerprint fingerprint{};
    std::int64_t last_position() const {
        return events == 0 ? first_position : first_position + events - 1;
    }
};

/// Reads, from one thread at a time; blocking.
class Store {
public:
    virtual ~Store() = default;
    /// The events of a stream after `version` in order, at most `limit`; empty when there are none
    /// or the stream is another tenant's.
    virtual domain::Result<std::vector<Recorded>> read(domain::TenantId tenant,
                                                       const StreamId& stream,
                                                       std::int64_t after_version,
                                                       std::int64_t limit) = 0;
    /// As read(), of several streams of one category whole, stream after stream.
    virtual domain::Result<std::vector<Recorded>> read_all(
        domain::TenantId tenant, std::string_view category,
        const std::vector<domain::Uuid>& ids) = 0;
    /// What became of a command; empty when it was never decided.
    virtual domain::Result<std::optional<Outcome>> outcome(domain::TenantId tenant,
                                                           domain::CommandId command) = 0;
};

inline constexpr std::int64_t all_events = 1'000'000'000;

}  // namespace events
