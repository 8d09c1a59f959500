#include "src/http/target.hpp"

#include "domain/base/utf8.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace http {
namespace {

using namespace std::string_view_literals;

std::optional<unsigned char> hex_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned char>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned char>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned char>(c - 'A' + 10);
    return std::nullopt;
}

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The characters of a path (RFC 3986), where '%' starts an encoded byte.
bool is_path_char(char c) { return is_letter_or_digit(c) || "-._~!$&'()*+,;=:@/%"sv.contains(c); }

/// As browsers send it: more than the grammar has, nothing that ends or quotes a target.
bool is_query_char(char c) { return c > 0x20 && c < 0x7f && !"#\"<>\\"sv.contains(c); }

std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const auto high = hex_value(text[i + 1]);
        const auto low = hex_value(text[i + 2]);
        if (!high || !low) return std::nullopt;
        out.push_back(static_cast<char>(*high * 16 + *low));
        i += 2;
    }
    return out;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool has_dot_segment(std::string_view path) {
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto segment = path.substr(0, path.find('/'));
        if (segment == "."sv || segment == ".."sv) return true;
        path.remove_prefix(segment.size());
    }
    return false;
}

std::expected<std::string, Fault> path_from(std::string_view raw) {
    if (!raw.starts_with('/') || !std::ranges::all_of(raw, is_path_char))
        return std::unexpected{malformed("The target must be a path on this server.")};
    auto path = decoded(raw);
    if (!path) return std::unexpected{malformed("The path has a broken percent-encoding.")};
    // A decoded slash would move the border between segments that the client meant.
    if (std::ranges::count(*path, '/') != std::ranges::count(raw, '/') || path->contains('\\'))
        return std::unexpected{malformed("The path must not contain an encoded separator.")};
    if (std::ranges::any_of(*path, is_control) || !domain::is_utf8(*path))
        return std::unexpected{malformed("The path is not printable UTF-8.")};
    if (path->contains("//") || has_dot_segment(*path))
        return std::unexpected{malformed("The path must not contain empty or dot segments.")};
    return std::move(*path);
}

std::optional<std::string> query_text(std::string_view raw) {
    std::string spaced{raw};
    std::ranges::replace(spaced, '+', ' ');
    auto text = decoded(spaced);
    if (!text || text->contains('\0') || !domain::is_utf8(*text)) return std::nullopt;
    return text;
}

std::expected<Pairs, Fault> query_from(std::string_view raw) {
    if (!std::ranges::all_of(raw, is_query_char))
        return std::unexpected{malformed("The query contains a character that must be encoded.")};
    Pairs query;
    while (!raw.empty()) {
        const auto part = raw.substr(0, raw.find('&'));
        raw.remove_prefix(std::min(part.size() + 1, raw.size()));
        if (part.empty()) continue;
        const auto equals = std::min(part.find('='), part.size());
        auto name = query_text(part.substr(0, equals));
        auto value = query_text(part.substr(std::min(equals + 1, part.size())));
        if (!name || !value)
            return std::unexpected{malformed("The query is not percent-encoded UTF-8.")};
        query.emplace_back(std::move(*name), std::move(*value));
    }
    return query;
}

}  // namespace

std::expected<Target, Fault> target_from(std::string_view raw) {
    const auto mark = std::min(raw.find('?'), raw.size());
    auto path = path_from(raw.substr(0, mark));
    if (!path) return std::unexpected{path.error()};
    auto query = query_from(raw.substr(std::min(mark + 1, raw.size())));
    if (!query) return std::unexpected{query.error()};
    return Target{std::move(*path), std::move(*query)};
}

}  // namespace http
