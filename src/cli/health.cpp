#include "src/cli/health.hpp"

#include "src/cli/handlers.hpp"

#include <charconv>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cli {
namespace {

constexpr std::size_t answer_bytes_max = 64 * 1024;

/// A file descriptor that closes.
struct Socket {
    int fd = -1;
    explicit Socket(int opened) : fd{opened} {}
    ~Socket() {
        if (fd >= 0) ::close(fd);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
};

int connected(const runtime::Address& address) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found) !=
        0)
        return -1;
    int fd = -1;
    for (const auto* one = found; one != nullptr && fd < 0; one = one->ai_next) {
        fd = ::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
        if (fd < 0) continue;
        const timeval patience{3, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (::connect(fd, one->ai_addr, one->ai_addrlen) == 0) break;
        ::close(fd);
        fd = -1;
    }
    ::freeaddrinfo(found);
    return fd;
}

std::string exchanged(int fd, const std::string& request) {
    std::string answer;
    if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
        return answer;
    char buffer[4096];
    while (answer.size() < answer_bytes_max) {
        const auto got = ::recv(fd, buffer, sizeof buffer, 0);
        if (got <= 0) break;
        answer.append(buffer, static_cast<std::size_t>(got));
    }
    return answer;
}

}  // namespace

Checked<Probe> probe(const runtime::Config& config, std::string_view path) {
    const auto& listen = config.http.admin_listen;
    const auto away = [&](const std::string& why) {
        return std::unexpected(Failure{server_away, listen + " " + why,
                                       "start it with cairn dev or cairn serve, or give "
                                       "--admin-listen"});
    };
    const auto address = runtime::address_from(listen);
    if (!address) return away("is no address");
    const Socket socket{connected(*address)};
    if (socket.fd < 0) return away("does not answer");
    const auto answer =
        exchanged(socket.fd, "GET " + std::string{path} + " HTTP/1.1\r\nHost: " + listen +
                                 "\r\nConnection: close\r\n\r\n");
    // HTTP/1.1 200 OK
    if (!answer.starts_with("HTTP/1.") || answer.size() < 12) return away("does not speak HTTP");
    Probe found;
    std::from_chars(answer.data() + 9, answer.data() + 12, found.status);
    const auto body = answer.find("\r\n\r\n");
    if (body != std::string::npos) found.body = answer.substr(body + 4);
    while (found.body.ends_with('\n')) found.body.pop_back();
    return found;
}

/// For container health checks, which know 0 and 1 only.
Outcome health(Context& context) {
    auto found = probe(context.config, context.has("live") ? "/livez" : "/readyz");
    if (!found) {
        found.error().exit_code = failed;
        return std::unexpected(std::move(found.error()));
    }
    Record record;
    record.fields.emplace_back("status", std::string{found->status == 200 ? "ok" : "failing"});
    record.fields.emplace_back("http_status", std::int64_t{found->status});
    record.fields.emplace_back("detail", found->body);
    return Answer{std::move(record), found->status == 200 ? ok : failed};
}

}  // namespace cli
