#pragma once
#include "events/personal.hpp"
#include "events/recorded.hpp"

/// Events as people and other programs see them: personal values opened, or {"erased":true}, and of
/// the addresses of webhooks their origin alone.
namespace projections {

/// The event as histories and pages show it.
domain::Result<std::string> event_json(events::Keys& keys, const events::Recorded& event);

/// The event in the JSON format of CloudEvents 1.0. Extensions: position, sequence (the stream's
/// version in 20 digits), streamversion, partitionkey, correlationid, causationid, recordedtime,
/// traceparent.
domain::Result<std::string> cloud_event_json(events::Keys& keys, const events::Recorded& event);
/// The same for those who are no members, and for places where nothing can be erased: each personal
/// value is {"sealed":true}.
domain::Result<std::string> cloud_event_withheld(const events::Recorded& event);
/// That event without its data, which is to be fetched from the address in `dataref` (CloudEvents'
/// extension of that name).
std::string cloud_event_reference(const events::Recorded& event);

}  // namespace projections
