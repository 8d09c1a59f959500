// Webhooks: where a tenant's events are sent, and what came of it.
#include "projections/webhook_query.hpp"
#include "src/http/route_parts.hpp"
#include "src/http/webhooks.hpp"

namespace http {
namespace {

using enum Access;
namespace webhook = commands::webhook;
namespace webhooks = projections::webhooks;

constexpr std::string_view webhook_needs[]{"webhook_board"};
constexpr std::string_view delivery_filters[]{"status", "type"};

const Route webhook_table[]{
    {"GET", "/v1/webhooks", write,
     Read{"webhook.list", webhooks::list, webhook_needs, {}, "Webhook", {}, true},
     "A page of webhooks"},
    {"POST", "/v1/webhooks", manage,
     Command{.name = "webhook.create",
             .handler = webhook::create,
             .schema = "WebhookInput",
             .example = R"({"url":"https://example.com/hooks/cairn","description":"The till",)"
                        R"("filter":{"types":["goal.*"]}})",
             .location = "/v1/webhooks/{id}",
             .resource = "/v1/webhooks/{id}",
             .gives_secret = true},
     "Send the tenant's events from now on to an address, signed as Standard Webhooks says"},
    {"GET", "/v1/webhooks/{webhook}", write,
     Read{"webhook.get", webhooks::one, webhook_needs, {}, "Webhook"}, "One webhook"},
    {"PATCH", "/v1/webhooks/{webhook}", manage,
     Command{"webhook.change",
             webhook::change,
             "WebhookPatch",
             R"({"filter":{"types":["goal.*","metric-batch.ingested"]}})",
             {},
             "/v1/webhooks/{webhook}"},
     "Change where events go and which; a filter is replaced as a whole"},
    {"DELETE", "/v1/webhooks/{webhook}", manage, Command{"webhook.delete", webhook::remove, "", ""},
     "Send nothing more, and forget the deliveries"},
    {"POST", "/v1/webhooks/{webhook}/enable", manage,
     Command{"webhook.enable", webhook::enable, "", "", {}, "/v1/webhooks/{webhook}"},
     "Go on where it was disabled: what happened since is sent too, dead letters only on request"},
    {"POST", "/v1/webhooks/{webhook}/disable", manage,
     Command{"webhook.disable", webhook::disable, "", "", {}, "/v1/webhooks/{webhook}"},
     "Send nothing until it is enabled"},
    {"POST", "/v1/webhooks/{webhook}/rotate-secret", manage,
     Command{.name = "webhook.rotate-secret",
             .handler = webhook::rotate_secret,
             .schema = "",
             .example = "",
             .gives_secret = true},
     "Make a new secret; the one before signs too for 24 hours"},
    {"GET", "/v1/webhooks/{webhook}/secret", manage,
     Talk{.name = "webhook.secret",
          .run = show_webhook_secret,
          .schema = "WebhookSecret",
          .audited = true},
     "The secret that signs, and the one before while it signs too"},
    {"POST", "/v1/webhooks/{webhook}/test", manage,
     Talk{.name = "webhook.test", .run = test_webhook, .schema = "WebhookTested", .audited = true},
     "Send a webhook.test at once and tell what came of it"},
    {"GET", "/v1/webhooks/{webhook}/deliveries", write,
     Read{"webhook.deliveries",
          webhooks::deliveries,
          webhook_needs,
          delivery_filters,
          "WebhookDelivery",
          {},
          true},
     "A page of deliveries, the newest event first: pending, delivered, or dead letters"},
    {"POST", "/v1/webhooks/{webhook}/deliveries/{delivery}/redelivery", manage,
     Talk{.name = "webhook.redeliver", .run = redeliver_one, .schema = "Count", .audited = true},
     "Send an event again, under the same id; one that is pending goes at once"},
    {"POST", "/v1/webhooks/{webhook}/redeliveries", manage,
     Talk{.name = "webhook.redeliver-dead",
          .run = redeliver_since,
          .schema = "Count",
          .body = "RedeliveryInput",
          .example = R"({"since":"2026-01-31T12:00:00Z"})",
          .audited = true},
     "Send dead letters of events queued since then again, at most 10,000 of them"},
};

}  // namespace

std::span<const Route> webhook_routes() { return webhook_table; }

}  // namespace http
