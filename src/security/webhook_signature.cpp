#include "src/security/webhook_signature.hpp"

#include <sodium.h>

namespace security {
namespace {

std::string to_base64(const unsigned char* bytes, std::size_t size) {
    constexpr int alphabet = sodium_base64_VARIANT_ORIGINAL;
    std::string text(sodium_base64_encoded_len(size, alphabet), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes, size, alphabet);
    text.pop_back();
    return text;
}

}  // namespace

Key webhook_secret(const Secrets& secrets, domain::TenantId tenant, domain::WebhookId webhook,
                   domain::WebhookSecretId name) {
    return mac(secrets.derive("webhooks"),
               domain::to_text(tenant) + domain::to_text(webhook) + domain::to_text(name));
}

std::string to_text(const Key& webhook_secret) {
    return "whsec_" + to_base64(webhook_secret.data(), webhook_secret.size());
}

std::string webhook_signature(const Key& secret, std::string_view id, std::int64_t timestamp,
                              std::string_view body) {
    const auto signed_text =
        std::string{id} + "." + std::to_string(timestamp) + "." + std::string{body};
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> out;
    static_assert(sizeof(Key) == crypto_auth_hmacsha256_KEYBYTES);
    crypto_auth_hmacsha256(out.data(), reinterpret_cast<const unsigned char*>(signed_text.data()),
                           signed_text.size(), secret.data());
    return "v1," + to_base64(out.data(), out.size());
}

}  // namespace security
