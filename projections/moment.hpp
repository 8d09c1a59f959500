#pragma once
#include "events/recorded.hpp"

#include <optional>

namespace projections {

/// A moment in a stream's past: a version (7), a position (@1234) or an RFC 3339 instant.
struct Moment {
    std::optional<std::int64_t> version, position;
    std::optional<domain::Instant> instant;

    bool includes(const events::Recorded& event) const {
        if (version) return event.version <= *version;
        if (position) return event.position <= *position;
        return event.recorded_at <= *instant;
    }
};

/// Empty when it is none of the three.
std::optional<Moment> moment_from(std::string_view text);
/// Decimal digits only, of a number that 63 bits hold.
std::optional<std::int64_t> number_from(std::string_view text);

}  // namespace projections
