#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

/// A client for tests: one keep-alive connection, nothing hidden.
namespace support {

struct Response {
    int status{};
    std::map<std::string, std::string> headers;  ///< names lower-case
    std::string body;
    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string{} : found->second;
    }
};

using Headers = std::vector<std::pair<std::string, std::string>>;

class HttpClient {
public:
    explicit HttpClient(unsigned short port) : port_{port} {}
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Status 0 when the connection broke before a whole answer came.
    Response send(const std::string& method, const std::string& target, const Headers& headers,
                  const std::string& body);
    Response raw(const std::string& bytes);

private:
    bool connect();
    void close();
    Response receive(bool head);
    unsigned short port_;
    int socket_ = -1;
};

/// The text after `"name":` in `json`, without quotes; empty when there is none.
std::string member(const std::string& json, const std::string& name);

}  // namespace support
