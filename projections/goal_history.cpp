#include "projections/goal_history.hpp"

#include "events/writer.hpp"
#include "projections/event_view.hpp"
#include "projections/goal_view.hpp"
#include "projections/moment.hpp"

namespace projections::goal_board {
namespace {

using namespace domain::goal;

std::string text_json(const std::optional<domain::Personal>& value) {
    if (!value) return "null";
    if (value->erased()) return R"({"erased":true})";
    events::Writer out;
    out.text(value->clear() == nullptr ? std::string_view{} : *value->clear());
    return out.take();
}

void put_check_in(events::Writer& out, const events::Recorded& event, const CheckedIn& fact) {
    out.open().key("id").text(domain::to_text(fact.check_in));
    out.key("as_of").text(domain::to_text(fact.as_of)).key("value");
    if (fact.value) out.text(fact.value->text());
    else out.null();
    out.key("confidence");
    if (fact.confidence) out.integer(*fact.confidence);
    else out.null();
    out.key("notes").raw(text_json(fact.notes)).key("blockers").raw(text_json(fact.blockers));
    out.key("next_step").raw(text_json(fact.next_step));
    out.key("source").text(to_text(fact.source)).key("by").text(domain::to_text(event.actor.id));
    out.key("recorded_at").text(domain::to_text(event.recorded_at)).close();
}

std::string action_plan_of(const State& state) {
    events::Writer out;
    out.open_list();
    for (const auto& [id, item] : state.action_items) {
        out.open().key("id").text(domain::to_text(id)).key("title").text(item.title);
        out.key("assignee");
        if (item.assignee) out.text(domain::to_text(*item.assignee));
        else out.null();
        out.key("due");
        if (item.due) out.text(domain::to_text(*item.due));
        else out.null();
        out.key("status").text(to_text(item.status)).key("completed_on");
        if (item.completed_on) out.text(domain::to_text(*item.completed_on));
        else out.null();
        out.close();
    }
    out.close_list();
    return out.take();
}

}  // namespace

domain::Result<Answer> history(events::Store& store, const Ask& ask) {
    const auto goal = id_in_path(ask, "goal");
    if (!goal) return std::unexpected(goal.error());
    const auto after = ask.cursor.empty() ? 0 : number_from(ask.cursor).value_or(0);
    auto past = store.read(ask.tenant, {"goal", *goal}, after, ask.limit + 1);
    if (!past) return std::unexpected(std::move(past.error()));
    if (past->empty() && after == 0) return domain::refuse(not_found);
    Answer answer{.json = "[", .is_page = true};
    int count = 0;
    for (const auto& event : *past) {
        if (count == ask.limit) {
            answer.next = std::to_string(event.version - 1);
            break;
        }
        auto json = event_json(ask.keys, event);
        if (!json) return std::unexpected(std::move(json.error()));
        if (count++ > 0) answer.json += ',';
        answer.json += *json;
    }
    answer.json += ']';
    return answer;
}

domain::Result<Answer> as_of(events::Store& store, const Ask& ask) {
    const auto goal = id_in_path(ask, "goal");
    if (!goal) return std::unexpected(goal.error());
    const auto moment = moment_from(ask.filters.at("as_of").front());
    if (!moment)
        return std::unexpected(
            wrong_parameter("as_of", "must be a version, a @position or an RFC 3339 instant"));
    auto past = store.read(ask.tenant, {"goal", *goal}, 0, events::all_events);
    if (!past) return std::unexpected(std::move(past.error()));
    Row row;
    events::Writer check_ins;
    check_ins.open_list();
    for (const auto& event : *past) {
        if (!moment->includes(event)) break;
        auto fact = events::codec<Event>().decode(event, &ask.keys);
        if (!fact) return std::unexpected(std::move(fact.error()));
        if (const auto* check_in = std::get_if<CheckedIn>(&*fact))
            put_check_in(check_ins, event, *check_in);
        if (row.version == 0) row.created_at = event.recorded_at;
        row.state = evolve(std::move(row.state), *fact);
        row.version = event.version;
        row.updated_at = event.recorded_at;
    }
    if (row.version == 0) return domain::refuse(not_found);
    check_ins.close_list();
    Beside beside{check_ins.take(), action_plan_of(row.state), "null"};
    if (row.state.conclusion) beside.learnings = text_json(row.state.conclusion->learnings);
    // The day people mean by a moment in the past is that of the last event it includes.
    const auto day = ask.day_of(moment->instant.value_or(row.updated_at));
    return Answer{goal_json(row, day, beside), row.version, {}, false};
}

}  // namespace projections::goal_board
