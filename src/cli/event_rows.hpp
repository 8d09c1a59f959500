#pragma once
#include "events/recorded.hpp"
#include "projections/stream_state.hpp"
#include "src/cli/command.hpp"

/// How events and streams are named and shown. Personal values are never opened here.
namespace cli {

using projections::sealed_text;

/// JSON in which every sealed value has become ‹sealed›: the members that `type` declares as
/// personal, and whatever else is an envelope.
std::string without_personal(std::string_view type, std::string_view json);

/// Tables show where and what; the other formats show everything.
Columns event_columns(Format format);
Row event_row(const events::Recorded& event, Format format);

/// JSON as a cell; an empty one where there is none.
Cell json_cell(const std::optional<std::string>& json);

/// `goal-<uuid>`; refuses anything else.
Checked<events::StreamId> stream_from(const std::string& text);

/// Behind which events a reader wants to go on.
struct Place {
    std::map<int, std::int64_t> lanes;
    std::optional<std::int64_t> everywhere;
    std::optional<domain::Instant> time;
};
/// `0:12,1:40`, a position, an instant, or a day.
Checked<Place> place_from(const std::string& text);

/// A condition on log.event e that narrows a search for this id to a day or two of the log: a
/// UUIDv7 holds its own time. Empty for other ids.
std::string near_in_time(const domain::Uuid& id);

}  // namespace cli
