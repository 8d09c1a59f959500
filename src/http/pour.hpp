#pragma once
#include "src/http/session.hpp"

/// Inside the server: a stream as the body of an answer.
namespace http {

/// Sends the stream until it ends, its client leaves or the server cuts it; in chunks where HTTP
/// knows them. The head has been sent, and nothing that the client sends is a request any more.
Awaitable<void> pour(Edge& edge, Loop& loop, Socket& socket, Stream& stream, bool chunked);

}  // namespace http
