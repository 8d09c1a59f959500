#pragma once
#include "src/postgres/connect.hpp"
#include "src/security/secrets.hpp"

/// Whether a directory of secrets and a database belong together.
namespace postgres {

inline constexpr domain::Reason secrets_differ{
    domain::Reason::Kind::unavailable, "secrets-differ",
    "The secrets are not those this database was made with"};

/// The first start leaves a keyed digest of every secret; later ones compare. A new epoch of the
/// wrapping key is added; one that differs or is missing is refused by name.
domain::Result<void> check_secrets(const Database& database, const security::Secrets& secrets);

}  // namespace postgres
