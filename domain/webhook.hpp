#pragma once
#include "domain/base/decider.hpp"
#include "domain/base/ids.hpp"

#include <array>
#include <optional>
#include <variant>

namespace domain {
using WebhookId = Id<struct WebhookTag>;
/// Names one secret of a webhook. The secret itself follows from it and a key that is in no
/// database, so no event ever holds one.
using WebhookSecretId = Id<struct WebhookSecretTag>;
}  // namespace domain

/// An address of somebody else's to which a tenant's events are sent, signed, as they happen.
namespace domain::webhook {

/// Kinds of one list are alternatives, the lists narrow each other; empty ones mean every event.
struct Filter {
    std::vector<std::string> types;    ///< `goal.drafted` or `goal.*`
    std::vector<std::string> streams;  ///< `goal`, or `goal-` and the id of one
    bool operator==(const Filter&) const = default;
};

struct Definition {
    std::string url;  ///< as the one who vets addresses has normalised it
    std::string description;
    Filter filter;
    bool operator==(const Definition&) const = default;
};

/// Why a webhook is sent nothing.
enum class Cause {
    asked,   ///< its people wanted it so
    gone,    ///< its address answered 410
    failing  ///< nothing was delivered for days
};

// ---- Facts.
struct Created {
    WebhookId webhook;
    Definition definition;
    WebhookSecretId secret;
    bool operator==(const Created&) const = default;
};
struct Changed {
    WebhookId webhook;
    Definition definition;
    bool operator==(const Changed&) const = default;
};
struct Enabled {
    WebhookId webhook;
    bool operator==(const Enabled&) const = default;
};
struct Disabled {
    WebhookId webhook;
    Cause cause{};
    bool operator==(const Disabled&) const = default;
};
/// The secret before this one signs too for `overlap_seconds` more.
struct SecretRotated {
    WebhookId webhook;
    WebhookSecretId secret;
    bool operator==(const SecretRotated&) const = default;
};
struct Deleted {
    WebhookId webhook;
    bool operator==(const Deleted&) const = default;
};
using Event = std::variant<Created, Changed, Enabled, Disabled, SecretRotated, Deleted>;

struct State {
    bool exists{};
    bool enabled{};
    WebhookId webhook;
    Definition definition;
    WebhookSecretId secret;
    std::optional<Cause> cause;  ///< of its being disabled
    bool operator==(const State&) const = default;
};

// ---- Requests.
struct Create {
    WebhookId webhook;
    Definition definition;
    WebhookSecretId secret;
};
/// What is not given stays.
struct Change {
    std::optional<std::string> url;
    std::optional<std::string> description;
    std::optional<Filter> filter;
};
struct Enable {};
struct Disable {
    Cause cause{};
    std::optional<std::string> url{};  ///< only while events go there; empty: wherever they go
};
struct RotateSecret {
    WebhookSecretId secret;
};
struct Delete {};
using Command = std::variant<Create, Change, Enable, Disable, RotateSecret, Delete>;

// ---- Reasons to say no.
inline constexpr Reason unknown{Reason::Kind::missing, "not-found", "There is no such thing"};
inline constexpr Reason invalid_webhook{Reason::Kind::invalid, "validation-failed",
                                        "The request is understood and not valid"};
inline constexpr Reason url_not_allowed{Reason::Kind::invalid, "url-not-allowed",
                                        "Webhooks are not sent to such an address"};

inline constexpr std::size_t url_bytes_max = 2048;
inline constexpr std::size_t description_bytes_max = 500;
inline constexpr std::size_t patterns_max = 50;
inline constexpr int overlap_seconds = 86'400;
/// Without one delivery for so long, a webhook is disabled.
inline constexpr int failing_seconds_max = 5 * 86'400;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total.
State evolve(State state, const Event& event);

/// The pause before each attempt after the first, in seconds, as Standard Webhooks proposes it:
/// https://github.com/standard-webhooks/standard-webhooks, "Deliverability and reliability".
inline constexpr std::array<int, 7> pauses_seconds{5, 300, 1800, 7200, 18'000, 36'000, 36'000};
/// A receiver that asks for more time gets at most six hours more.
inline constexpr int asked_pause_seconds_max = 21'600;

/// The pause after the attempt number `attempts` failed, in seconds: up to a tenth more than the
/// schedule's by `jitter` (0 to 1), and no less than `asked`, where the receiver named a time.
/// Empty when it was the last one.
std::optional<double> pause_after(int attempts, std::optional<int> asked, double jitter);

/// What of an address anybody may see: `https://example.com:8443`. Its path and query are at many
/// receivers all that a sender has to know.
std::string origin_of(std::string_view url);

std::string_view to_text(Cause cause);
/// The value whose text is exactly `text`; empty when there is none.
std::optional<Cause> cause_from(std::string_view text);

struct Webhook {
    using Event = webhook::Event;
    using State = webhook::State;
    using Command = webhook::Command;
    static constexpr std::string_view category = "webhook";
};

}  // namespace domain::webhook
