#include "domain/location.hpp"

#include "domain/metric.hpp"

namespace domain::location {
namespace {

std::vector<Fault> faults_of(const Profile& profile) {
    std::vector<Fault> faults;
    if (!metric::is_key(profile.key))
        faults.push_back({"#/key", "format", "Use a lower-case word such as main."});
    if (profile.name.find_first_not_of(" \t\r\n\v\f") == std::string::npos)
        faults.push_back({"#/name", "required", "Give a name that is not blank."});
    if (profile.name.size() > name_bytes_max)
        faults.push_back({"#/name", "too-long", "Use at most 200 bytes of UTF-8."});
    if (profile.time_zone && !is_time_zone(*profile.time_zone))
        faults.push_back({"#/time_zone", "format", "Give a name of the IANA time zone database."});
    const int cutoff = profile.day_cutoff_minutes.value_or(0);
    if (cutoff < 0 || cutoff > cutoff_minutes_max)
        faults.push_back({"#/day_cutoff_minutes", "range", "Use 0 to 720 minutes."});
    return faults;
}

Decision<Event> put(const State& state, const Put& c) {
    if (auto faults = faults_of(c.profile); !faults.empty())
        return std::unexpected(Refusal{invalid_location, {}, std::move(faults)});
    if (!state.exists || state.closed) return std::vector<Event>{Opened{c.location, c.profile}};
    if (state.profile == c.profile) return {};
    return std::vector<Event>{Changed{c.location, c.profile}};
}

Decision<Event> close(const State& state, const Close& c) {
    if (!state.exists) return refuse(unknown);
    if (state.closed) return {};
    return std::vector<Event>{Closed{state.location, c.today}};
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    return std::visit(Match{
                          [&](const Put& c) { return put(state, c); },
                          [&](const Close& c) { return close(state, c); },
                      },
                      command);
}

State evolve(State state, const Event& event) {
    std::visit(Match{
                   [&](const Opened& e) { state = {true, false, e.location, e.profile}; },
                   [&](const Changed& e) { state.profile = e.profile; },
                   [&](const Closed&) { state.closed = true; },
               },
               event);
    return state;
}

}  // namespace domain::location
