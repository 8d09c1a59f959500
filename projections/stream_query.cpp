#include "projections/stream_query.hpp"

#include "events/writer.hpp"
#include "projections/moment.hpp"
#include "projections/stream_state.hpp"

#include <algorithm>

namespace projections::streams {
namespace {

constexpr std::string_view moments = "must be a version, a @position or an RFC 3339 instant";

/// How many of the events the filter's moment includes; `otherwise` where it is not given.
domain::Result<std::size_t> count_at(const Ask& ask, std::string_view filter,
                                     const std::vector<events::Recorded>& past,
                                     std::size_t otherwise) {
    if (!ask.filters.contains(filter)) return otherwise;
    const auto moment = moment_from(first_filter(ask, filter));
    if (!moment) return std::unexpected(wrong_parameter(filter, moments));
    return static_cast<std::size_t>(
        std::ranges::count_if(past, [&](const auto& event) { return moment->includes(event); }));
}

domain::Result<std::string> state_after(const std::vector<events::Recorded>& past,
                                        std::size_t count) {
    if (count == 0) return "{}";
    return state_json(std::span{past}.first(count));
}

domain::Result<std::vector<events::Recorded>> past_of(events::Store& store, const Ask& ask,
                                                      const events::StreamId& stream) {
    auto past = store.read(ask.tenant, stream, 0, events::all_events);
    if (past && past->empty()) return domain::refuse(not_found);
    return past;
}

}  // namespace

domain::Result<Answer> state(events::Store& store, const Ask& ask) {
    const auto stream = events::stream_from(ask.path.at("stream"));
    if (!stream) return domain::refuse(not_found);
    const auto past = past_of(store, ask, *stream);
    if (!past) return std::unexpected(past.error());
    const auto count = count_at(ask, "as_of", *past, past->size());
    if (!count) return std::unexpected(count.error());
    if (*count == 0) return domain::refuse(not_found);
    auto json = state_after(*past, *count);
    if (!json) return std::unexpected(std::move(json.error()));
    events::Writer out;
    out.open().key("stream").text(events::to_text(*stream));
    out.key("version").integer(static_cast<std::int64_t>(*count));
    out.key("position").text(std::to_string((*past)[*count - 1].position));
    out.key("recorded_at").text(domain::to_text((*past)[*count - 1].recorded_at));
    out.key("state").raw(*json).close();
    return Answer{out.take(), static_cast<std::int64_t>(*count), {}, false};
}

namespace {

domain::Result<Answer> changes_of(events::Store& store, const Ask& ask,
                                  const events::StreamId& stream) {
    const auto past = past_of(store, ask, stream);
    if (!past) return std::unexpected(past.error());
    const auto to = count_at(ask, "to", *past, past->size());
    if (!to) return std::unexpected(to.error());
    const auto from = count_at(ask, "from", *past, *to == 0 ? 0 : *to - 1);
    if (!from) return std::unexpected(from.error());
    const auto before = state_after(*past, *from), after = state_after(*past, *to);
    if (!before) return std::unexpected(before.error());
    if (!after) return std::unexpected(after.error());
    events::Writer out;
    out.open().key("from").integer(static_cast<std::int64_t>(*from));
    out.key("to").integer(static_cast<std::int64_t>(*to)).key("changes");
    out.raw(differences_json(*before, *after)).close();
    return Answer{out.take(), {}, {}, false};
}

}  // namespace

domain::Result<Answer> diff(events::Store& store, const Ask& ask) {
    const auto stream = events::stream_from(ask.path.at("stream"));
    if (!stream) return domain::refuse(not_found);
    return changes_of(store, ask, *stream);
}

domain::Result<Answer> goal_diff(events::Store& store, const Ask& ask) {
    const auto goal = id_in_path(ask, "goal");
    if (!goal) return std::unexpected(goal.error());
    return changes_of(store, ask, {"goal", *goal});
}

}  // namespace projections::streams
