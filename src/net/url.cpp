#include "src/net/url.hpp"

#include "domain/webhook.hpp"

#include <algorithm>
#include <charconv>
#include <curl/curl.h>
#include <memory>

namespace net {
namespace {

using domain::webhook::url_not_allowed;

struct Free {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
    void operator()(char* text) const { curl_free(text); }
};
using Url = std::unique_ptr<CURLU, Free>;

std::string part(const Url& url, CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return {};
    const std::unique_ptr<char, Free> kept{text};
    return text;
}

/// Digits, dots and nothing else, or brackets: what curl made of any spelling of an address.
bool is_address(std::string_view host) {
    return host.starts_with('[') ||
           std::ranges::all_of(host, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

bool is_name_like(std::string_view host) {
    return std::ranges::all_of(host, [](char c) {
        return c == '.' || c == '-' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    });
}

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

std::string_view without_brackets(std::string_view host) {
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    return host;
}

domain::Result<void> check_host(const Rules& rules, const std::string& host) {
    if (is_address(host)) {
        if (rules.is_allowed(without_brackets(host))) return {};
        return domain::refuse(url_not_allowed, "the host must be a name, not an address");
    }
    if (!is_name_like(host))
        return domain::refuse(url_not_allowed, "the host must be written in ASCII");
    if (!host.contains('.') && !rules.has_networks())
        return domain::refuse(url_not_allowed, "the host must be a full name");
    return {};
}

domain::Result<void> check(const Rules& rules, const Url& url) {
    const auto scheme = part(url, CURLUPART_SCHEME);
    if (scheme != "https" && !(scheme == "http" && rules.has_networks()))
        return domain::refuse(url_not_allowed, "the scheme must be https");
    if (!part(url, CURLUPART_USER).empty() || !part(url, CURLUPART_PASSWORD).empty())
        return domain::refuse(url_not_allowed, "an address with a user is not taken");
    if (!part(url, CURLUPART_FRAGMENT).empty())
        return domain::refuse(url_not_allowed, "an address with a fragment is not taken");
    const auto port = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    int number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    if (!is_open_port(number) && !rules.has_networks())
        return domain::refuse(url_not_allowed, "the port must be 443 or 8443");
    return check_host(rules, part(url, CURLUPART_HOST));
}

}  // namespace

domain::Result<std::string> vet_url(const Rules& rules, std::string_view text) {
    if (text.size() > domain::webhook::url_bytes_max)
        return domain::refuse(url_not_allowed, "it is longer than 2,048 bytes");
    const bool plain = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
    if (!plain || text.contains('\\'))
        return domain::refuse(url_not_allowed, "it must be written in ASCII, without spaces");
    const Url url{curl_url()};
    if (!url || curl_url_set(url.get(), CURLUPART_URL, std::string{text}.c_str(), 0) != CURLUE_OK)
        return domain::refuse(url_not_allowed, "it is not understood");
    // Names are compared and shown in one case.
    const auto host = lower(part(url, CURLUPART_HOST));
    if (curl_url_set(url.get(), CURLUPART_HOST, host.c_str(), 0) != CURLUE_OK)
        return domain::refuse(url_not_allowed, "the host is not understood");
    if (auto allowed = check(rules, url); !allowed) return std::unexpected(allowed.error());
    return part(url, CURLUPART_URL);
}

}  // namespace net
