#pragma once
#include "commands/request.hpp"
#include "src/http/message.hpp"

/// The request headers that steer a command or a read. Parsing only.
namespace http {

inline constexpr domain::Reason invalid_header{domain::Reason::Kind::malformed, "invalid-header",
                                               "A header has a wrong value"};
inline constexpr domain::Reason key_missing{
    domain::Reason::Kind::malformed, "idempotency-key-missing", "A write needs an Idempotency-Key"};
inline constexpr domain::Reason contradictory{domain::Reason::Kind::malformed,
                                              "contradictory-preconditions",
                                              "Two preconditions contradict each other"};

/// The value of Idempotency-Key: 1 to 128 visible ASCII characters, quoted or bare.
domain::Result<std::string> idempotency_key(const Request& request);

/// If-Match, If-None-Match and Expected-Version together.
domain::Result<commands::Expected> expected_version(const Request& request);

struct Preferences {
    bool representation{};                 ///< return=representation
    bool minimal{};                        ///< return=minimal
    std::optional<int> wait_milliseconds;  ///< wait=N, at most 10 seconds
    bool lenient{};                        ///< handling=lenient
};
/// Prefer, of which unknown parts are ignored (RFC 7240).
Preferences preferences(const Request& request);

/// traceparent (W3C) when it is well-formed, otherwise empty.
std::string traceparent(const Request& request);

}  // namespace http
