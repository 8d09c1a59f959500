#pragma once
#include "domain/base/decimal.hpp"
#include "events/codec.hpp"
#include "events/writer.hpp"

#include <optional>
#include <span>

/// How a stream's folded state is written. Every context says it of its own in
/// projections/<context>_state.cpp; the table of them is in stream_state.cpp.
namespace projections {

/// One stream's events from the first.
using StreamPast = std::span<const events::Recorded>;

template <class State>
using PutMembers = void (*)(events::Writer&, const State&);

/// A JSON object that names what has the state, its version, and then the state's own members.
template <class State>
std::string state_text(std::string_view what, const domain::Uuid& id, std::int64_t version,
                       const State& state, PutMembers<State> put_members) {
    events::Writer out;
    out.open().key(what).text(domain::to_text(id)).key("version").integer(version);
    put_members(out, state);
    return out.close().take();
}

/// The state after `past`, which holds at least one event. Personal values stay sealed.
template <class Aggregate>
domain::Result<std::string> folded_text(std::string_view what, StreamPast past,
                                        PutMembers<typename Aggregate::State> put_members) {
    typename Aggregate::State state;
    for (const auto& recorded : past) {
        auto event = events::codec<typename Aggregate::Event>().decode(recorded, nullptr);
        if (!event) return std::unexpected(std::move(event.error()));
        state = evolve(std::move(state), *event);
    }
    const auto& last = past.back();
    return state_text(what, last.stream.id, last.version, state, put_members);
}

domain::Result<std::string> alert_rule_state(StreamPast past);
domain::Result<std::string> anomaly_state(StreamPast past);
domain::Result<std::string> benchmark_state(StreamPast past);
domain::Result<std::string> closure_state(StreamPast past);
domain::Result<std::string> cohort_state(StreamPast past);
domain::Result<std::string> goal_state(StreamPast past);
domain::Result<std::string> location_state(StreamPast past);
domain::Result<std::string> metric_state(StreamPast past);
domain::Result<std::string> metric_batch_state(StreamPast past);
domain::Result<std::string> tenant_state(StreamPast past);
domain::Result<std::string> user_state(StreamPast past);
domain::Result<std::string> webhook_state(StreamPast past);
domain::Result<std::string> webhook_list_state(StreamPast past);

// ---- Members of any state. What is not there is null.

inline void put_or_null(events::Writer& out, std::string_view name, std::string_view text) {
    out.key(name);
    if (text.empty()) out.null();
    else out.text(text);
}
inline void put_or_null(events::Writer& out, std::string_view name,
                        const std::optional<domain::Decimal>& value) {
    put_or_null(out, name, value ? value->text() : std::string{});
}
inline void put_or_null(events::Writer& out, std::string_view name,
                        const std::optional<domain::Date>& day) {
    put_or_null(out, name, day ? domain::to_text(*day) : std::string{});
}
inline void put_list(events::Writer& out, std::string_view name,
                     const std::vector<std::string>& texts) {
    out.key(name).open_list();
    for (const auto& text : texts) out.text(text);
    out.close_list();
}

}  // namespace projections
