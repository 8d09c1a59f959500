#pragma once
#include "commands/request.hpp"
#include "src/security/secrets.hpp"

#include <memory>

/// Access tokens: JWTs signed with Ed25519 and nothing else.
namespace security {

inline constexpr domain::Reason unauthenticated{
    domain::Reason::Kind::unauthorised, "unauthenticated", "A valid access token is needed"};
inline constexpr domain::Reason token_expired{domain::Reason::Kind::unauthorised, "token-expired",
                                              "The access token has expired"};

struct Claims {
    commands::Who who;
    domain::Instant expires;
};

/// Signs and verifies. Thread-safe. Verified tokens are remembered until they expire, because a
/// signature costs more to check than the rest of a request.
class Tokens {
public:
    explicit Tokens(const Key& signing_seed);
    ~Tokens();

    std::string issue(const commands::Who& who, domain::Instant now, int seconds) const;
    /// Every wrong token gets the same refusal, except one that was right and has expired.
    domain::Result<Claims> verify(std::string_view token, domain::Instant now);

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace security
