#pragma once
#include "domain/base/decider.hpp"
#include "events/personal.hpp"
#include "events/recorded.hpp"

/// All that the rest of the program sees of stored forms: no JSON, no templates to instantiate.
namespace events {

inline constexpr domain::Reason unreadable{domain::Reason::Kind::defect, "event-unreadable",
                                           "A stored event does not decode"};

/// Where an event is going to stand, and the keys that seal its personal values.
struct Destination {
    Keys& keys;
    domain::TenantId tenant;
    StreamId stream;
    std::int64_t version{};
};

template <class Event>
struct Codec {
    /// Fails only when a key is away.
    domain::Result<Encoded> (*encode)(const Event&, const Destination&);
    /// Reads every schema ever stored. Personal values come back sealed when `keys` is null, and
    /// as their value or Erased when it is not.
    domain::Result<Event> (*decode)(const Recorded&, Keys* keys);
};

/// The stored form of the aggregate whose events are `Event`; defined in events/<aggregate>.cpp.
template <class Event>
const Codec<Event>& codec();

/// One line of the catalogue: every stored form there is.
struct Form {
    std::string_view type;
    int schema{};
    std::vector<std::string_view> fields;
    std::vector<std::string_view> personal;  ///< the members that are sealed
};

}  // namespace events
