#include "domain/location.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"
#include "commands/metric_lookup.hpp"

namespace commands::location {
namespace {

using namespace domain::location;

std::string key_of(const Request& request) {
    const auto found = request.path.find("location");
    return found == request.path.end() ? std::string{} : found->second;
}

}  // namespace

domain::Result<Proposal> put(events::Store& store, events::Keys& keys, const Request& request) {
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    Profile profile{.key = key_of(request),
                    .name = body.text("name"),
                    .time_zone = {},
                    .day_cutoff_minutes = {}};
    profile.time_zone = body.maybe_text("time_zone");
    profile.day_cutoff_minutes = body.maybe_integer("day_cutoff_minutes");
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    const auto id = location_id(request.who.tenant, profile.key);
    return propose<Location>(store, keys, request, id.value, Put{id, profile});
}

domain::Result<Proposal> close(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = location_id(request.who.tenant, key_of(request));
    return propose<Location>(store, keys, request, id.value, Close{request.today});
}

}  // namespace commands::location
