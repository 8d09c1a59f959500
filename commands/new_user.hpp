#pragma once
#include "commands/body.hpp"
#include "commands/request.hpp"
#include "domain/user.hpp"

/// A user as entered: alone, or as the first owner of a new tenant.
namespace commands::user {

struct NewUser {
    domain::user::Register request;
    std::string address;  ///< canonical e-mail; only its keyed digest is ever stored
};

NewUser read_new_user(Body& body, domain::UserId user, std::string_view time_zone);

/// The proposal with the user's own stream and the claim on the e-mail address.
domain::Result<Proposal> add_to(Proposal proposal, events::Keys& keys, const Request& request,
                                const NewUser& user);

}  // namespace commands::user
