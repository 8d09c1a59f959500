#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/personal.hpp"
#include "events/recorded.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

/// How a personal value is sealed. Envelope, in base64url without padding:
///   0x01 | data-key id (16) | nonce (24) | XChaCha20-Poly1305 ciphertext and tag
/// Associated data: "pii1" tenant stream-category stream-id version(8) type field, lengths before
/// texts, so that a ciphertext moved to another place does not open.
namespace events {

inline constexpr domain::Reason seal_broken{domain::Reason::Kind::defect, "seal-broken",
                                            "A sealed value does not open at its place"};

/// Where in the log a value stands; part of what is authenticated.
struct Place {
    domain::TenantId tenant;
    StreamId stream;
    std::int64_t version{};
    std::string_view type;
    std::string_view field;
};

using DataKey = std::array<unsigned char, 32>;
struct DataKeyId {
    domain::Uuid value;
};

std::string seal(const DataKey& key, DataKeyId id, const Place& place, std::string_view clear);
/// Which key opens it; empty when `envelope` is no envelope.
std::optional<DataKeyId> key_of(std::string_view envelope);
/// The clear text, or seal_broken when key, place or bytes do not fit.
domain::Result<std::string> open(const DataKey& key, const Place& place, std::string_view envelope);

/// The key ring as codecs see it. Safe to call from any thread.
class Keys {
public:
    virtual ~Keys() = default;
    /// Seals with the subject's key, which is made and made durable first when there is none.
    virtual domain::Result<std::string> seal(const Place& place, domain::SubjectId subject,
                                             std::string_view clear) = 0;
    /// The value, or Erased when its key was destroyed; a refusal only when the ring is away or
    /// the envelope was tampered with.
    virtual domain::Result<domain::Personal> open(const Place& place,
                                                  const domain::Sealed& sealed) = 0;
};

}  // namespace events
