#include "tests/support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace support {

HttpClient::~HttpClient() { close(); }

void HttpClient::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

bool HttpClient::connect() {
    if (socket_ >= 0) return true;
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return true;
    close();
    return false;
}

Response HttpClient::send(const std::string& method, const std::string& target,
                          const Headers& headers, const std::string& body) {
    std::string request = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
    if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH")
        request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    request += "\r\n" + body;
    if (!connect()) return {};
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
        close();
        return {};
    }
    return receive(method == "HEAD");
}

Response HttpClient::raw(const std::string& bytes) {
    close();
    if (!connect()) return {};
    ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    auto response = receive(false);
    close();
    return response;
}

Response HttpClient::receive(bool head) {
    std::string buffer;
    std::size_t end = std::string::npos;
    Response response;
    std::size_t length = 0;
    char chunk[65536];
    while (true) {
        if (end == std::string::npos) {
            end = buffer.find("\r\n\r\n");
            if (end != std::string::npos) {
                response.status = std::stoi(buffer.substr(9, 3));
                std::size_t at = buffer.find("\r\n") + 2;
                while (at < end + 2) {
                    const auto eol = buffer.find("\r\n", at);
                    const auto colon = buffer.find(':', at);
                    auto name = buffer.substr(at, colon - at);
                    for (auto& c : name) c = static_cast<char>(::tolower(c));
                    response.headers[name] = buffer.substr(colon + 2, eol - colon - 2);
                    at = eol + 2;
                }
                if (!head && response.headers.contains("content-length"))
                    length = std::stoul(response.headers["content-length"]);
            }
        }
        if (end != std::string::npos && buffer.size() >= end + 4 + length) break;
        const auto got = ::recv(socket_, chunk, sizeof chunk, 0);
        if (got <= 0) {
            close();
            return {};
        }
        buffer.append(chunk, static_cast<std::size_t>(got));
    }
    response.body = buffer.substr(end + 4, length);
    if (response.header("connection") == "close") close();
    return response;
}

std::string member(const std::string& json, const std::string& name) {
    const auto key = "\"" + name + "\":";
    auto at = json.find(key);
    if (at == std::string::npos) return {};
    at += key.size();
    while (at < json.size() && json[at] == ' ') ++at;
    if (at < json.size() && json[at] == '"')
        return json.substr(at + 1, json.find('"', at + 1) - at - 1);
    return json.substr(at, json.find_first_of(",}]", at) - at);
}

}  // namespace support
