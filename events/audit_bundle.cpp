#include "events/audit_bundle.hpp"

#include "events/document.hpp"
#include "events/writer.hpp"

#include <algorithm>

namespace events {
namespace {

constexpr std::int64_t bundle_version = 1;

std::optional<ActorKind> actor_kind_from(std::string_view text) {
    for (const auto kind :
         {ActorKind::user, ActorKind::system, ActorKind::connector, ActorKind::model}) {
        if (to_text(kind) == text) return kind;
    }
    return std::nullopt;
}

}  // namespace

std::string bundle_line(const BundleHead& head) {
    Writer out;
    out.open().key("kind").text("bundle").key("version").integer(bundle_version);
    out.key("origin").text(head.origin).key("lane").integer(head.lane);
    out.key("size").integer(head.size).key("tenant");
    if (head.tenant) out.text(domain::to_text(*head.tenant));
    else out.null();
    return out.close().take();
}

std::string bundle_note_line(std::string_view kind, std::string_view note) {
    Writer out;
    return out.open().key("kind").text(kind).key("note").text(note).close().take();
}

std::string bundle_gap_line(std::int64_t until, const std::vector<Hash>& subtrees) {
    Writer out;
    out.open().key("kind").text("gap").key("until").integer(until).key("subtrees").open_list();
    for (const auto& hash : subtrees) out.text(to_base64(hash));
    return out.close_list().close().take();
}

std::string bundle_event_line(const Recorded& event, std::int64_t tenant_position,
                              const std::optional<Hash>& digest) {
    using domain::to_text;
    Writer out;
    out.open().key("kind").text("event").key("position").integer(event.position);
    out.key("tenant").text(to_text(event.tenant)).key("tenant_position").integer(tenant_position);
    out.key("category").text(event.stream.category).key("stream").text(to_text(event.stream.id));
    out.key("version").integer(event.version).key("id").text(to_text(event.id));
    out.key("recorded_at_micros").integer(event.recorded_at.micros);
    out.key("occurred_at_micros").integer(event.occurred_at.micros);
    out.key("type").text(event.type).key("schema").integer(event.schema);
    out.key("actor_kind").text(to_text(event.actor.kind));
    out.key("actor").text(to_text(event.actor.id));
    out.key("correlation").text(to_text(event.correlation));
    out.key("causation").text(to_text(event.causation));
    out.key("command").text(to_text(event.command)).key("traceparent").text(event.traceparent);
    out.key("hash").text(to_base64(event.hash));
    if (digest) out.key("data_sha256").text(to_base64(*digest));
    else out.key("data").text(event.data);
    return out.close().take();
}

std::string bundle_end_line(std::int64_t events) {
    Writer out;
    return out.open().key("kind").text("end").key("events").integer(events).close().take();
}

/// One line, whose members are there or make the whole line wrong.
struct BundleAudit::Line {
    Node root;
    mutable bool complete = true;

    std::string text(std::string_view name) const {
        const auto node = root.find(name);
        const auto value = node ? node->text() : std::nullopt;
        complete &= value.has_value();
        return std::string{value.value_or("")};
    }
    std::int64_t number(std::string_view name) const {
        const auto node = root.find(name);
        const auto value = node ? node->integer() : std::nullopt;
        complete &= value.has_value();
        return value.value_or(0);
    }
    domain::Uuid uuid(std::string_view name) const {
        const auto id = domain::uuid_from(text(name));
        complete &= id.has_value();
        return id.value_or(domain::Uuid{});
    }
    Hash hash(std::string_view name) const {
        const auto bytes = hash_from_base64(text(name));
        complete &= bytes.has_value();
        return bytes.value_or(Hash{});
    }
};

BundleAudit::BundleAudit(Trust trust, std::vector<Kept> kept)
    : trust_{std::move(trust)}, kept_{std::move(kept)} {}

LaneAudit::Found BundleAudit::wrong(std::string_view rule, std::string detail) const {
    const auto position = audit_ ? audit_->size() + 1 : 1;
    return Finding{head_.lane, position, position, std::string{rule}, std::move(detail)};
}

LaneAudit::Found BundleAudit::line(std::string_view json) {
    const auto document = Document::parse(json);
    if (!document || !document->root().is_object()) return wrong("bundle-form", "no JSON object");
    const Line line{document->root()};
    const auto kind = line.text("kind");
    if (ended_ || begun_ == (kind == "bundle")) return wrong("bundle-form", "lines are misplaced");
    if (kind == "bundle") return begin(line);
    if (kind == "keys") {
        if (audit_) return wrong("bundle-form", "keys come first");
        key_notes_.push_back(line.text("note"));
        return std::nullopt;
    }
    if (auto found = open_chain()) return found;
    if (kind == "event") return event(line);
    if (kind == "gap") return gap(line);
    if (kind == "checkpoint") {
        checkpointed_ = audit_->size();
        return audit_->checkpoint(line.text("note"));
    }
    if (kind == "end") return close(line);
    return wrong("bundle-form", "no such kind: " + kind);
}

LaneAudit::Found BundleAudit::begin(const Line& line) {
    head_ = {line.text("origin"), static_cast<int>(line.number("lane")), line.number("size"), {}};
    if (const auto tenant = line.root.find("tenant"); tenant && !tenant->is_null())
        head_.tenant = domain::TenantId{line.uuid("tenant")};
    if (!line.complete || line.number("version") != bundle_version)
        return wrong("bundle-form", "not a bundle of version 1");
    begun_ = true;
    return std::nullopt;
}

/// The keys are all there when the first other line comes.
LaneAudit::Found BundleAudit::open_chain() {
    if (audit_) return std::nullopt;
    const auto keys = keys_from(head_.origin, key_notes_);
    if (!keys) return wrong("key-chain", "the chain of keys is broken");
    const auto trusted = trust_(head_);
    bool known = false;
    for (const auto& key : trusted) {
        if (key.name != head_.origin) continue;
        if (!std::ranges::contains(*keys, key.key)) return wrong("key-untrusted", "");
        known = true;
    }
    if (!known) return wrong("key-untrusted", "no key of " + head_.origin);
    std::vector<Kept> kept;
    for (const auto& one : kept_) {
        // What was kept later says nothing about an older bundle.
        if (one.head.origin == head_.origin && one.head.size <= head_.size) kept.push_back(one);
    }
    audit_.emplace(head_.lane, head_.origin, *keys);
    audit_->expect(std::move(kept));
    return std::nullopt;
}

LaneAudit::Found BundleAudit::event(const Line& line) {
    Recorded event;
    event.tenant = {line.uuid("tenant")};
    event.stream = {line.text("category"), line.uuid("stream")};
    event.version = line.number("version");
    event.lane = head_.lane;
    event.position = line.number("position");
    event.id = {line.uuid("id")};
    event.type = line.text("type");
    event.schema = static_cast<int>(line.number("schema"));
    const auto kind = actor_kind_from(line.text("actor_kind"));
    event.actor = {kind.value_or(ActorKind::user), line.uuid("actor")};
    event.correlation = line.uuid("correlation");
    event.causation = line.uuid("causation");
    event.command = {line.uuid("command")};
    event.traceparent = line.text("traceparent");
    event.occurred_at = {line.number("occurred_at_micros")};
    event.recorded_at = {line.number("recorded_at_micros")};
    event.hash = line.hash("hash");
    const auto tenant_position = line.number("tenant_position");
    const auto digest =
        line.root.find("data") ? sha256(line.text("data")) : line.hash("data_sha256");
    if (!line.complete || !kind) return wrong("bundle-form", "an event lacks a member");
    if (head_.tenant && event.tenant != *head_.tenant)
        return wrong("bundle-form", "an event of another tenant");
    if (auto found = audit_->event(event, digest)) return found;
    if (audit_->tenant_last(event.tenant) != tenant_position)
        return audit_->at(event.position, "tenant-position",
                          "it says " + std::to_string(tenant_position));
    ++events_;
    return std::nullopt;
}

LaneAudit::Found BundleAudit::gap(const Line& line) {
    std::vector<Hash> subtrees;
    const auto list = line.root.find("subtrees");
    if (!head_.tenant || !list || !list->is_list())
        return wrong("bundle-form", "a gap that should not be");
    for (const auto item : list->items()) {
        const auto hash = hash_from_base64(item.text().value_or(""));
        if (!hash) return wrong("bundle-form", "a subtree is no hash");
        subtrees.push_back(*hash);
    }
    return audit_->gap(line.number("until"), subtrees);
}

LaneAudit::Found BundleAudit::close(const Line& line) {
    ended_ = true;
    if (line.number("events") != events_)
        return wrong("bundle-end",
                     "it should have " + std::to_string(line.number("events")) + " events");
    if (audit_->size() != head_.size || checkpointed_ != head_.size || audit_->checkpoints() == 0)
        return wrong("bundle-end", "no checkpoint of " + std::to_string(head_.size) + " events");
    return std::nullopt;
}

LaneAudit::Found BundleAudit::end() {
    if (!ended_) return wrong("bundle-end", "it was cut off");
    return std::nullopt;
}

}  // namespace events
