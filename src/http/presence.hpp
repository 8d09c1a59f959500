#pragma once
#include <cerrno>
#include <mutex>
#include <sys/socket.h>

/// Whether the client of a request is still there.
namespace http {

/// Asked by whoever has waited, on any thread; the connection says when its socket is its no more.
/// A client that closed its half of the connection counts as gone: what is answered it may not
/// read.
class Presence {
public:
    explicit Presence(int socket) : socket_{socket} {}

    void forget() {
        const std::scoped_lock lock{mutex_};
        socket_ = -1;
    }

    /// What came and is not read yet hides the end behind it: then the client counts as there.
    bool has_left() const {
        const std::scoped_lock lock{mutex_};
        if (socket_ < 0) return true;
        char unread{};
        const auto seen = ::recv(socket_, &unread, 1, MSG_PEEK | MSG_DONTWAIT);
        return seen == 0 || (seen < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    }

private:
    mutable std::mutex mutex_;
    int socket_;
};

}  // namespace http
