#pragma once
#include "src/http/api_parts.hpp"

/// Feeds without an end: what a connection pulls from.
namespace http {

/// Whom a stream serves, and with what it was asked for.
struct StreamAsk {
    commands::Who who;
    domain::Instant expires;  ///< of the token; the stream ends with it
    postgres::FeedFilter filter;
    std::int64_t after{};
    std::int64_t until{};  ///< a dump's last position
    int lane{};
    audit::Entry entry;  ///< what each entry of the trail has in common
};

/// Server-sent events, or the messages of a web socket, live. Empty when the tenant has too many.
std::shared_ptr<Stream> live_stream(std::shared_ptr<Shared> shared, StreamAsk ask, bool web_socket);
/// One JSON text a line, up to `until`, and a summary in the last line.
std::shared_ptr<Stream> dump_stream(std::shared_ptr<Shared> shared, StreamAsk ask);

}  // namespace http
