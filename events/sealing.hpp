#pragma once
#include "events/note.hpp"

#include <expected>
#include <map>

/// What a sealer makes of a lane and what whoever checks it makes again: leaves, the chain of
/// signing keys, signed checkpoints. A lane is a log of its own, with its own origin and keys.
namespace events {

/// `cairn.<uuid>/<lane>`: the first line of a checkpoint, and the name of the keys that sign it.
std::string origin_of(std::string_view log_name, int lane);

/// Where an event stands: what its content hash does not say.
struct LeafPlace {
    int lane{};
    std::int64_t position{};
    domain::TenantId tenant;
    std::int64_t tenant_position{};  ///< 1, 2, 3… among the events of its tenant
};
/// The RFC 6962 hash of the leaf, which is (numbers big endian):
///   "leaf1" lane(2) position(8) tenant(16) tenant-position(8) content-hash(32)
///   traceparent-length(4) traceparent
/// The traceparent is here because the content hash does not cover it.
Hash leaf_hash(const LeafPlace& place, const Hash& content, std::string_view traceparent);

/// The seeds of one lane's signing keys by epoch; old ones may be gone.
using LaneSeeds = std::map<int, SigningSeed>;
/// The public keys of a lane so far; epochs count from 1.
using LaneKeys = std::vector<PublicKey>;

/// The note that makes `keys` known: signed by the newest key and by the one before it.
///   cairn keys / origin / epoch / one line of base64 a key, from epoch 1 on
/// Empty when a seed that has to sign is not there.
std::optional<Note> key_note(const std::string& origin, const LaneKeys& keys,
                             const LaneSeeds& seeds);
/// The keys at the end of a chain of key notes, epoch 1 first; empty when a note is not what
/// key_note() makes of the one before it. A chain proves nothing until one of its keys is known.
std::optional<LaneKeys> keys_from(const std::string& origin, const std::vector<std::string>& notes);

/// Signs with the newest key, also with the time, and with the one before it while its seed is
/// kept, for those who know only that one.
Note signed_checkpoint(const Checkpoint& checkpoint, const LaneKeys& keys, const LaneSeeds& seeds,
                       std::int64_t unix_seconds);

/// What is known of a stored checkpoint after every byte of it was checked.
struct SealedCheckpoint {
    Checkpoint head;
    int epoch{};  ///< of the newest key that signed it
    std::int64_t signed_at{};
};
/// Otherwise the broken rule: checkpoint-form, checkpoint-origin or checkpoint-signature.
std::expected<SealedCheckpoint, std::string_view> checked_checkpoint(std::string_view note,
                                                                     const std::string& origin,
                                                                     const LaneKeys& keys);

}  // namespace events
