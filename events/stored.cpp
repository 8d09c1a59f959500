#include "events/stored.hpp"

#include <limits>

namespace events {

void put(Writer& out, const domain::Personal& value, std::string_view name, Sealer& sealer) {
    const auto* clear = value.clear();
    if (clear == nullptr) {
        const auto* sealed = value.sealed();
        out.text(sealed == nullptr ? "" : sealed->envelope);
        return;
    }
    const Place place{sealer.to.tenant, sealer.to.stream, sealer.to.version, sealer.type, name};
    auto envelope = sealer.to.keys.seal(place, value.subject(), *clear);
    if (!envelope) {
        sealer.failed = std::move(envelope.error());
        envelope = std::string{};
    }
    out.text(*envelope);
}

bool take(Node node, std::string& out, std::string_view, Opener&) {
    const auto text = node.text();
    if (text) out = *text;
    return text.has_value();
}

bool take(Node node, int& out, std::string_view, Opener&) {
    const auto value = node.integer();
    if (!value || *value < std::numeric_limits<int>::min() ||
        *value > std::numeric_limits<int>::max())
        return false;
    out = static_cast<int>(*value);
    return true;
}

bool take(Node node, bool& out, std::string_view, Opener&) {
    const auto value = node.boolean();
    if (value) out = *value;
    return value.has_value();
}

bool take(Node node, double& out, std::string_view, Opener&) {
    const auto value = node.number();
    if (value) out = *value;
    return value.has_value();
}

bool take(Node node, domain::Decimal& out, std::string_view, Opener&) {
    const auto value = node.decimal();
    if (value) out = *value;
    return value.has_value();
}

bool take(Node node, domain::Date& out, std::string_view, Opener&) {
    const auto value = domain::date_from(node.text().value_or(""));
    if (value) out = *value;
    return value.has_value();
}

bool take(Node node, domain::Personal& out, std::string_view name, Opener& opener) {
    const auto envelope = node.text();
    if (!envelope) return false;
    domain::Sealed sealed{std::string{*envelope}};
    if (opener.keys == nullptr) {
        out = domain::Personal{std::move(sealed)};
        return true;
    }
    const auto& event = opener.event;
    const Place place{event.tenant, event.stream, event.version, event.type, name};
    auto opened = opener.keys->open(place, sealed);
    if (!opened) {
        opener.failed = std::move(opened.error());
        return false;
    }
    out = *std::move(opened);
    return true;
}

domain::Refusal unreadable_event(const Recorded& event, std::string_view why) {
    return {unreadable, event.type + " schema " + std::to_string(event.schema) + " at lane " +
                            std::to_string(event.lane) + " position " +
                            std::to_string(event.position) + ": " + std::string{why}};
}

}  // namespace events
