#include "src/http/opaque.hpp"

#include <sodium.h>

namespace http {
namespace {

constexpr std::size_t mac_bytes = 16;
constexpr std::string_view token_prefix = "c1.";
constexpr std::string_view event_prefix = "e1.";

std::string mac_of(const security::Key& key, domain::TenantId tenant, std::string_view purpose,
                   std::string_view content) {
    std::string message{purpose};
    message += domain::to_text(tenant);
    message += content;
    const auto full = security::mac(key, message);
    return {reinterpret_cast<const char*>(full.data()), mac_bytes};
}

}  // namespace

Opaque::Opaque(const security::Secrets& secrets) : key_{secrets.derive("opaque__")} {}

std::string Opaque::sealed(domain::TenantId tenant, std::string_view purpose,
                           std::string_view content) const {
    return security::to_base64url(mac_of(key_, tenant, purpose, content) + std::string{content});
}

std::optional<std::string> Opaque::opened(domain::TenantId tenant, std::string_view purpose,
                                          std::string_view text) const {
    const auto bytes = security::from_base64url(text);
    if (!bytes || bytes->size() < mac_bytes) return std::nullopt;
    const auto content = bytes->substr(mac_bytes);
    const auto expected = mac_of(key_, tenant, purpose, content);
    if (sodium_memcmp(bytes->data(), expected.data(), mac_bytes) != 0) return std::nullopt;
    return content;
}

std::string Opaque::consistency_token(domain::TenantId tenant, int lane,
                                      std::int64_t position) const {
    return std::string{token_prefix} +
           sealed(tenant, "token", std::to_string(lane) + ":" + std::to_string(position));
}

std::optional<Opaque::Reached> Opaque::reached(domain::TenantId tenant,
                                               std::string_view token) const {
    if (token.size() >= 2 && token.front() == '"' && token.back() == '"')
        token = token.substr(1, token.size() - 2);
    if (!token.starts_with(token_prefix)) return std::nullopt;
    const auto content = opened(tenant, "token", token.substr(token_prefix.size()));
    if (!content) return std::nullopt;
    const auto colon = content->find(':');
    return Reached{std::stoi(content->substr(0, colon)), std::stoll(content->substr(colon + 1))};
}

std::string Opaque::event_token(domain::TenantId tenant, std::int64_t position) const {
    return std::string{event_prefix} + sealed(tenant, "event", std::to_string(position));
}

std::optional<std::int64_t> Opaque::event_position(domain::TenantId tenant,
                                                   std::string_view token) const {
    if (!token.starts_with(event_prefix)) return std::nullopt;
    const auto content = opened(tenant, "event", token.substr(event_prefix.size()));
    if (!content) return std::nullopt;
    return std::stoll(*content);
}

std::string Opaque::cursor(domain::TenantId tenant, std::string_view filters,
                           std::string_view place) const {
    return sealed(tenant, "cursor" + std::string{filters}, place);
}

std::optional<std::string> Opaque::place(domain::TenantId tenant, std::string_view filters,
                                         std::string_view cursor) const {
    return opened(tenant, "cursor" + std::string{filters}, cursor);
}

}  // namespace http
