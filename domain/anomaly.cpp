#include "domain/anomaly.hpp"

namespace domain::anomaly {
namespace {

/// Whether `finding` says more than what is known already.
bool is_news(const State& state, const Finding& finding) {
    if (!state.exists || state.status == Status::withdrawn) return true;
    if (finding.observed != state.finding.observed) return true;
    return state.status == Status::open && finding.severity > state.finding.severity;
}

std::optional<Refusal> fault_of(const Personal& note) {
    if (note.clear() == nullptr || note.clear()->size() <= note_bytes_max) return std::nullopt;
    return Refusal{invalid_note, {}, {{"#/note", "too-long", "Use at most 2000 bytes of UTF-8."}}};
}

Decision<Event> report(const State& state, const Report& c) {
    if (!is_news(state, c.finding)) return {};
    return std::vector<Event>{Detected{c.anomaly, c.finding}};
}

Decision<Event> withdraw(const State& state, const Withdraw& c) {
    if (state.status == Status::withdrawn) return {};
    return std::vector<Event>{Withdrawn{state.anomaly, c.observed}};
}

Decision<Event> explain(const State& state, const Explain& c) {
    if (state.status == Status::withdrawn) return refuse(withdrawn);
    if (c.note.empty())
        return std::unexpected(
            Refusal{invalid_note, {}, {{"#/note", "required", "Say what happened."}}});
    if (auto fault = fault_of(c.note)) return std::unexpected(*std::move(fault));
    return std::vector<Event>{Explained{state.anomaly, c.note}};
}

Decision<Event> dismiss(const State& state, const Dismiss& c) {
    if (state.status == Status::withdrawn) return refuse(withdrawn);
    if (state.status == Status::dismissed && !c.note) return {};
    if (auto fault = c.note ? fault_of(*c.note) : std::nullopt)
        return std::unexpected(*std::move(fault));
    return std::vector<Event>{Dismissed{state.anomaly, c.note}};
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    if (!state.exists && !std::holds_alternative<Report>(command)) return refuse(unknown);
    return std::visit(Match{
                          [&](const Report& c) { return report(state, c); },
                          [&](const Withdraw& c) { return withdraw(state, c); },
                          [&](const Explain& c) { return explain(state, c); },
                          [&](const Dismiss& c) { return dismiss(state, c); },
                      },
                      command);
}

State evolve(State state, const Event& event) {
    std::visit(
        Match{
            [&](const Detected& e) { state = {true, e.anomaly, Status::open, e.finding, {}}; },
            [&](const Withdrawn&) { state.status = Status::withdrawn; },
            [&](const Explained& e) {
                state.status = Status::explained;
                state.note = e.note;
            },
            [&](const Dismissed& e) {
                state.status = Status::dismissed;
                state.note = e.note;
            },
        },
        event);
    return state;
}

}  // namespace domain::anomaly
