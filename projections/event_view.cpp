#include "projections/event_view.hpp"

#include "domain/webhook.hpp"
#include "events/catalog.hpp"
#include "events/document.hpp"
#include "events/writer.hpp"

namespace projections {
namespace {

using events::Writer;

constexpr std::string_view sealed = R"({"sealed":true})";

/// Without keys, values stay sealed. A value that no longer opens at its place is shown as such:
/// one damaged value must not stop a feed.
domain::Result<void> put_personal(Writer& out, events::Keys* keys, const events::Place& place,
                                  std::string_view envelope) {
    if (envelope.empty()) {
        out.null();
        return {};
    }
    if (keys == nullptr) {
        out.raw(sealed);
        return {};
    }
    const auto opened = keys->open(place, domain::Sealed{std::string{envelope}});
    if (!opened && opened.error().why == events::seal_broken) out.raw(R"({"unreadable":true})");
    else if (!opened) return std::unexpected(opened.error());
    else if (opened->erased()) out.raw(R"({"erased":true})");
    else out.text(*opened->clear());
    return {};
}

/// Of a form that this program does not know, nothing sealed is opened.
void put_unknown(Writer& out, events::Node value) {
    const auto text = value.text();
    if (text && events::key_of(*text)) out.raw(sealed);
    else out.raw(value.dump());
}

/// Whoever reads the log is not by that one who may send to its webhooks' receivers: of addresses
/// their origin is shown, to members as to everybody else.
bool holds_address(const events::Recorded& event, std::string_view name) {
    return event.stream.category == "webhook" && name == "definition";
}

void put_definition(Writer& out, events::Node definition) {
    out.open();
    for (const auto name : definition.members()) {
        const auto value = *definition.find(name);
        out.key(name);
        if (name == "url") out.text(domain::webhook::origin_of(value.text().value_or("")));
        else out.raw(value.dump());
    }
    out.close();
}

domain::Result<void> put_data(Writer& out, events::Keys* keys, const events::Recorded& event) {
    const auto form = events::form_of(event.type);
    const auto document = events::Document::parse_stored(event.data);
    if (!document) return domain::refuse(events::unreadable, event.type);
    out.open();
    const auto root = document->root();
    for (const auto name : root.members()) {
        out.key(name);
        const auto value = *root.find(name);
        if (holds_address(event, name)) {
            put_definition(out, value);
        } else if (!form) {
            put_unknown(out, value);
        } else if (std::ranges::find(form->personal, name) == form->personal.end()) {
            out.raw(value.dump());
        } else if (auto put = put_personal(
                       out, keys, {event.tenant, event.stream, event.version, event.type, name},
                       value.text().value_or(""));
                   !put) {
            return put;
        }
    }
    out.close();
    return {};
}

std::string padded(std::int64_t version) {
    constexpr std::size_t digits = 20;
    const auto text = std::to_string(version);
    return std::string(digits - text.size(), '0') + text;
}

}  // namespace

domain::Result<std::string> event_json(events::Keys& keys, const events::Recorded& event) {
    Writer out;
    out.open().key("id").text(domain::to_text(event.id)).key("type").text(event.type);
    out.key("schema").integer(event.schema).key("stream").text(to_text(event.stream));
    out.key("version").integer(event.version);
    out.key("position").text(std::to_string(event.position));
    out.key("occurred_at").text(domain::to_text(event.occurred_at));
    out.key("recorded_at").text(domain::to_text(event.recorded_at));
    out.key("actor").open().key("kind").text(to_text(event.actor.kind));
    out.key("id").text(domain::to_text(event.actor.id)).close();
    out.key("correlation_id").text(domain::to_text(event.correlation));
    out.key("causation_id").text(domain::to_text(event.causation));
    out.key("command_id").text(domain::to_text(event.command)).key("data");
    if (auto put = put_data(out, &keys, event); !put)
        return std::unexpected(std::move(put.error()));
    out.close();
    return out.take();
}

namespace {

void put_attributes(Writer& out, const events::Recorded& event) {
    const auto stream = to_text(event.stream);
    out.open().key("specversion").text("1.0").key("id").text(domain::to_text(event.id));
    out.key("source").text("urn:cairn:tenant:" + domain::to_text(event.tenant));
    out.key("type").text(event.type).key("subject").text(stream);
    out.key("time").text(domain::to_text(event.occurred_at));
    out.key("datacontenttype").text("application/json");
    out.key("dataschema")
        .text("urn:cairn:event:" + event.type + ":" + std::to_string(event.schema));
    out.key("position").text(std::to_string(event.position));
    out.key("sequence").text(padded(event.version)).key("streamversion").integer(event.version);
    out.key("partitionkey").text(stream);
    out.key("correlationid").text(domain::to_text(event.correlation));
    out.key("causationid").text(domain::to_text(event.causation));
    out.key("recordedtime").text(domain::to_text(event.recorded_at));
    if (!event.traceparent.empty()) out.key("traceparent").text(event.traceparent);
}

domain::Result<std::string> cloud_event(events::Keys* keys, const events::Recorded& event) {
    Writer out;
    put_attributes(out, event);
    out.key("data");
    if (auto put = put_data(out, keys, event); !put) return std::unexpected(std::move(put.error()));
    out.close();
    return out.take();
}

}  // namespace

domain::Result<std::string> cloud_event_json(events::Keys& keys, const events::Recorded& event) {
    return cloud_event(&keys, event);
}

domain::Result<std::string> cloud_event_withheld(const events::Recorded& event) {
    return cloud_event(nullptr, event);
}

std::string cloud_event_reference(const events::Recorded& event) {
    Writer out;
    put_attributes(out, event);
    out.key("dataref").text("/v1/events?limit=1&after=" + std::to_string(event.position - 1));
    out.close();
    return out.take();
}

}  // namespace projections
