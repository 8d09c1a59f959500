#include "src/http/framing.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "src/http/text.hpp"

namespace http {
namespace {

using namespace std::string_view_literals;

/// Room in a request line for everything but the target.
constexpr std::size_t request_line_rest_bytes = 64;
constexpr std::size_t content_length_digits_max = 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }

bool is_token_char(char c) {
    return is_letter(c) || is_digit(c) || "!#$%&'*+-.^_`|~"sv.contains(c);
}

/// `lower_case` must be lower-case already.
bool same_name(std::string_view name, std::string_view lower_case) {
    return std::ranges::equal(name, lower_case, {}, [](char c) { return lower(c); });
}

/// Takes the next line off the text; the scan has made sure that each ends in CRLF.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find("\r\n");
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 2);
    return line;
}

bool is_port(std::string_view text) {
    return text.size() <= 5 && std::ranges::all_of(text, is_digit);
}

bool is_ip_literal_char(char c) { return is_digit(c) || is_letter(c) || c == ':' || c == '.'; }

/// A name or an address, and perhaps a port. Stricter than the grammar: what a name server knows.
bool is_host(std::string_view text) {
    const auto close = text.starts_with('[') ? text.find(']') : 0;
    if (close == text.npos) return false;
    const auto colon = text.find(':', close);
    const auto name = text.substr(0, colon);
    if (colon != text.npos && !is_port(text.substr(colon + 1))) return false;
    if (close == 0) {
        return !name.empty() && std::ranges::all_of(name, [](char c) {
            return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
        });
    }
    return name.size() > 2 && name.ends_with(']') &&
           std::ranges::all_of(name.substr(1, name.size() - 2), is_ip_literal_char);
}

/// The fields that decide where a message ends, and who answers it.
struct Seen {
    std::string_view method;
    bool http_1_1 = true;
    std::size_t fields = 0;
    int hosts = 0;
    int lengths = 0;
    int codings = 0;
    bool body = false;
    bool continue_expected = false;
};

std::optional<Fault> read_request_line(std::string_view line, const Limits& limits, Seen& seen) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == line.npos || first == 0 || first == last)
        return malformed("The request line must be a method, a target and a version.");
    const auto target = line.substr(first + 1, last - first - 1);
    if (target.size() > limits.target_bytes_max)
        return Fault{414, "uri-too-long", "The request target is too long."};
    if (target.empty() || target.find_first_of(" \t") != target.npos)
        return malformed("The request target must not contain spaces.");

    const auto version = line.substr(last + 1);
    if (version != "HTTP/1.1"sv && version != "HTTP/1.0"sv)
        return malformed("The version must be HTTP/1.1.");
    seen.http_1_1 = version == "HTTP/1.1"sv;

    seen.method = line.substr(0, first);
    if (!std::ranges::all_of(seen.method, is_token_char))
        return malformed("The method is not a token.");
    if (!std::ranges::all_of(seen.method, is_upper))
        return Fault{501, "method-not-implemented", "Methods are upper-case words."};
    return std::nullopt;
}

std::optional<Fault> read_host(std::string_view value, Seen& seen) {
    if (++seen.hosts > 1) return malformed("There must be one Host.");
    if (!is_host(value)) return Fault{400, "invalid-header", "The Host is not a host name."};
    return std::nullopt;
}

std::optional<Fault> read_content_length(std::string_view value, Seen& seen) {
    if (++seen.lengths > 1) return malformed("There must be one Content-Length.");
    if (!std::ranges::all_of(value, is_digit) || value.empty())
        return malformed("Content-Length must be a number.");
    if (value.size() > content_length_digits_max)
        return malformed("Content-Length has too many digits.");
    seen.body = seen.body || value.find_first_not_of('0') != value.npos;
    return std::nullopt;
}

std::optional<Fault> read_transfer_encoding(std::string_view value, Seen& seen) {
    if (++seen.codings > 1) return malformed("There must be one Transfer-Encoding.");
    seen.body = true;
    if (same_name(value, "chunked")) return std::nullopt;
    // A coding before chunked leaves the framing clear: we only lack the decoder.
    const auto last = trimmed(value.substr(value.rfind(',') + 1));
    if (value.contains(',') && same_name(last, "chunked"))
        return Fault{501, "unsupported-transfer-coding", "The only transfer coding is chunked."};
    return malformed("Transfer-Encoding must be chunked.");
}

std::optional<Fault> read_expect(std::string_view value, Seen& seen) {
    if (!same_name(value, "100-continue"))
        return Fault{417, "expectation-failed", "The only expectation met is 100-continue."};
    seen.continue_expected = true;
    return std::nullopt;
}

std::optional<Fault> read_field(std::string_view line, const Limits& limits, Seen& seen) {
    if (line.starts_with(' ') || line.starts_with('\t'))
        return malformed("A header must not continue on a second line.");
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    if (colon == line.npos || name.empty() || !std::ranges::all_of(name, is_token_char))
        return malformed("A header line must be a name, a colon and a value.");
    const auto value = trimmed(line.substr(colon + 1));
    if (++seen.fields > limits.header_count_max)
        return Fault{431, "headers-too-large", "There are too many headers."};
    if (value.size() > limits.header_value_bytes_max)
        return Fault{431, "headers-too-large", "A header value is too long."};

    if (same_name(name, "host")) return read_host(value, seen);
    if (same_name(name, "content-length")) return read_content_length(value, seen);
    if (same_name(name, "transfer-encoding")) return read_transfer_encoding(value, seen);
    if (same_name(name, "expect")) return read_expect(value, seen);
    return std::nullopt;
}

/// What only the whole head shows.
std::optional<Fault> contradiction_in(const Seen& seen) {
    if (seen.http_1_1 && seen.hosts == 0) return malformed("There must be a Host.");
    if (seen.codings > 0 && seen.lengths > 0)
        return malformed("Content-Length and Transfer-Encoding exclude each other.");
    if (seen.codings > 0 && !seen.http_1_1) return malformed("HTTP/1.0 has no Transfer-Encoding.");
    constexpr std::array bodiless{"GET"sv, "HEAD"sv, "DELETE"sv};
    if (seen.body && std::ranges::contains(bodiless, seen.method))
        return Fault{400, "unexpected-body", "A request with this method has no body."};
    return std::nullopt;
}

std::string_view reason_of(int status) {
    constexpr std::pair<int, std::string_view> reasons[]{
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {207, "Multi-Status"},
        {301, "Moved Permanently"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (const auto& [known, reason] : reasons) {
        if (known == status) return reason;
    }
    return "";
}

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

bool is_owned_by_server(std::string_view name) {
    constexpr std::array owned{"connection"sv, "content-length"sv, "date"sv, "request-id"sv,
                               "transfer-encoding"sv};
    return std::ranges::any_of(owned, [&](auto each) { return same_name(name, each); });
}

/// Whether the header stays one header on the wire.
bool is_one_line(std::string_view name, std::string_view value) {
    const auto breaks = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; };
    return !name.empty() && std::ranges::all_of(name, is_token_char) &&
           std::ranges::none_of(value, breaks);
}

}  // namespace

std::optional<Fault> HeadScan::end_of_line(std::string_view received) {
    if (received[next_ + 1] != '\n') return malformed("A line ends in the wrong bytes.");
    if (next_ == 0) return malformed("A request starts with an empty line.");
    if (request_line_bytes_ == 0) request_line_bytes_ = next_;
    if (line_ == next_) head_bytes_ = next_ + 2;
    next_ += 2;
    line_ = next_;
    return std::nullopt;
}

std::optional<Fault> HeadScan::oversize(std::string_view received) const {
    const auto line_bytes = request_line_bytes_ == 0 ? received.size() : request_line_bytes_;
    if (line_bytes > limits_.target_bytes_max + request_line_rest_bytes)
        return Fault{414, "uri-too-long", "The request target is too long."};
    const auto bytes = head_bytes_ == 0 ? received.size() : head_bytes_;
    if (bytes > limits_.header_bytes_max)
        return Fault{431, "headers-too-large", "The headers are too large."};
    return std::nullopt;
}

std::optional<Fault> HeadScan::go_on(std::string_view received) {
    while (next_ < received.size() && head_bytes_ == 0) {
        const char c = received[next_];
        if ((c >= 0x20 && c < 0x7f) || c == '\t') {
            ++next_;
            continue;
        }
        if (c != '\r') return malformed("The head contains a byte that is not allowed in it.");
        if (next_ + 1 == received.size()) break;
        if (auto fault = end_of_line(received)) return fault;
    }
    return oversize(received);
}

std::expected<Framing, Fault> guard(std::string_view head, const Limits& limits) {
    Seen seen;
    if (auto fault = read_request_line(take_line(head), limits, seen))
        return std::unexpected{*fault};
    while (head != "\r\n"sv) {
        if (auto fault = read_field(take_line(head), limits, seen)) return std::unexpected{*fault};
    }
    if (auto fault = contradiction_in(seen)) return std::unexpected{*fault};
    return Framing{seen.http_1_1, seen.continue_expected && seen.body && seen.http_1_1};
}

void append_chunk_size(std::string& out, std::size_t bytes) {
    char digits[16];
    constexpr int hexadecimal = 16;
    const char* const end = std::to_chars(digits, digits + sizeof digits, bytes, hexadecimal).ptr;
    out.append(std::string_view{digits, end}).append("\r\n");
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

void append_head(std::string& out, const Reply& reply, const Envelope& envelope) {
    out.append("HTTP/1.1 ");
    append_number(out, static_cast<std::size_t>(reply.status));
    out.append(" ").append(reason_of(reply.status)).append("\r\n");
    append_field(out, "Date", envelope.date);
    append_field(out, "Request-Id", envelope.request_id);
    if (!envelope.keep_alive) out.append("Connection: close\r\n");
    if (has_body(reply.status)) {
        if (!reply.content_type.empty()) append_field(out, "Content-Type", reply.content_type);
        if (envelope.chunked) append_field(out, "Transfer-Encoding", "chunked");
        if (!reply.stream) {
            out.append("Content-Length: ");
            append_number(out, reply.body.size());
            out.append("\r\n");
        }
    }

    struct Default {
        std::string_view name, lower_case, value;
        bool wanted = true;
    };
    std::array defaults{
        Default{"Cache-Control", "cache-control", "no-store"},
        Default{"X-Content-Type-Options", "x-content-type-options", "nosniff"},
        Default{"Content-Security-Policy", "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'"},
        Default{"Content-Language", "content-language", "en",
                reply.content_type.starts_with("application/problem+")},
    };
    for (const auto& [name, value] : reply.headers) {
        if (is_owned_by_server(name) || !is_one_line(name, value)) continue;
        append_field(out, name, value);
        for (auto& each : defaults) each.wanted = each.wanted && !same_name(name, each.lower_case);
    }
    for (const auto& each : defaults) {
        if (each.wanted) append_field(out, each.name, each.value);
    }
    out.append("\r\n");
}

}  // namespace http
