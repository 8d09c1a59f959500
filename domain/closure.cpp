#include "domain/closure.hpp"

#include "domain/metric.hpp"

#include <algorithm>

namespace domain::closure {
namespace {

std::vector<Fault> faults_of(const Closure& what) {
    std::vector<Fault> faults;
    if (!what.location.empty() && !metric::is_key(what.location))
        faults.push_back({"#/location", "format", "Use the key of a location."});
    if (what.to < what.from || what.to - what.from >= days_max)
        faults.push_back({"#/to", "range", "Use a day from the first on, at most 366 days."});
    if (what.reason.size() > reason_bytes_max)
        faults.push_back({"#/reason", "too-long", "Use at most 200 bytes of UTF-8."});
    return faults;
}

Decision<Event> plan(const State& state, const Plan& c) {
    if (state.exists) return {};
    if (auto faults = faults_of(c.what); !faults.empty())
        return std::unexpected(Refusal{invalid_closure, {}, std::move(faults)});
    return std::vector<Event>{Planned{c.closure, c.what}};
}

Decision<Event> cancel(const State& state) {
    if (!state.exists) return refuse(unknown);
    if (state.cancelled) return {};
    return std::vector<Event>{Cancelled{state.closure}};
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    return std::visit(Match{
                          [&](const Plan& c) { return plan(state, c); },
                          [&](const Cancel&) { return cancel(state); },
                      },
                      command);
}

State evolve(State state, const Event& event) {
    std::visit(Match{
                   [&](const Planned& e) { state = {true, false, e.closure, e.what}; },
                   [&](const Cancelled&) { state.cancelled = true; },
               },
               event);
    return state;
}

bool is_closed(std::span<const Closure> closures, std::string_view location, Date from, Date to) {
    const auto closed = [&](Date day) {
        return std::ranges::any_of(closures, [&](const Closure& closure) {
            return (closure.location.empty() || closure.location == location) &&
                   closure.from <= day && day <= closure.to;
        });
    };
    for (Date day = from; day < to; day = day + 1) {
        if (!closed(day)) return false;
    }
    return true;
}

}  // namespace domain::closure
