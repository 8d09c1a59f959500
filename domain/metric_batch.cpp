#include "domain/metric_batch.hpp"

#include <algorithm>

namespace domain::metric_batch {
namespace {

/// Nothing of it is stored, so the refusal is the only place that tells every row.
Refusal nothing_taken(const std::vector<Reject>& rejects) {
    Refusal refusal{nothing_good};
    for (const auto& reject : rejects)
        refusal.faults.push_back({"#/" + std::to_string(reject.line), reject.code, reject.detail});
    return refusal;
}

Decision<Event> ingest(const State& state, const Ingest& c) {
    if (state.exists) return {};
    std::vector<Event> facts;
    for (const auto& part : c.parts) {
        if (!part.points.empty()) facts.emplace_back(part);
    }
    const bool keeps_rejects = c.in_parts && !c.rejects.empty();
    if (facts.empty() && !keeps_rejects) return std::unexpected(nothing_taken(c.rejects));
    if (!c.rejects.empty())
        facts.emplace_back(
            RowsRejected{c.batch, static_cast<int>(c.rejects.size()), c.rejects, c.source});
    return facts;
}

Decision<Event> revert(const State& state, const Revert& c) {
    if (!state.exists) return refuse(unknown);
    if (c.reason.size() > reason_bytes_max)
        return std::unexpected(Refusal{
            invalid_reason, {}, {{"#/reason", "too-long", "Use at most 500 bytes of UTF-8."}}});
    if (state.reverted) return {};
    return std::vector<Event>{Reverted{state.batch, c.reason}};
}

Taken taken_of(const Ingested& fact) {
    return {fact.source,
            fact.unit,
            static_cast<int>(fact.series.size()),
            static_cast<int>(fact.points.size()),
            fact.received,
            fact.duplicate};
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    return std::visit(Match{
                          [&](const Ingest& c) { return ingest(state, c); },
                          [&](const Revert& c) { return revert(state, c); },
                      },
                      command);
}

State evolve(State state, const Event& event) {
    std::visit(Match{
                   [&](const Ingested& e) {
                       state.exists = true;
                       state.batch = e.batch;
                       state.taken[e.metric] = taken_of(e);
                   },
                   [&](const RowsRejected& e) {
                       state.exists = true;
                       state.batch = e.batch;
                       state.rejected += e.rejected;
                   },
                   [&](const Reverted& e) {
                       state.reverted = true;
                       state.reason = e.reason;
                   },
               },
               event);
    return state;
}

bool is_whole(const Ingested& fact) {
    return std::ranges::all_of(
        fact.points, [&](const Point& point) { return point.series < fact.series.size(); });
}

int settle(std::vector<Point>& points) {
    const auto place = [](const Point& point) { return std::pair{point.series, point.at}; };
    if (!std::ranges::is_sorted(points, {}, place)) std::ranges::stable_sort(points, {}, place);
    // Of equal places the last that came stays: unique() keeps the first, so it goes backwards.
    const auto dropped = std::ranges::unique(points.rbegin(), points.rend(), {}, place);
    const auto count = std::ranges::size(dropped);
    points.erase(points.begin(), points.begin() + static_cast<std::ptrdiff_t>(count));
    return static_cast<int>(count);
}

}  // namespace domain::metric_batch
