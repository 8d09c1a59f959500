#include "events/recorded.hpp"

#include <algorithm>
#include <utility>

namespace events {
namespace {

/// What is hashed, in the order documented in the header.
class Header {
public:
    Header() { out_.reserve(384); }

    Header& bytes(std::string_view data) {
        out_ += data;
        return *this;
    }
    Header& number(std::uint64_t value, int size) {
        for (int i = size - 1; i >= 0; --i) out_ += static_cast<char>(value >> (8 * i));
        return *this;
    }
    Header& text(std::string_view value) { return number(value.size(), 4).bytes(value); }
    Header& uuid(const domain::Uuid& id) {
        return bytes({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()});
    }
    Hash hash() const { return sha256(out_); }

private:
    std::string out_;
};

}  // namespace

std::string to_text(const StreamId& stream) {
    return stream.category + "-" + domain::to_text(stream.id);
}

std::optional<StreamId> stream_from(std::string_view text) {
    constexpr std::size_t id_size = 36;
    if (text.size() < id_size + 2 || text[text.size() - id_size - 1] != '-') return std::nullopt;
    const auto id = domain::uuid_from(text.substr(text.size() - id_size));
    if (!id) return std::nullopt;
    return StreamId{std::string{text.substr(0, text.size() - id_size - 1)}, *id};
}

domain::Uuid id_of_name(domain::TenantId tenant, std::string_view kind, std::string_view name) {
    const auto hash = Header{}.bytes("nam1").uuid(tenant.value).text(kind).text(name).hash();
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

Hash content_hash(const Recorded& event) { return content_hash(event, sha256(event.data)); }

Hash content_hash(const Recorded& event, const Hash& data) {
    return Header{}
        .bytes("evt1")
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
        .bytes(view(data))
        .hash();
}

}  // namespace events
