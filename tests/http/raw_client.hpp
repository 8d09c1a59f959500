#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "src/http/server.hpp"

/// A client that sends exactly the bytes it is told, and a server to send them to.
namespace http::test {

struct Response {
    int status = 0;  // 0: the connection ended without an answer
    std::string head;
    std::string body;

    /// The value of this header as sent; empty when it is missing.
    std::string header(std::string_view name) const {
        const auto start = head.find("\r\n" + std::string{name} + ": ");
        if (start == head.npos) return {};
        const auto value = start + name.size() + 4;
        return head.substr(value, head.find("\r\n", value) - value);
    }
};

class RawClient {
public:
    explicit RawClient(unsigned short port) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{5, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    RawClient(RawClient&& other) noexcept
        : socket_{std::exchange(other.socket_, -1)},
          connected_{other.connected_},
          unread_{std::move(other.unread_)} {}
    ~RawClient() {
        if (socket_ >= 0) ::close(socket_);
    }

    bool connected() const { return connected_; }
    void stop_sending() { ::shutdown(socket_, SHUT_WR); }

    /// False once the server has closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// The next response; `bodiless` for the answer to HEAD.
    Response read(bool bodiless = false) {
        Response response;
        while (!unread_.contains("\r\n\r\n")) {
            if (!read_some()) return response;
        }
        response.head = take(unread_.find("\r\n\r\n") + 4);
        response.status = std::stoi(response.head.substr(9, 3));
        const auto length = response.header("Content-Length");
        if (bodiless || length.empty()) return response;
        while (unread_.size() < std::stoul(length)) {
            if (!read_some()) break;
        }
        response.body = take(std::min(std::stoul(length), unread_.size()));
        return response;
    }

    Response ask(std::string_view bytes) {
        send(bytes);
        return read();
    }

    /// Whether the server closes, with nothing left to read.
    bool closed() { return unread_.empty() && !read_some() && unread_.empty(); }

private:
    bool read_some() {
        char bytes[64 * 1024];
        const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
        if (count <= 0) return false;
        unread_.append(bytes, static_cast<std::size_t>(count));
        return true;
    }
    std::string take(std::size_t count) {
        auto taken = unread_.substr(0, count);
        unread_.erase(0, count);
        return taken;
    }

    int socket_;
    bool connected_ = false;
    std::string unread_;
};

inline const std::string hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

inline std::string post(std::string_view body, std::string_view path = "/echo") {
    return "POST " + std::string{path} +
           " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string{body};
}

/// The problem's code is the body, so that a test reads it directly.
inline Reply code_as_body(int status, std::string_view code, std::string_view, const std::string&) {
    return {status, "application/problem+json", {}, std::string{code}};
}

/// GET says hello, everything else comes back: "<method> <path> <body>".
inline void hello_or_echo(Request request, Respond respond) {
    if (request.method == "GET") return respond({200, "text/plain", {}, "hello"});
    respond({200, "text/plain", {}, request.method + " " + request.path + " " + request.body});
}

inline Options on_a_free_port(Limits limits = {}, int threads = 1) {
    return {.address = "127.0.0.1", .port = 0, .threads = threads, .limits = limits};
}

/// Running from its construction on.
struct TestServer : Server {
    explicit TestServer(Handler handler = hello_or_echo, Options options = on_a_free_port())
        : Server{std::move(options), std::move(handler), code_as_body} {
        start();
    }
    Response ask(std::string_view bytes) { return RawClient{port()}.ask(bytes); }
};

/// Waits for what another thread is about to make true.
inline bool eventually(const std::function<bool()>& holds, double seconds = 3) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>{seconds};
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    return true;
}

}  // namespace http::test
