#pragma once
#include "src/net/address.hpp"

#include <cstdint>
#include <functional>
#include <memory>

/// Requests to addresses of others' choosing. The only user of libcurl's transfers.
namespace net {

struct Parcel {
    std::string url;                   ///< as vet_url() gave it
    std::vector<std::string> headers;  ///< `name: value`
    std::string body;
    std::string turn{};  ///< of one such name one at a time; empty: they take no turns
};

/// What came of it.
struct Returned {
    int status{};         ///< of the answer; 0 when none came
    std::string failure;  ///< a code such as `timeout`; empty when an answer came
    std::string excerpt;  ///< of the answer's body: at most 500 bytes, printable ASCII
    std::optional<int> retry_after_seconds;
    std::int64_t micros{};
    bool delivered() const { return failure.empty() && status >= 200 && status < 300; }
};

struct CourierOptions {
    Rules rules;
    int connect_milliseconds = 5'000;
    int total_milliseconds = 15'000;
    std::size_t under_way_max = 128;
    std::size_t each_host_max = 32;  ///< of them, so that one that hangs leaves room for others
};

/// POSTs, many at a time, on one thread. Nothing is followed, no proxy is used, nothing of an
/// answer is kept but its status and an excerpt; certificates are verified. Every address is looked
/// at when the connection to it is made, after the name was resolved. Nothing waits for a resolver
/// that does not answer: its attempt times out, and its thread is left to itself.
class Courier {
public:
    using Done = std::move_only_function<void(Returned)>;
    enum class Taken {
        yes,
        full,    ///< as much is under way as may be, in all or to that host, or it has stopped
        in_turn  ///< another one of the parcel's turn is under way
    };

    explicit Courier(CourierOptions options);
    ~Courier();
    /// What is under way comes back with the failure `stopped`, and no more is taken.
    void stop();

    /// From any thread. `done` comes on the courier's thread and must not block; it never comes for
    /// what was not taken.
    Taken send(Parcel parcel, Done done);
    std::size_t under_way() const;
    const Rules& rules() const;

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace net
