#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// A receiver of webhooks that does what it is told, also what no receiver should do.
namespace support {

/// One request as it came.
struct Received {
    std::string path;
    std::map<std::string, std::string> headers;  ///< names lower-case
    std::string body;
    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string{} : found->second;
    }
};

/// What it does with one request; by default it answers 204.
struct Treatment {
    int status = 204;
    std::string headers{};  ///< lines, each ending in CRLF
    std::string body{};
    int delay_milliseconds{};
    bool hangs_up{};           ///< closes without an answer
    std::size_t body_bytes{};  ///< goes on with so many bytes after the body
};

class Receiver {
public:
    using Treat = std::function<Treatment(const Received&, int count)>;

    /// Listens on a free port of 127.0.0.1. `treat` is asked with how many requests came before.
    explicit Receiver(Treat treat = [](const Received&, int) { return Treatment{}; });
    ~Receiver();

    std::string url(const std::string& path = "/hook") const;
    std::vector<Received> received() const;
    /// Waits for `count` requests, at most ten seconds; what has come then.
    std::vector<Received> wait_for(std::size_t count) const;

private:
    void run();
    void serve(int socket);

    Treat treat_;
    int listener_ = -1;
    unsigned short port_{};
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;
    std::vector<Received> received_;
    std::vector<std::thread> connections_;
    std::thread thread_;
};

}  // namespace support
