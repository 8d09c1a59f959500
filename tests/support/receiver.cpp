#include "tests/support/receiver.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace support {
namespace {

using std::chrono::milliseconds;

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

/// Reads until the body that the head announces is there; false when the client goes before.
bool read_request(int socket, Received& out) {
    std::string bytes;
    std::size_t end = std::string::npos, length = 0;
    char buffer[4096];
    while (end == std::string::npos || bytes.size() < end + 4 + length) {
        const auto count = ::recv(socket, buffer, sizeof buffer, 0);
        if (count <= 0) return false;
        bytes.append(buffer, static_cast<std::size_t>(count));
        if (end != std::string::npos) continue;
        end = bytes.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        out.path = bytes.substr(bytes.find(' ') + 1);
        out.path.resize(out.path.find(' '));
        for (auto at = bytes.find("\r\n"); at < end; at = bytes.find("\r\n", at + 2)) {
            const auto line = bytes.substr(at + 2, bytes.find("\r\n", at + 2) - at - 2);
            const auto colon = line.find(": ");
            if (colon != std::string::npos)
                out.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
        }
        if (const auto& text = out.header("content-length"); !text.empty())
            length = std::stoul(text);
    }
    out.body = bytes.substr(end + 4, length);
    return true;
}

void write_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void answer(int socket, const Treatment& treatment) {
    const auto length = treatment.body.size() + treatment.body_bytes;
    write_all(socket, "HTTP/1.1 " + std::to_string(treatment.status) + " X\r\nContent-Length: " +
                          std::to_string(length) + "\r\nConnection: close\r\n" + treatment.headers +
                          "\r\n" + treatment.body);
    const std::string chunk(64 * 1024, 'x');
    for (std::size_t sent = 0; sent < treatment.body_bytes; sent += chunk.size())
        write_all(socket, chunk);
}

}  // namespace

Receiver::Receiver(Treat treat) : treat_{std::move(treat)} {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size);
    ::listen(listener_, 64);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { run(); }};
}

Receiver::~Receiver() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    for (auto& connection : connections_) connection.join();
    ::close(listener_);
}

std::string Receiver::url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<Received> Receiver::received() const {
    const std::lock_guard lock{mutex_};
    return received_;
}

std::vector<Received> Receiver::wait_for(std::size_t count) const {
    constexpr int tries_max = 1000;
    for (int i = 0; i < tries_max && received().size() < count; ++i)
        std::this_thread::sleep_for(milliseconds{10});
    return received();
}

void Receiver::run() {
    while (!stopping_) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        const timeval limit{5, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        connections_.emplace_back([this, socket] { serve(socket); });
    }
}

void Receiver::serve(int socket) {
    Received request;
    if (read_request(socket, request)) {
        int before = 0;
        {
            const std::lock_guard lock{mutex_};
            before = static_cast<int>(received_.size());
            received_.push_back(request);
        }
        const auto treatment = treat_(request, before);
        for (int waited = 0; waited < treatment.delay_milliseconds && !stopping_; waited += 10)
            std::this_thread::sleep_for(milliseconds{10});
        if (!treatment.hangs_up) answer(socket, treatment);
    }
    ::close(socket);
}

}  // namespace support
