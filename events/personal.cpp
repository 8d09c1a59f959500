#include "events/personal.hpp"

#include <sodium.h>

namespace events {
namespace {

constexpr unsigned char envelope_version = 1;
constexpr std::size_t nonce_at = 1 + 16;
constexpr std::size_t body_at = nonce_at + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr int alphabet = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

void put_number(std::string& out, std::uint64_t value, int size) {
    for (int i = size - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
}

void put_text(std::string& out, std::string_view text) {
    put_number(out, text.size(), 4);
    out += text;
}

void put_uuid(std::string& out, const domain::Uuid& id) {
    out.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

std::string associated_data(const Place& place) {
    std::string data = "pii1";
    put_uuid(data, place.tenant.value);
    put_text(data, place.stream.category);
    put_uuid(data, place.stream.id);
    put_number(data, static_cast<std::uint64_t>(place.version), 8);
    put_text(data, place.type);
    put_text(data, place.field);
    return data;
}

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// The envelope's bytes; empty when it is none.
std::optional<std::string> unpacked(std::string_view envelope) {
    std::string binary(envelope.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(binary.data()), binary.size(),
                          envelope.data(), envelope.size(), nullptr, &size, nullptr, alphabet) != 0)
        return std::nullopt;
    if (size < body_at + tag_bytes || static_cast<unsigned char>(binary[0]) != envelope_version)
        return std::nullopt;
    binary.resize(size);
    return binary;
}

}  // namespace

std::string seal(const DataKey& key, DataKeyId id, const Place& place, std::string_view clear) {
    std::string binary(1, static_cast<char>(envelope_version));
    put_uuid(binary, id.value);
    binary.resize(body_at + clear.size() + tag_bytes);
    auto* out = reinterpret_cast<unsigned char*>(binary.data());
    randombytes_buf(out + nonce_at, body_at - nonce_at);
    const auto data = associated_data(place);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + body_at, nullptr, bytes(clear), clear.size(),
                                               bytes(data), data.size(), nullptr, out + nonce_at,
                                               key.data());
    std::string text(sodium_base64_encoded_len(binary.size(), alphabet), '\0');
    sodium_bin2base64(text.data(), text.size(), out, binary.size(), alphabet);
    text.pop_back();
    return text;
}

std::optional<DataKeyId> key_of(std::string_view envelope) {
    const auto binary = unpacked(envelope);
    if (!binary) return std::nullopt;
    DataKeyId id;
    for (std::size_t i = 0; i < 16; ++i)
        id.value.bytes[i] = static_cast<std::uint8_t>((*binary)[1 + i]);
    return id;
}

domain::Result<std::string> open(const DataKey& key, const Place& place,
                                 std::string_view envelope) {
    const auto binary = unpacked(envelope);
    if (!binary) return domain::refuse(seal_broken);
    const auto* in = bytes(*binary);
    std::string clear(binary->size() - body_at - tag_bytes, '\0');
    const auto data = associated_data(place);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            reinterpret_cast<unsigned char*>(clear.data()), nullptr, nullptr, in + body_at,
            binary->size() - body_at, bytes(data), data.size(), in + nonce_at, key.data()) != 0)
        return domain::refuse(seal_broken);
    return clear;
}

}  // namespace events
