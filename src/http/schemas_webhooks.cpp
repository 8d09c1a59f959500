// Bodies of webhooks, as JSON Schemas.
#include "src/http/schemas.hpp"

namespace http {
namespace {

constexpr Schema webhook_bodies[]{
    {"WebhookInput",
     R"_({"type":"object","properties":{"url":{"type":"string","maxLength":2048,"descriptio)_"
     R"_(n":"https, port 443 or 8443, a public name; no user, no fragment"},"description":{)_"
     R"_("type":"string","maxLength":500},"filter":{"type":"object","properties":{"types":{)_"
     R"_("type":"array","maxItems":50,"items":{"type":"string","maxLength":100},"descriptio)_"
     R"_(n":"goal.drafted, or goal.* for all of a kind; none: every type"},"streams":{"type)_"
     R"_(":"array","maxItems":50,"items":{"type":"string","maxLength":100},"description":"g)_"
     R"_(oal for all of a category, or goal- and the id of one; none: every stream"}},"addi)_"
     R"_(tionalProperties":false}},"required":["url"],"additionalProperties":false})_"},
    {"WebhookPatch",
     R"_({"type":"object","properties":{"url":{"type":"string","maxLength":2048,"descriptio)_"
     R"_(n":"https, port 443 or 8443, a public name; no user, no fragment"},"description":{)_"
     R"_("type":"string","maxLength":500},"filter":{"type":"object","properties":{"types":{)_"
     R"_("type":"array","maxItems":50,"items":{"type":"string","maxLength":100},"descriptio)_"
     R"_(n":"goal.drafted, or goal.* for all of a kind; none: every type"},"streams":{"type)_"
     R"_(":"array","maxItems":50,"items":{"type":"string","maxLength":100},"description":"g)_"
     R"_(oal for all of a category, or goal- and the id of one; none: every stream"}},"addi)_"
     R"_(tionalProperties":false}},"additionalProperties":false})_"},
    {"Webhook",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"url":{"type)_"
     R"_(":"string"},"description":{"type":"string"},"filter":{"type":"object","properties")_"
     R"_(:{"types":{"type":"array","items":{"type":"string"}},"streams":{"type":"array","it)_"
     R"_(ems":{"type":"string"}}},"required":["types","streams"]},"status":{"type":"string")_"
     R"_(,"enum":["enabled","disabled"]},"disabled_cause":{"type":["string","null"],"descri)_"
     R"_(ption":"asked, gone after an answer of 410, or failing for five days"},"pending":{)_"
     R"_("type":"integer"},"dead":{"type":"integer"},"version":{"type":"integer"},"failing_)_"
     R"_(since":{"type":["string","null"],"format":"date-time"},"created_at":{"type":"strin)_"
     R"_(g","format":"date-time"},"updated_at":{"type":"string","format":"date-time"}},"req)_"
     R"_(uired":["id","url","description","filter","status","pending","dead","version","cre)_"
     R"_(ated_at"]})_"},
    {"WebhookSecret",
     R"_({"type":"object","properties":{"secret":{"type":"string","description":"whsec_ and)_"
     R"_( base64"},"previous":{"type":["object","null"],"properties":{"secret":{"type":"str)_"
     R"_(ing"},"until":{"type":"string","format":"date-time"}}}},"required":["secret","prev)_"
     R"_(ious"]})_"},
    {"WebhookTested",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid"},"delivered":)_"
     R"_({"type":"boolean"},"answer_status":{"type":["integer","null"]},"failure":{"type":[)_"
     R"_("string","null"],"description":"A code such as timeout, when no answer came"},"exc)_"
     R"_(erpt":{"type":"string"},"took_milliseconds":{"type":"integer"}},"required":["id",")_"
     R"_(delivered","answer_status","failure","excerpt","took_milliseconds"]})_"},
    {"WebhookDelivery",
     R"_({"type":"object","properties":{"id":{"type":"string","format":"uuid","description")_"
     R"_(:"Of the event: the webhook-id of every attempt"},"type":{"type":"string"},"positi)_"
     R"_(on":{"type":"string"},"status":{"type":"string","enum":["pending","delivered","dea)_"
     R"_(d"]},"attempts":{"type":"integer"},"answer_status":{"type":["integer","null"]},"fa)_"
     R"_(ilure":{"type":["string","null"]},"excerpt":{"type":["string","null"],"description)_"
     R"_(":"The first 500 bytes of the last answer"},"took_milliseconds":{"type":["integer")_"
     R"_(,"null"]},"queued_at":{"type":"string","format":"date-time"},"attempted_at":{"type)_"
     R"_(":["string","null"],"format":"date-time"},"next_attempt_at":{"type":["string","nul)_"
     R"_(l"],"format":"date-time"}},"required":["id","type","position","status","attempts",)_"
     R"_("queued_at"]})_"},
    {"RedeliveryInput",
     R"_({"type":"object","properties":{"since":{"type":"string","format":"date-time"}},"re)_"
     R"_(quired":["since"],"additionalProperties":false})_"},
};

}  // namespace

std::span<const Schema> webhook_schemas() { return webhook_bodies; }

}  // namespace http
