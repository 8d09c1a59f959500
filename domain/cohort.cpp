#include "domain/cohort.hpp"

#include "domain/benchmark.hpp"

namespace domain::cohort {
namespace {

Decision<Event> share(const State& state, const Share& c) {
    if (!benchmark::is_naics(c.group.naics))
        return std::unexpected(Refusal{
            invalid_cohort,
            {},
            {{"#/naics", "format", "Give 2 to 6 digits here or in the tenant's industry."}}});
    if (state.group == c.group) return {};
    return std::vector<Event>{Joined{c.tenant, c.group}};
}

Decision<Event> stop_sharing(const State& state, const StopSharing& c) {
    if (!state.group) return {};
    return std::vector<Event>{Left{c.tenant}};
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    return std::visit(Match{
                          [&](const Share& c) { return share(state, c); },
                          [&](const StopSharing& c) { return stop_sharing(state, c); },
                      },
                      command);
}

State evolve(State state, const Event& event) {
    std::visit(Match{
                   [&](const Joined& e) { state.group = e.group; },
                   [&](const Left&) { state.group.reset(); },
               },
               event);
    return state;
}

}  // namespace domain::cohort
