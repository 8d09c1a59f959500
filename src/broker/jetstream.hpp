#pragma once
#include "domain/base/decider.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

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
    bool overtaken{};  ///< because somebody else has published to the stream meanwhile
    bool in_doubt{};   ///< some may still arrive: go on with a new connection only
};

/// A message of ours that the stream holds.
struct Held {
    std::int64_t sequence{};
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
    /// What the server and the stream take of one message with its headers, in bytes; the stream's
    /// limit is as last_sequence() has found it last.
    std::size_t message_max() const;

    /// Sends all, at most in_flight_max, and waits for their acknowledgements. The first message
    /// names `after` as the stream's last number, where that is given, and each other one the
    /// message before, so a refusal ends the span: what is stored is always its beginning, in
    /// order, and nothing at all behind what the sender does not know of.
    Published publish(std::span<const Message> messages, std::optional<std::int64_t> after);

    /// The stream's number of its newest message, also when that is gone by now; 0: never any.
    domain::Result<std::int64_t> last_sequence();
    /// Our messages with numbers in [from, to], in order and without their bodies.
    domain::Result<std::vector<Held>> held(std::int64_t from, std::int64_t to);

private:
    struct Body;
    explicit JetStream(std::unique_ptr<Body> body);
    std::unique_ptr<Body> body_;
};

}  // namespace broker
