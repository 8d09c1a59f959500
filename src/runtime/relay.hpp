#pragma once
#include "src/broker/jetstream.hpp"
#include "src/postgres/relay.hpp"

#include <cstdint>
#include <memory>

/// Sends every event to a stream of NATS JetStream, in the order of its lane.
namespace runtime {

inline constexpr domain::Reason relay_lost{
    domain::Reason::Kind::unavailable, "relay-stream-lost",
    "The broker's stream no longer holds what it acknowledged, and not where that ended"};

struct RelayOptions {
    broker::Options broker;  ///< without a URL nothing is relayed
    std::chrono::milliseconds look_every{1000};
    std::chrono::milliseconds pause_min{250}, pause_max{8000};  ///< between tries that fail
};

struct RelayStanding {
    bool ours{};                 ///< this process is the one that relays
    bool failing{};              ///< altogether, or with single lanes
    int held_lanes{};            ///< that the broker refuses an event of, while the others go on
    std::int64_t lag_events{};   ///< of all lanes together, as the last look found them
    std::uint64_t published{};   ///< acknowledged since the start
    std::uint64_t duplicates{};  ///< of those, how many the stream held already
};

/// `cairn.{tenant}.{category}.{type…}`, a token for each dot of the type; what NATS gives a meaning
/// to becomes `_`.
std::string relay_subject(const events::Recorded& event);

/// The log is the outbox: positions are gapless, so a lane's cursor is one number, and it moves
/// only when everything before it was acknowledged. What a lost acknowledgement makes this send
/// again, the stream knows by its id; and at each new connection the newest messages of the stream
/// say themselves how far it came, also when it has lost what it had acknowledged. Each span names
/// the stream's last number that is known here, so a process that slept through losing its lock
/// doubles nothing, however long it slept. An event that the broker refuses holds up its lane
/// alone.
class Relay {
public:
    Relay(postgres::Database database, RelayOptions options);
    /// What is on its way is waited for.
    ~Relay();
    /// From any thread; never blocks on the database or the broker.
    void tell();
    RelayStanding standing() const;

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
