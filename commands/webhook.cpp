#include "commands/webhook.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"
#include "domain/webhook_list.hpp"

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

/// The same proposal, with what it does to the tenant's list.
domain::Result<Proposal> listed(events::Store& store, events::Keys& keys, const Request& request,
                                domain::Result<Proposal> proposal,
                                const domain::webhook_list::Command& command) {
    using domain::webhook_list::WebhookList;
    if (!proposal || proposal->append.writes.front().events.empty()) return proposal;
    const auto id = request.who.tenant.value;
    const auto loaded = load<WebhookList>(store, nullptr, request.who.tenant, id);
    if (!loaded) return std::unexpected(loaded.error());
    const auto decision = decide(loaded->state, command);
    if (!decision) return std::unexpected(decision.error());
    auto write = write_for<WebhookList>(keys, request, id, loaded->version, *decision);
    if (!write) return std::unexpected(std::move(write.error()));
    proposal->append.writes.push_back(*std::move(write));
    return proposal;
}

}  // namespace

domain::Result<Proposal> create(events::Store& store, events::Keys& keys, const Request& request) {
    auto given = read(request, true);
    if (!given) return std::unexpected(std::move(given.error()));
    const auto id = request.command.value;
    const Create command{
        {id},
        {*given->url, given->description.value_or(""), given->filter.value_or(Filter{})},
        {id}};
    return listed(store, keys, request, propose_new<Webhook>(keys, request, id, command),
                  domain::webhook_list::Add{{id}});
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
    const auto id = id_in_path<domain::WebhookId>(request, "webhook");
    if (!id) return std::unexpected(id.error());
    return listed(store, keys, request, on_webhook(store, keys, request, Delete{}),
                  domain::webhook_list::Remove{*id});
}

domain::Result<Proposal> disable_for(events::Store& store, events::Keys& keys,
                                     const Request& request, domain::WebhookId webhook, Cause cause,
                                     std::string url) {
    return propose<Webhook>(store, keys, request, webhook.value, Disable{cause, std::move(url)});
}

}  // namespace commands::webhook
