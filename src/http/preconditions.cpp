#include "src/http/preconditions.hpp"

#include "projections/moment.hpp"
#include "src/http/text.hpp"

#include <algorithm>

namespace http {
namespace {

domain::Result<commands::Expected> from_if_match(std::string_view value) {
    value = trimmed(value);
    if (value == "*") return commands::Expected{{}, true};
    const bool quoted = value.size() > 2 && value.front() == '"' && value.back() == '"';
    const auto version =
        quoted ? projections::number_from(value.substr(1, value.size() - 2)) : std::nullopt;
    if (!version || *version == 0)
        return domain::refuse(invalid_header, "If-Match must be * or one strong tag like \"7\"");
    return commands::Expected{version, false};
}

domain::Result<commands::Expected> from_expected(std::string_view value) {
    value = trimmed(value);
    if (value == "any") return commands::Expected{};
    if (value == "none") return commands::Expected{0, false};
    if (value == "exists") return commands::Expected{{}, true};
    const auto version = projections::number_from(value);
    if (!version)
        return domain::refuse(invalid_header,
                              "Expected-Version must be a number, any, none or exists");
    return commands::Expected{version, false};
}

}  // namespace

domain::Result<std::string> idempotency_key(const Request& request) {
    constexpr std::size_t key_bytes_max = 128;
    const auto* value = request.header("idempotency-key");
    if (value == nullptr) return domain::refuse(key_missing);
    if (request.count("idempotency-key") > 1)
        return domain::refuse(invalid_header, "Idempotency-Key is given twice");
    auto key = trimmed(*value);
    if (key.size() >= 2 && key.front() == '"' && key.back() == '"')
        key = key.substr(1, key.size() - 2);
    const bool visible =
        std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f' && c != '"'; });
    if (key.empty() || key.size() > key_bytes_max || !visible)
        return domain::refuse(invalid_header,
                              "Idempotency-Key must be 1 to 128 visible ASCII characters");
    return std::string{key};
}

domain::Result<commands::Expected> expected_version(const Request& request) {
    const auto* match = request.header("if-match");
    const auto* none_match = request.header("if-none-match");
    const auto* expected = request.header("expected-version");
    std::vector<commands::Expected> demands;
    if (match != nullptr) {
        auto demand = from_if_match(*match);
        if (!demand) return demand;
        demands.push_back(*demand);
    }
    if (none_match != nullptr) {
        if (trimmed(*none_match) != "*")
            return domain::refuse(invalid_header, "If-None-Match must be * on a write");
        demands.push_back({0, false});
    }
    if (expected != nullptr) {
        auto demand = from_expected(*expected);
        if (!demand) return demand;
        demands.push_back(*demand);
    }
    if (demands.empty()) return commands::Expected{};
    for (const auto& demand : demands) {
        if (demand.version != demands.front().version || demand.exists != demands.front().exists)
            return domain::refuse(contradictory);
    }
    return demands.front();
}

Preferences preferences(const Request& request) {
    constexpr std::int64_t wait_seconds_max = 10;
    Preferences out;
    for (const auto& [name, value] : request.headers) {
        if (name != "prefer") continue;
        std::string_view rest = value;
        while (!rest.empty()) {
            const auto comma = rest.find(',');
            const auto part = trimmed(rest.substr(0, comma));
            rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
            if (part == "return=representation") out.representation = true;
            else if (part == "return=minimal") out.minimal = true;
            else if (part == "handling=lenient") out.lenient = true;
            else if (part.starts_with("wait=")) {
                if (const auto seconds = projections::number_from(part.substr(5)))
                    out.wait_milliseconds =
                        static_cast<int>(std::min(*seconds, wait_seconds_max) * 1000);
            }
        }
    }
    return out;
}

std::string traceparent(const Request& request) {
    constexpr std::size_t length = 55;
    const auto* value = request.header("traceparent");
    if (value == nullptr || value->size() != length || !value->starts_with("00-")) return {};
    for (std::size_t i = 3; i < length; ++i) {
        const char c = (*value)[i];
        const bool dash = i == 35 || i == 52;
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !hex) return {};
    }
    return *value;
}

}  // namespace http
