#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// A NATS server with JetStream of our own, on loopback, and what its streams hold.
namespace support {

/// A message as a stream holds it.
struct Relayed {
    std::int64_t sequence{};
    std::string subject, id, body;
    int lane{};
    std::int64_t position{};
};

class Broker {
public:
    /// Keeps its streams below `directory`.
    explicit Broker(std::filesystem::path directory);
    ~Broker();
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }
    const std::filesystem::path& store() const { return store_; }
    /// Returns when it takes connections.
    void start();
    void stop(int signal);  ///< SIGTERM or SIGKILL; returns when it is gone
    /// Makes `stream`, or changes it, so that it takes messages on these subjects and up to so many
    /// bytes; -1: any.
    void change_stream(const std::string& stream, int bytes,
                       const char* subjects = "cairn.>") const;
    /// Returns when the stream has it.
    void publish(const std::string& subject, const std::string& body) const;
    /// Everything in `stream`, in its order.
    std::vector<Relayed> messages(const std::string& stream) const;

private:
    std::filesystem::path store_;
    unsigned short port_{};
    int pid_ = -1;
};

}  // namespace support
