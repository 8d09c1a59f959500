#pragma once
#include <boost/asio/buffer.hpp>
#include <span>

#include "src/http/asio.hpp"

/// Inside the server: writing to a socket that does not block.
namespace http {

/// Gives the kernel what it takes at once, and takes it off `parts`. False when the connection has
/// failed.
bool write_some(Socket& socket, std::span<asio::const_buffer> parts);

/// Writes everything. Usually the kernel takes it at once, and nothing is suspended.
Awaitable<bool> write_all(Socket& socket, std::span<asio::const_buffer> parts);

}  // namespace http
