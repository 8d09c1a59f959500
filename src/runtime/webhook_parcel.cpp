#include "src/runtime/webhook_parcel.hpp"

#include "events/writer.hpp"
#include "src/security/webhook_signature.hpp"

namespace runtime {

net::Parcel webhook_parcel(const security::Secrets& secrets,
                           const projections::webhooks::Target& to, const std::string& id,
                           domain::Instant at, std::string cloud_event) {
    const auto timestamp = at.micros / domain::second_micros;
    const auto sign = [&](domain::WebhookSecretId name) {
        const auto secret = security::webhook_secret(secrets, to.tenant, to.webhook, name);
        return security::webhook_signature(secret, id, timestamp, cloud_event);
    };
    auto signatures = sign(to.secret);
    if (to.previous_secret) signatures += " " + sign(*to.previous_secret);
    return {to.url,
            {"content-type: application/cloudevents+json", "webhook-id: " + id,
             "webhook-timestamp: " + std::to_string(timestamp), "webhook-signature: " + signatures,
             "expect:"},
            std::move(cloud_event)};
}

std::string test_event(const projections::webhooks::Target& to, const std::string& id,
                       domain::Instant at) {
    const auto webhook = domain::to_text(to.webhook);
    events::Writer out;
    out.open().key("specversion").text("1.0").key("id").text(id);
    out.key("source").text("urn:cairn:tenant:" + domain::to_text(to.tenant));
    out.key("type").text("webhook.test").key("subject").text("webhook-" + webhook);
    out.key("time").text(domain::to_text(at)).key("datacontenttype").text("application/json");
    out.key("data").open().key("webhook").text(webhook).close().close();
    return out.take();
}

}  // namespace runtime
