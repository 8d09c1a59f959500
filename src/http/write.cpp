#include "src/http/write.hpp"

#include <algorithm>
#include <boost/asio/write.hpp>

namespace http {

bool write_some(Socket& socket, std::span<asio::const_buffer> parts) {
    Error error;
    auto sent = socket.write_some(parts, error);
    if (error && error != asio::error::would_block) return false;
    for (auto& part : parts) {
        const auto bytes = std::min(sent, part.size());
        part += bytes;
        sent -= bytes;
    }
    return true;
}

Awaitable<bool> write_all(Socket& socket, std::span<asio::const_buffer> parts) {
    if (asio::buffer_size(parts) == 0) co_return true;
    if (!write_some(socket, parts)) co_return false;
    if (asio::buffer_size(parts) == 0) co_return true;
    Error error;
    co_await asio::async_write(socket, parts, into(error));
    co_return !error;
}

}  // namespace http
