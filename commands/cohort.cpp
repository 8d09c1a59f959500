#include "domain/cohort.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"

namespace commands::cohort {

using namespace domain::cohort;

domain::Result<Proposal> put(events::Store& store, events::Keys& keys, const Request& request) {
    const auto tenant = request.who.tenant;
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    const auto share = body.maybe_boolean("share");
    if (!share && !body.present("share")) body.fault("share", "required", "is missing");
    auto naics = body.maybe_text("naics");
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    if (!*share) return propose<Cohort>(store, keys, request, tenant.value, StopSharing{tenant});
    const auto known =
        load<domain::tenant::Tenant>(store, nullptr, request.who.tenant, tenant.value);
    if (!known) return std::unexpected(known.error());
    const auto& profile = known->state.profile;
    return propose<Cohort>(store, keys, request, tenant.value,
                           Share{tenant, {naics.value_or(profile.industry), profile.country}});
}

}  // namespace commands::cohort
