#pragma once
#include "domain/webhook.hpp"

/// The webhooks of a tenant, so that there are no more than may be, however many are made at once.
namespace domain::webhook_list {

// ---- Facts.
struct Added {
    WebhookId webhook;
    bool operator==(const Added&) const = default;
};
struct Removed {
    WebhookId webhook;
    bool operator==(const Removed&) const = default;
};
using Event = std::variant<Added, Removed>;

struct State {
    std::vector<WebhookId> webhooks;
    bool operator==(const State&) const = default;
};

// ---- Requests.
struct Add {
    WebhookId webhook;
};
struct Remove {
    WebhookId webhook;
};
using Command = std::variant<Add, Remove>;

// ---- Reasons to say no.
inline constexpr Reason too_many{Reason::Kind::conflict, "too-many-webhooks",
                                 "The tenant has as many webhooks as it may"};

inline constexpr std::size_t webhooks_max = 20;

/// What happens if `command` meets `state`. Pure. No events means: already so, nothing new.
Decision<Event> decide(const State& state, const Command& command);
/// The state after `event`. Total.
State evolve(State state, const Event& event);

struct WebhookList {
    using Event = webhook_list::Event;
    using State = webhook_list::State;
    using Command = webhook_list::Command;
    static constexpr std::string_view category = "webhook-list";
};

}  // namespace domain::webhook_list
