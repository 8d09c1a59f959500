#pragma once
#include "events/recorded.hpp"
#include "src/postgres/connect.hpp"

#include <map>
#include <memory>
#include <optional>
#include <span>

namespace pqxx {
class transaction_base;
}

/// The books of the relay to a broker: how far its stream has acknowledged each lane.
namespace postgres {

struct RelayLane {
    int lane{};
    std::int64_t head{};
    std::int64_t position{};  ///< 0 where nothing was ever relayed
    /// The broker's number of the message at position: 0 where nothing was ever relayed, empty
    /// after an operator has set the cursor.
    std::optional<std::int64_t> sequence;

    std::int64_t behind() const { return head - position; }
};
/// Every lane, in order.
std::vector<RelayLane> relay_lanes(pqxx::transaction_base& tx, const std::string& stream);

/// Sets cursors by hand; what the relay that works has in hand does not move them back.
void set_relay(pqxx::transaction_base& tx, const std::string& stream,
               const std::map<int, std::int64_t>& positions);

/// Whether any process holds the lock of `stream`'s relay.
bool is_relayed(pqxx::transaction_base& tx, const std::string& stream);

/// What the relay says of itself. `state` is running, failing or halted.
struct RelaySaying {
    std::string state, code, detail;
    bool operator==(const RelaySaying&) const = default;
};

/// For one thread. After a refusal it connects anew.
class RelayBook {
public:
    RelayBook(Database database, std::string stream);
    ~RelayBook();

    /// Of all processes that relay to this stream, one does: who holds the lock of this connection.
    domain::Result<bool> is_ours();
    domain::Result<std::vector<RelayLane>> lanes();
    /// At most `limit` events behind `after`, fewer when they are long, none left out.
    domain::Result<std::vector<events::Recorded>> read(int lane, std::int64_t after, int limit);
    using Place = std::pair<int, std::int64_t>;  ///< lane and position
    /// Of those places where there is an event.
    domain::Result<std::map<Place, domain::EventId>> events_at(std::span<const Place> places);
    /// From one place to another; false when the cursor is no longer there.
    domain::Result<bool> move(const RelayLane& from, std::int64_t position, std::int64_t sequence);
    domain::Result<void> say(const RelaySaying& saying);

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace postgres
