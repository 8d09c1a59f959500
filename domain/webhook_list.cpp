#include "domain/webhook_list.hpp"

#include <algorithm>

namespace domain::webhook_list {
namespace {

bool has(const State& state, WebhookId webhook) {
    return std::ranges::contains(state.webhooks, webhook);
}

Decision<Event> add(const State& state, const Add& c) {
    if (has(state, c.webhook)) return {};
    if (state.webhooks.size() >= webhooks_max) return refuse(too_many);
    return std::vector<Event>{Added{c.webhook}};
}

Decision<Event> remove(const State& state, const Remove& c) {
    if (!has(state, c.webhook)) return {};
    return std::vector<Event>{Removed{c.webhook}};
}

}  // namespace

Decision<Event> decide(const State& state, const Command& command) {
    return std::visit(Match{[&](const Add& c) { return add(state, c); },
                            [&](const Remove& c) { return remove(state, c); }},
                      command);
}

State evolve(State state, const Event& event) {
    std::visit(Match{[&](const Added& e) { state.webhooks.push_back(e.webhook); },
                     [&](const Removed& e) { std::erase(state.webhooks, e.webhook); }},
               event);
    return state;
}

}  // namespace domain::webhook_list
