#pragma once
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "src/http/message.hpp"
#include "src/http/server.hpp"

/// The bytes of HTTP/1.1 around a message: the guard of what comes in, the head of what goes out.
/// The guard reads the raw bytes because a parser that repairs them lets two servers disagree.
namespace http {

/// Why the edge refuses: the status, the problem's code, and a sentence for the client.
struct Fault {
    int status;
    std::string_view code;
    std::string_view detail;
};

/// A fault that makes the rest of the connection unreadable.
constexpr Fault malformed(std::string_view detail) { return {400, "malformed-request", detail}; }

/// Finds where the head of a request ends and refuses bytes that no head may hold.
class HeadScan {
public:
    explicit HeadScan(const Limits& limits) : limits_{limits} {}

    /// Goes on where it stopped; `received` is everything from the first byte of the request.
    std::optional<Fault> go_on(std::string_view received);
    /// The length of the head with its empty line; 0 until that line has come.
    std::size_t head_bytes() const { return head_bytes_; }

private:
    std::optional<Fault> end_of_line(std::string_view received);
    std::optional<Fault> oversize(std::string_view received) const;

    const Limits& limits_;
    std::size_t next_ = 0;
    std::size_t line_ = 0;  // where the current line starts
    std::size_t request_line_bytes_ = 0;
    std::size_t head_bytes_ = 0;
};

/// What the guard learned from a head it let pass.
struct Framing {
    bool http_1_1 = true;
    bool continue_expected = false;
};

/// Lets a head pass only when every HTTP implementation would read it the same way.
std::expected<Framing, Fault> guard(std::string_view head, const Limits& limits);

/// What the server adds to a reply.
struct Envelope {
    std::string_view request_id;
    std::string_view date;
    bool keep_alive;
    bool chunked = false;  ///< a body without a known length, in chunks
};

/// Appends status line, headers and empty line. Headers the server owns are not taken from the
/// reply, and a header that could split the response is left out.
void append_head(std::string& out, const Reply& reply, const Envelope& envelope);

/// The line before a chunk of so many bytes.
void append_chunk_size(std::string& out, std::size_t bytes);

/// Whether a response of this status has a body at all.
bool has_body(int status);

}  // namespace http
