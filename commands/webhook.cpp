#include "commands/webhook.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"

namespace commands::webhook {
namespace {

using namespace domain::webhook;

std::optional<Filter> maybe_filter(Body& body) {
    auto object = body.maybe_object("filter");
    if (!object) return std::nullopt;
    Filter filter{object->texts("types"), object->texts("streams")};
    object->done();
    return filter;
}

Change change_in(Body& body, bool needs_url) {
    auto url = needs_url ? std::optional{body.text("url")} : body.maybe_text("url");
    return {std::move(url), body.maybe_text("description"), maybe_filter(body)};
}

/// What the body says, its address as the outbound side has vetted and normalised it.
domain::Result<Change> read(const Request& request, bool needs_url) {
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    auto change = change_in(body, needs_url);
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    if (!change.url) return change;
    auto vetted = request.vet_url(*change.url);
    if (!vetted) return std::unexpected(std::move(vetted.error()));
    change.url = *std::move(vetted);
    return change;
}

domain::Result<Proposal> on_webhook(events::Store& store, events::Keys& keys,
                                    const Request& request, const Command& command) {
    const auto id = id_in_path<domain::WebhookId>(request, "webhook");
    if (!id) return std::unexpected(id.error());
    return propose<Webhook>(store, keys, request, id->value, command);
}

}  // namespace

domain::Result<Proposal> create(events::Store&, events::Keys& keys, const Request& request) {
    auto given = read(request, true);
    if (!given) return std::unexpected(std::move(given.error()));
    const auto id = request.command.value;
    return propose_new<Webhook>(
        keys, request, id,
        Create{{id},
               {*given->url, given->description.value_or(""), given->filter.value_or(Filter{})},
               {id}});
}

domain::Result<Proposal> change(events::Store& store, events::Keys& keys, const Request& request) {
    auto given = read(request, false);
    if (!given) return std::unexpected(std::move(given.error()));
    return on_webhook(store, keys, request, *std::move(given));
}

domain::Result<Proposal> enable(events::Store& store, events::Keys& keys, const Request& request) {
    return on_webhook(store, keys, request, Enable{});
}

domain::Result<Proposal> disable(events::Store& store, events::Keys& keys, const Request& request) {
    return on_webhook(store, keys, request, Disable{Cause::asked});
}

domain::Result<Proposal> rotate_secret(events::Store& store, events::Keys& keys,
                                       const Request& request) {
    return on_webhook(store, keys, request, RotateSecret{{request.command.value}});
}

domain::Result<Proposal> remove(events::Store& store, events::Keys& keys, const Request& request) {
    return on_webhook(store, keys, request, Delete{});
}

domain::Result<Proposal> disable_for(events::Store& store, events::Keys& keys,
                                     const Request& request, domain::WebhookId webhook,
                                     Cause cause) {
    return propose<Webhook>(store, keys, request, webhook.value, Disable{cause});
}

}  // namespace commands::webhook
