#include "events/recorded.hpp"

#include <algorithm>
#include <sodium.h>
#include <utility>

namespace events {
namespace {

/// Feeds a SHA-256 in the order documented in the header.
class Digest {
public:
    Digest() { crypto_hash_sha256_init(&state_); }

    Digest& bytes(const void* data, std::size_t size) {
        crypto_hash_sha256_update(&state_, static_cast<const unsigned char*>(data), size);
        return *this;
    }
    Digest& number(std::uint64_t value, int size) {
        std::array<unsigned char, 8> big{};
        for (int i = 0; i < size; ++i)
            big[static_cast<std::size_t>(i)] =
                static_cast<unsigned char>(value >> (8 * (size - 1 - i)));
        return bytes(big.data(), static_cast<std::size_t>(size));
    }
    Digest& text(std::string_view value) {
        return number(value.size(), 4).bytes(value.data(), value.size());
    }
    Digest& uuid(const domain::Uuid& id) { return bytes(id.bytes.data(), id.bytes.size()); }
    Hash finish() {
        Hash hash;
        crypto_hash_sha256_final(&state_, hash.data());
        return hash;
    }

private:
    crypto_hash_sha256_state state_;
};

}  // namespace

std::string to_text(const StreamId& stream) {
    return stream.category + "-" + domain::to_text(stream.id);
}

domain::Uuid id_of_name(domain::TenantId tenant, std::string_view kind, std::string_view name) {
    const auto hash = Digest{}.bytes("nam1", 4).uuid(tenant.value).text(kind).text(name).finish();
    domain::Uuid id;
    std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x80);  // version 8
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);  // RFC 9562
    return id;
}

std::string_view to_text(ActorKind kind) {
    switch (kind) {
        case ActorKind::user: return "user";
        case ActorKind::system: return "system";
        case ActorKind::connector: return "connector";
        case ActorKind::model: return "model";
    }
    std::unreachable();
}

Hash data_digest(std::string_view data) {
    return Digest{}.bytes(data.data(), data.size()).finish();
}

Hash content_hash(const Recorded& event) { return content_hash(event, data_digest(event.data)); }

Hash content_hash(const Recorded& event, const Hash& data) {
    return Digest{}
        .bytes("evt1", 4)
        .uuid(event.tenant.value)
        .text(event.stream.category)
        .uuid(event.stream.id)
        .number(static_cast<std::uint64_t>(event.version), 8)
        .uuid(event.id.value)
        .number(static_cast<std::uint64_t>(event.recorded_at.micros), 8)
        .number(static_cast<std::uint64_t>(event.occurred_at.micros), 8)
        .text(event.type)
        .number(static_cast<std::uint64_t>(event.schema), 4)
        .number(static_cast<std::uint64_t>(event.actor.kind), 1)
        .uuid(event.actor.id)
        .uuid(event.correlation)
        .uuid(event.causation)
        .uuid(event.command.value)
        .bytes(data.data(), data.size())
        .finish();
}

}  // namespace events
