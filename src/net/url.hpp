#pragma once
#include "domain/base/decider.hpp"
#include "src/net/address.hpp"

namespace net {

/// The address in the form in which requests are made to it, by the same parser that makes them, or
/// url-not-allowed with the reason: https on port 443 or 8443, a name and no address, no user, no
/// fragment. Where networks are allowed also http, other ports, and addresses of theirs; whether a
/// name leads there is seen when the connection is made.
domain::Result<std::string> vet_url(const Rules& rules, std::string_view url);

}  // namespace net
