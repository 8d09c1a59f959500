#include "src/cli/event_rows.hpp"

#include "events/catalog.hpp"
#include "events/document.hpp"
#include "events/personal.hpp"
#include "events/writer.hpp"
#include "projections/moment.hpp"

#include <algorithm>

namespace cli {
namespace {

using events::Node;
using events::Writer;

/// Copies a value and closes every envelope in it.
void put(Writer& out, Node node) {
    if (node.is_object()) {
        out.open();
        for (const auto member : node.members()) {
            out.key(member);
            put(out, *node.find(member));
        }
        out.close();
    } else if (node.is_list()) {
        out.open_list();
        for (const auto item : node.items()) put(out, item);
        out.close_list();
    } else if (const auto text = node.text(); text && events::key_of(*text)) {
        out.text(sealed_text);
    } else {
        out.raw(node.dump());
    }
}

std::string hex(const events::Hash& hash) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const auto byte : hash) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

/// `0:12,1:40`; false when it is not of that form.
bool take_lanes(std::string_view text, Place& place) {
    while (!text.empty()) {
        const auto part = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        const auto colon = part.find(':');
        if (colon == std::string_view::npos) return false;
        const auto lane = projections::number_from(part.substr(0, colon));
        const auto position = projections::number_from(part.substr(colon + 1));
        if (!lane || !position || *lane > 1'000) return false;
        place.lanes[static_cast<int>(*lane)] = *position;
    }
    return true;
}

}  // namespace

std::string without_personal(std::string_view type, std::string_view json) {
    const auto document = events::Document::parse_stored(json);
    Writer out;
    if (!document || !document->root().is_object()) {
        out.text("‹unreadable›");
        return out.take();
    }
    const auto form = events::form_of(type);
    const auto root = document->root();
    out.open();
    for (const auto member : root.members()) {
        out.key(member);
        const bool personal =
            form && std::ranges::find(form->personal, member) != form->personal.end();
        if (personal) out.text(sealed_text);
        else put(out, *root.find(member));
    }
    out.close();
    return out.take();
}

Columns event_columns(Format format) {
    if (format == Format::table) return {"recorded_at", "position", "type", "version", "stream"};
    return {"id",          "tenant",    "stream",      "version",     "lane",       "position",
            "type",        "schema",    "recorded_at", "occurred_at", "actor_kind", "actor",
            "correlation", "causation", "command",     "hash",        "data"};
}

Row event_row(const events::Recorded& event, Format format) {
    using domain::to_text;
    if (format == Format::table)
        return {to_text(event.recorded_at),
                std::to_string(event.lane) + ":" + std::to_string(event.position), event.type,
                event.version, to_text(event.stream)};
    return {to_text(event.id),
            to_text(event.tenant),
            to_text(event.stream),
            event.version,
            std::int64_t{event.lane},
            event.position,
            event.type,
            std::int64_t{event.schema},
            to_text(event.recorded_at),
            to_text(event.occurred_at),
            std::string{to_text(event.actor.kind)},
            to_text(event.actor.id),
            to_text(event.correlation),
            to_text(event.causation),
            to_text(event.command),
            hex(event.hash),
            Json{without_personal(event.type, event.data)}};
}

Cell json_cell(const std::optional<std::string>& json) { return json ? Cell{Json{*json}} : Cell{}; }

Checked<events::StreamId> stream_from(const std::string& text) {
    if (auto stream = events::stream_from(text)) return *std::move(stream);
    return std::unexpected(Failure{bad_usage, "'" + text + "' is no stream",
                                   "a stream is category-id, such as "
                                   "goal-01890a5d-ac96-774b-bcce-b302099a8057"});
}

Checked<Place> place_from(const std::string& text) {
    std::string_view rest = text;
    if (rest.starts_with('@')) rest.remove_prefix(1);
    Place place;
    if (const auto position = projections::number_from(rest)) {
        place.everywhere = *position;
    } else if (auto lanes = Place{}; take_lanes(rest, lanes) && !lanes.lanes.empty()) {
        return lanes;
    } else if (const auto instant = domain::instant_from(rest)) {
        place.time = *instant;
    } else if (const auto day = domain::date_from(rest)) {
        place.time = midnight(*day);
    } else {
        return std::unexpected(Failure{bad_usage, "'" + text + "' is no place in the log",
                                       "a place is LANE:POSITION,…, a position, or a time such as "
                                       "2026-01-31T08:00:00Z"});
    }
    return place;
}

std::string near_in_time(const domain::Uuid& id) {
    if ((id.bytes[6] >> 4) != 7) return {};
    std::int64_t milliseconds = 0;
    for (std::size_t i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | id.bytes[i];
    const auto day = std::int64_t{86'400'000};
    const auto at = [](std::int64_t ms) {
        return "'" + domain::to_text(domain::Instant{ms * 1000}) + "'::timestamptz";
    };
    return " and e.recorded_at between " + at(std::max<std::int64_t>(0, milliseconds - day)) +
           " and " + at(milliseconds + day);
}

}  // namespace cli
