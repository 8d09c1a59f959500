#include "projections/goal_changes.hpp"

#include "events/writer.hpp"
#include "projections/goal_past.hpp"
#include "projections/page.hpp"
#include "projections/stream_state.hpp"

namespace projections::goal_board {
namespace {

using domain::goal::Lifecycle;

/// The events of one goal that a moment includes: the first so many.
std::span<const events::Recorded> until(std::span<const events::Recorded> past,
                                        const Moment& moment) {
    const auto end =
        std::ranges::find_if(past, [&](const auto& event) { return !moment.includes(event); });
    return past.first(static_cast<std::size_t>(end - past.begin()));
}

/// Archived goals are not on the list unless one asks for them.
bool listed(const std::optional<Row>& row) {
    return row && row->state.lifecycle != Lifecycle::archived;
}

std::string json_of(const std::optional<Row>& row) {
    return row ? state_json(row->state, row->version) : "";
}

std::optional<Change> change_of(std::span<const events::Recorded> past, const Between& asked) {
    const auto first = until(past, asked.from), last = until(past, asked.to);
    if (first.size() == last.size()) return std::nullopt;
    const auto before = folded_goal(first), after = folded_goal(last);
    Change change;
    change.goal = past.front().stream.id;
    change.what = listed(before) == listed(after) ? "changed" : listed(after) ? "added" : "removed";
    change.title = after ? after->state.title : before ? before->state.title : "";
    change.from_version = before ? before->version : 0;
    change.to_version = after ? after->version : 0;
    change.before = json_of(before);
    change.after = json_of(after);
    return change;
}

/// Until the later of both; all of it where they are not of one kind.
PastEvents events_of(domain::TenantId tenant, const Between& asked) {
    PastEvents which{tenant, asked.position_max, std::nullopt, asked.after};
    const auto &from = asked.from, &to = asked.to;
    if (from.position && to.position)
        which.position_max = std::min(which.position_max, std::max(*from.position, *to.position));
    if (from.instant && to.instant) which.recorded_max = std::max(*from.instant, *to.instant);
    return which;
}

void put(events::Writer& out, const Change& change) {
    const auto version = [&](std::string_view name, std::int64_t value) {
        out.key(name);
        if (value == 0) out.null();
        else out.integer(value);
    };
    out.open().key("goal").text(domain::to_text(change.goal)).key("title").text(change.title);
    out.key("change").text(change.what);
    version("from_version", change.from_version);
    version("to_version", change.to_version);
    out.key("changes").raw(differences_json(change.before, change.after)).close();
}

}  // namespace

domain::Result<std::vector<Change>> changes_between(pqxx::transaction_base& tx,
                                                    domain::TenantId tenant, const Between& asked) {
    std::vector<Change> found;
    const auto read =
        each_goal(tx, events_of(tenant, asked), {}, [&](std::span<const events::Recorded> past) {
            if (auto change = change_of(past, asked)) found.push_back(*std::move(change));
            return found.size() < asked.limit;
        });
    if (!read) return std::unexpected(read.error());
    return found;
}

domain::Result<Answer> changes(pqxx::transaction_base& tx, const Ask& ask) {
    const auto from = shared_moment(ask, "from");
    if (!from) return std::unexpected(from.error());
    auto to = domain::Result<Moment>{Moment{{}, INT64_MAX, {}}};
    if (ask.filters.contains("to")) to = shared_moment(ask, "to");
    if (!to) return std::unexpected(to.error());
    const auto cursor = cursor_of(ask);
    const auto limit = static_cast<std::size_t>(ask.limit);
    Between asked{*from, *to, last_position(tx, ask.tenant), {}, limit + 1};
    if (cursor) {
        asked.position_max = number_from(cursor->first).value_or(0);
        asked.after = domain::uuid_from(cursor->second).value_or(domain::Uuid{});
    }
    auto found = changes_between(tx, ask.tenant, asked);
    if (!found) return std::unexpected(std::move(found.error()));
    Answer answer{.is_page = true};
    if (found->size() > limit) {
        found->pop_back();
        answer.next =
            std::to_string(asked.position_max) + "|" + domain::to_text(found->back().goal);
    }
    events::Writer out;
    out.open_list();
    for (const auto& change : *found) put(out, change);
    answer.json = out.close_list().take();
    return answer;
}

}  // namespace projections::goal_board
