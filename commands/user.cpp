#include "domain/user.hpp"

#include "commands/catalog.hpp"
#include "commands/handle.hpp"
#include "commands/new_user.hpp"

namespace commands::user {
namespace {

using namespace domain::user;

/// Two spellings of one mailbox are one address: ASCII letters are folded to lower case.
std::string canonical(std::string address) {
    for (auto& c : address) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return address;
}

}  // namespace

NewUser read_new_user(Body& body, domain::UserId user, std::string_view time_zone) {
    const domain::SubjectId self{user.value};
    const auto email = body.text("email");
    auto zone = body.maybe_text("time_zone").value_or(std::string{time_zone});
    return {{user, domain::Personal{self, email}, domain::Personal{self, body.text("display_name")},
             body.maybe_text("locale").value_or("en"), std::move(zone)},
            canonical(email)};
}

domain::Result<Proposal> add_to(Proposal proposal, events::Keys& keys, const Request& request,
                                const NewUser& user) {
    auto facts = decide(State{}, user.request);
    if (!facts) return std::unexpected(std::move(facts.error()));
    auto write = write_for<User>(keys, request, user.request.user.value, 0, *facts);
    if (!write) return std::unexpected(std::move(write.error()));
    proposal.append.writes.push_back(*std::move(write));
    proposal.append.claims.push_back(
        {"user.email", request.blind_index(request.who.tenant, user.address)});
    return proposal;
}

domain::Result<Proposal> register_user(events::Store& store, events::Keys& keys,
                                       const Request& request) {
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    const domain::UserId id{request.new_id()};
    const auto user = read_new_user(body, id, "UTC");
    const auto role = body.word("role", &domain::tenant::role_from);
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));

    auto facts = decide(State{}, user.request);
    if (!facts) return std::unexpected(std::move(facts.error()));
    auto write = write_for<User>(keys, request, id.value, 0, *facts);
    if (!write) return std::unexpected(std::move(write.error()));
    auto membership = propose<domain::tenant::Tenant>(
        store, keys, request, request.who.tenant.value, domain::tenant::AddMember{id, role});
    if (!membership) return membership;
    auto& append = membership->append;
    append.writes.insert(append.writes.begin(), *std::move(write));
    append.claims.push_back({"user.email", request.blind_index(request.who.tenant, user.address)});
    append.status = 201;
    membership->created = true;
    return membership;
}

domain::Result<Proposal> change_profile(events::Store& store, events::Keys& keys,
                                        const Request& request) {
    const auto id = id_in_path<domain::UserId>(request, "user");
    if (!id) return std::unexpected(id.error());
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    ChangeProfile command;
    if (auto name = body.maybe_text("display_name"))
        command.display_name = domain::Personal{{id->value}, *std::move(name)};
    command.locale = body.maybe_text("locale");
    command.time_zone = body.maybe_text("time_zone");
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    return propose<User>(store, keys, request, id->value, command);
}

domain::Result<Proposal> deactivate(events::Store& store, events::Keys& keys,
                                    const Request& request) {
    const auto id = id_in_path<domain::UserId>(request, "user");
    if (!id) return std::unexpected(id.error());
    return propose<User>(store, keys, request, id->value, Deactivate{request.today});
}

}  // namespace commands::user
