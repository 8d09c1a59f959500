#include "domain/tenant.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"
#include "commands/new_user.hpp"

#include <algorithm>

namespace commands::tenant {
namespace {

using namespace domain::tenant;

constexpr int day_cutoff_default_minutes = 240;

Profile read_profile(Body& body) {
    Profile profile;
    profile.name = body.text("name");
    profile.country = body.text("country");
    profile.currency = body.text("currency");
    profile.time_zone = body.text("time_zone");
    profile.industry = body.text_or_empty("industry");
    profile.week_start = body.maybe_integer("week_start").value_or(1);
    profile.day_cutoff_minutes =
        body.maybe_integer("day_cutoff_minutes").value_or(day_cutoff_default_minutes);
    return profile;
}

domain::Result<Proposal> on_member(events::Store& store, events::Keys& keys, const Request& request,
                                   auto make) {
    const auto user = id_in_path<domain::UserId>(request, "user");
    if (!user) return std::unexpected(user.error());
    std::vector<domain::Fault> faults;
    std::optional<Body> body;
    if (request.body) body.emplace(request.body->root(), faults);
    const Command command = make(*user, body);
    if (body) body->done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    return propose<Tenant>(store, keys, request, request.who.tenant.value, command);
}

}  // namespace

domain::Result<Proposal> register_tenant(events::Store& store, events::Keys& keys,
                                         const Request& request) {
    static_cast<void>(store);
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    const Register command{
        request.who.tenant, read_profile(body),
        body.maybe_word("plan_tier", &plan_tier_from).value_or(PlanTier::starter),
        request.who.user};
    std::optional<user::NewUser> owner;
    if (auto group = body.maybe_object("owner")) {
        owner = user::read_new_user(*group, request.who.user, command.profile.time_zone);
        group->done();
    } else if (!body.present("owner")) {
        body.fault("owner", "required", "is missing");
    }
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    auto proposal = propose_new<Tenant>(keys, request, request.who.tenant.value, command);
    if (!proposal) return proposal;
    return user::add_to(*std::move(proposal), keys, request, *owner);
}

domain::Result<Proposal> change_profile(events::Store& store, events::Keys& keys,
                                        const Request& request) {
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    const ChangeProfile command{read_profile(body)};
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    return propose<Tenant>(store, keys, request, request.who.tenant.value, command);
}

domain::Result<Proposal> change_role(events::Store& store, events::Keys& keys,
                                     const Request& request) {
    return on_member(store, keys, request,
                     [](domain::UserId user, std::optional<Body>& body) -> Command {
                         return ChangeRole{user, body ? body->word("role", &role_from) : Role{}};
                     });
}

domain::Result<Proposal> remove_member(events::Store& store, events::Keys& keys,
                                       const Request& request) {
    return on_member(
        store, keys, request,
        [](domain::UserId user, std::optional<Body>&) -> Command { return RemoveMember{user}; });
}

domain::Result<Proposal> change_plan(events::Store& store, events::Keys& keys,
                                     const Request& request) {
    const auto found = request.path.find("plan_tier");
    const auto tier =
        plan_tier_from(found == request.path.end() ? std::string_view{} : found->second);
    if (!tier) return domain::refuse(validation_failed, "a plan is starter, pro or enterprise");
    return propose<Tenant>(store, keys, request, request.who.tenant.value,
                           ChangePlan{*tier, request.now});
}

domain::Result<Proposal> trim_history(events::Store& store, events::Keys& keys,
                                      const Request& request) {
    return propose<Tenant>(store, keys, request, request.who.tenant.value,
                           TrimHistory{request.now});
}

}  // namespace commands::tenant
