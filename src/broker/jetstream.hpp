#pragma once
#include "domain/base/decider.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

/// Publishing to a stream of NATS JetStream. The only user of libnats.
namespace broker {

inline constexpr domain::Reason broker_away{domain::Reason::Kind::unavailable, "broker-away",
                                            "The broker cannot be reached"};
inline constexpr domain::Reason broker_refused{domain::Reason::Kind::unavailable, "broker-refused",
                                               "The broker does not take what is published"};

struct Options {
    std::string url;          ///< nats:// or tls://, several parted by commas
    std::string credentials;  ///< a file as nsc makes it; empty: what the URL says
    std::string tls_ca;       ///< PEM; with one of these three the connection is TLS
    std::string tls_certificate, tls_key;
    std::string stream;
    std::string subjects;  ///< what a stream that is made here takes
    int replicas = 1;      ///< of a stream that is made here
    std::chrono::seconds duplicates{120};
    std::chrono::milliseconds ack_wait{5000};
    int in_flight_max = 1000;
};

/// One event on its way. Positions of one span of messages follow each other without a gap.
struct Message {
    std::string subject;
    std::string id;  ///< becomes Nats-Msg-Id
    std::string body;
    int lane{};
    std::int64_t position{};
};

/// What became of a span of messages.
struct Published {
    std::size_t acknowledged{};                ///< from the first on, without a gap
    std::int64_t sequence{};                   ///< the stream's number of the last of those
    std::size_t duplicates{};                  ///< of those, how many the stream held already
    std::optional<domain::Refusal> refusal{};  ///< why the next one was not taken
    bool in_doubt{};  ///< some may still arrive: go on with a new connection only
};

/// A message of ours that the stream holds.
struct Held {
    std::string id;
    int lane{};
    std::int64_t position{};
};

/// One connection; for one thread. It never reconnects: what was on its way when a connection broke
/// could then be overtaken by what came later.
class JetStream {
public:
    /// Makes the stream when there is none, in files; one that exists is left as it is.
    static domain::Result<std::unique_ptr<JetStream>> connect(const Options& options);
    ~JetStream();

    bool is_open() const;
    std::size_t payload_max() const;

    /// Sends all, at most in_flight_max, and waits for their acknowledgements. Each message but the
    /// first names the one before as the stream's last, so a refusal in the middle ends the span:
    /// what is stored is always its beginning, in order.
    Published publish(std::span<const Message> messages);

    /// The stream's number of its newest message, also when that is gone by now; 0: never any.
    domain::Result<std::int64_t> last_sequence();
    /// Empty when there is no such message, or it is not one of ours.
    domain::Result<std::optional<Held>> message_at(std::int64_t sequence);

private:
    struct Body;
    explicit JetStream(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

}  // namespace broker
