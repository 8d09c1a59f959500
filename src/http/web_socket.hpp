#pragma once
#include "src/http/session.hpp"

/// Inside the server: a stream over a web socket (RFC 6455). Each part is one text message.
namespace http {

/// Answers the handshake of `request`, then pours the stream until either side ends it. The last
/// words of a stream are followed by a close frame.
Awaitable<void> serve_web_socket(Edge& edge, Loop& loop, Socket socket, const Request& request,
                                 std::shared_ptr<Stream> stream);

}  // namespace http
