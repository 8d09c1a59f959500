#pragma once
#include "src/audit/recorder.hpp"
#include "src/http/message.hpp"
#include "src/http/opaque.hpp"
#include "src/http/route.hpp"
#include "src/net/courier.hpp"
#include "src/postgres/appender.hpp"
#include "src/postgres/key_ring.hpp"
#include "src/runtime/feed.hpp"
#include "src/runtime/projector.hpp"
#include "src/runtime/workers.hpp"
#include "src/security/token.hpp"

/// From HTTP requests to commands and queries, and back.
namespace http {

inline constexpr domain::Reason projection_behind{domain::Reason::Kind::unavailable,
                                                  "projection-behind",
                                                  "The read model has not come that far yet"};
inline constexpr domain::Reason not_allowed{domain::Reason::Kind::forbidden, "forbidden",
                                            "Your role may not do this"};
inline constexpr domain::Reason unknown_parameter{
    domain::Reason::Kind::malformed, "unknown-parameter", "There is no such query parameter"};
inline constexpr domain::Reason cursor_invalid{domain::Reason::Kind::malformed, "cursor-invalid",
                                               "The cursor does not belong to this question"};

/// Observes every answer: route template or "-", method, status, microseconds.
using Observe = std::function<void(std::string_view route, std::string_view method, int status,
                                   std::int64_t micros)>;
/// Observes every decided command: its name and accepted, replayed, conflict, refused or error.
using ObserveCommand = std::function<void(std::string_view command, std::string_view outcome)>;

/// What the API works with; everything outlives it.
struct Parts {
    runtime::Workers& workers;
    postgres::Appender& appender;
    runtime::Projector& projector;
    runtime::Feed& feed;
    postgres::KeyRing& keys;
    security::Tokens& tokens;
    const security::Secrets& secrets;
    audit::Recorder& trail;
    net::Courier& courier;
    int token_seconds{};
    Observe observe;
    ObserveCommand observe_command;
    std::size_t body_bytes_max{};  ///< as it comes; compressed ones unpack to more
};

/// Digests a tenant's values under a key that is in no database.
commands::BlindIndex blind_index_of(const security::Secrets& secrets);

/// Events as SSE frames around their CloudEvents JSON, with what they opened; `keys` and `secrets`
/// outlive it.
runtime::Frame frame_of(postgres::KeyRing& keys, const security::Secrets& secrets);

/// Thread-safe; never blocks the calling thread.
class Api {
public:
    explicit Api(Parts parts);
    ~Api();
    void handle(Request request, Respond respond);

private:
    class Body;
    std::shared_ptr<Body> body_;
};

}  // namespace http
