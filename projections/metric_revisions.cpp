// How a definition came to be, from the log: who changed what, and when.
#include "events/document.hpp"
#include "events/store.hpp"
#include "events/writer.hpp"
#include "projections/metric_query.hpp"

#include <charconv>

namespace projections::metric {
namespace {

using Members = std::map<std::string, std::string>;

/// The stored definition, member by member as JSON; empty for an archiving.
Members definition_in(const events::Document& document) {
    Members members;
    const auto definition = document.root().find("definition");
    if (!definition) return members;
    for (const auto name : definition->members())
        members.emplace(name, definition->find(name)->dump());
    return members;
}

std::string or_null(const Members& members, const std::string& name) {
    const auto found = members.find(name);
    return found == members.end() ? "null" : found->second;
}

void put_changes(events::Writer& out, const Members& before, const Members& after) {
    Members names = before;
    names.insert(after.begin(), after.end());
    out.key("changes").open();
    for (const auto& [name, ignored] : names) {
        const auto from = or_null(before, name), to = or_null(after, name);
        if (from == to) continue;
        out.key(name).open().key("from").raw(from).key("to").raw(to).close();
    }
    out.close();
}

void put_revision(events::Writer& out, const events::Recorded& event,
                  const events::Document& document, const Members& before, const Members& after) {
    out.open().key("version").integer(event.version).key("type").text(event.type);
    out.key("changed_at").text(domain::to_text(event.recorded_at));
    out.key("by").open().key("kind").text(to_text(event.actor.kind));
    out.key("id").text(domain::to_text(event.actor.id)).close();
    put_changes(out, before, after);
    const auto from = document.root().find("recompute_from");
    out.key("recompute_from").raw(from ? from->dump() : "null").close();
}

std::int64_t version_from(const std::string& cursor) {
    std::int64_t version = 0;
    std::from_chars(cursor.data(), cursor.data() + cursor.size(), version);
    return version;
}

}  // namespace

domain::Result<Answer> revisions(events::Store& store, const Ask& ask) {
    const auto metric = named_metric(ask.tenant, ask.path.find("metric")->second);
    const auto past = store.read(ask.tenant, {"metric", metric}, 0, events::all_events);
    if (!past) return std::unexpected(past.error());
    if (past->empty()) return domain::refuse(not_found);
    const auto after_version = version_from(ask.cursor);
    Answer answer{.json = {}, .is_page = true};
    events::Writer out;
    out.open_list();
    Members before;
    int count = 0;
    for (const auto& event : *past) {
        const auto document = events::Document::parse_stored(event.data);
        if (!document) return std::unexpected(document.error());
        auto after = definition_in(*document);
        if (after.empty()) after = before;
        if (event.version > after_version) {
            if (count++ == ask.limit) {
                answer.next = std::to_string(event.version - 1);
                break;
            }
            put_revision(out, event, *document, before, after);
        }
        before = std::move(after);
    }
    answer.json = out.close_list().take();
    return answer;
}

}  // namespace projections::metric
