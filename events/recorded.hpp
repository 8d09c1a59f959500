#pragma once
#include "domain/base/ids.hpp"
#include "domain/base/time.hpp"
#include "events/sha256.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Events as the log holds them, before and after they have a position.
namespace events {

/// One aggregate's stream inside its tenant; written `category-id`.
struct StreamId {
    std::string category;
    domain::Uuid id{};
    auto operator<=>(const StreamId&) const = default;
};
std::string to_text(const StreamId& stream);
/// The stream that `category-id` names; categories may have dashes of their own.
std::optional<StreamId> stream_from(std::string_view text);

enum class ActorKind { user, system, connector, model };
/// The id that follows from a name for ever: of a tenant's metric with the key `revenue`, say. A
/// version 8 UUID of SHA-256 over tenant, kind and name.
domain::Uuid id_of_name(domain::TenantId tenant, std::string_view kind, std::string_view name);

/// Who caused it: a pseudonym, never a name.
struct Actor {
    ActorKind kind{};
    domain::Uuid id{};
    bool operator==(const Actor&) const = default;
};
std::string_view to_text(ActorKind kind);

/// The stored form of one event: its name, the schema number, and the exact JSON bytes.
struct Encoded {
    std::string_view type;  ///< a constant of the program, `category.past-participle`
    int schema{};
    std::string data;
};

/// An event with its place in the log. `data` is byte for byte what was hashed.
struct Recorded {
    domain::TenantId tenant;
    StreamId stream;
    std::int64_t version{};
    int lane{};
    std::int64_t position{};
    domain::EventId id;
    std::string type;
    int schema{};
    Actor actor;
    domain::Uuid correlation{};  ///< of everything that one request set off
    domain::Uuid causation{};    ///< the command or the event that caused it
    domain::CommandId command;
    std::string traceparent;
    domain::Instant occurred_at;
    domain::Instant recorded_at;
    Hash hash{};
    std::string data;
};

/// SHA-256 over the header and the digest of the stored bytes, in this order; every number is big
/// endian, every text is preceded by its length in 4 bytes:
///   "evt1" tenant stream-category stream-id version(8) event-id recorded-at-micros(8)
///   occurred-at-micros(8) type schema(4) actor-kind(1) actor-id correlation causation command
///   SHA-256(data)
/// Only ciphertext of personal values is in `data`, so erasure leaves every hash valid.
Hash content_hash(const Recorded& event);
/// The same for who may see headers and no payload: `data` is not looked at, its SHA-256 is given.
Hash content_hash(const Recorded& header, const Hash& data_digest);

}  // namespace events
