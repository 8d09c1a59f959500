#include "src/http/paging.hpp"

#include <algorithm>
#include <charconv>

namespace http {
namespace {

constexpr int limit_max = 500;

std::string encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
            continue;
        }
        out += '%';
        out += hex[static_cast<unsigned char>(c) >> 4];
        out += hex[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

}  // namespace

std::string question_of(const Request& request) {
    auto query = request.query;
    std::ranges::sort(query);
    std::string out = request.path;
    for (const auto& [name, value] : query) {
        if (name != "cursor" && name != "limit") out += "&" + name + "=" + value;
    }
    return out;
}

domain::Result<int> limit_from(const std::string& text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > limit_max)
        return std::unexpected(projections::wrong_parameter("limit", "must be 1 to 500"));
    return value;
}

std::string next_url(const Shared& shared, const Exchange& exchange, std::string_view place) {
    const auto& request = exchange.request;
    std::string url = request.path + "?";
    for (const auto& [name, value] : request.query) {
        if (name != "cursor") url += encoded(name) + "=" + encoded(value) + "&";
    }
    return url + "cursor=" + shared.opaque.cursor(exchange.who.tenant, question_of(request), place);
}

}  // namespace http
