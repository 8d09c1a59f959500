#include "tests/support/event_stream.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace support {

EventStream::EventStream(unsigned short port, const std::string& target, const std::string& token,
                         const std::string& after, int receive_buffer, const std::string& accept)
    : socket_{::socket(AF_INET, SOCK_STREAM, 0)}, last_id_{after}, id_{after} {
    if (receive_buffer > 0)
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
    std::string ask = "GET " + target + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token +
                      "\r\nAccept: " + accept + "\r\n";
    if (!after.empty()) ask += "Last-Event-ID: " + after + "\r\n";
    ask += "\r\n";
    ::send(socket_, ask.data(), ask.size(), MSG_NOSIGNAL);
    while (!raw_.contains("\r\n\r\n")) {
        if (!fill(5000)) return;
    }
    const auto end = raw_.find("\r\n\r\n") + 4;
    head_ = raw_.substr(0, end);
    raw_.erase(0, end);
    status_ = std::stoi(head_.substr(9, 3));
    take_chunks();
}

EventStream::~EventStream() {
    if (socket_ >= 0) ::close(socket_);
}

bool EventStream::fill(int milliseconds) {
    pollfd readable{socket_, POLLIN, 0};
    if (::poll(&readable, 1, milliseconds) <= 0) return false;
    char bytes[16 * 1024];
    const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) {
        ended_ = true;
        return false;
    }
    raw_.append(bytes, static_cast<std::size_t>(count));
    return true;
}

/// Whole chunks and the part of one that has come, as HTTP clients hand them on.
void EventStream::take_chunks() {
    if (!head_.contains("chunked")) {
        body_ += std::exchange(raw_, {});
        return;
    }
    while (true) {
        const auto line = raw_.find("\r\n");
        if (line == std::string::npos) break;
        const auto size = std::stoul(raw_.substr(0, line), nullptr, 16);
        if (size == 0) {
            ended_ = complete_ = true;
            return;
        }
        if (raw_.size() < line + 2 + size + 2) break;
        body_.append(raw_, line + 2, std::min(size, bytes_left_));
        raw_.erase(0, line + 2 + size + 2);
        if (size < bytes_left_) {
            bytes_left_ -= size;
            continue;
        }
        bytes_left_ = 0;
        ended_ = true;
        return;
    }
}

std::optional<std::string> EventStream::line(int milliseconds) {
    while (!body_.contains('\n')) {
        if (ended_ || !fill(milliseconds)) return std::nullopt;
        take_chunks();
    }
    const auto end = body_.find('\n');
    auto text = body_.substr(0, end);
    body_.erase(0, end + 1);
    return text;
}

std::optional<SentEvent> EventStream::next(int milliseconds) {
    while (const auto text = line(milliseconds)) {
        if (text->empty()) {
            last_id_ = id_;
            SentEvent event{std::exchange(type_, {}), std::exchange(data_, {}), last_id_};
            if (!event.data.empty()) return event;
            continue;
        }
        const auto colon = text->find(": ");
        if (colon == std::string::npos || colon == 0) continue;
        const auto field = text->substr(0, colon);
        const auto value = text->substr(colon + 2);
        if (field == "event") type_ = value;
        if (field == "data") data_ += value;
        if (field == "id") id_ = value;
    }
    return std::nullopt;
}

std::optional<SentEvent> EventStream::next_fact(int milliseconds) {
    while (auto event = next(milliseconds)) {
        if (event->type != "caught-up") return event;
    }
    return std::nullopt;
}

}  // namespace support
