// What a goal was at a moment.
#include "projections/goal_board.hpp"
#include "projections/state_form.hpp"
#include "projections/stream_state.hpp"

namespace projections {
namespace {

using events::Writer;

void put_action_items(Writer& out, const domain::goal::State& state) {
    out.key("action_items").open_list();
    for (const auto& [id, item] : state.action_items) {
        out.open().key("id").text(domain::to_text(id)).key("title").text(item.title);
        out.key("status").text(to_text(item.status));
        if (item.assignee) out.key("assignee").text(domain::to_text(*item.assignee));
        if (item.due) out.key("due").text(domain::to_text(*item.due));
        if (item.completed_on) out.key("completed_on").text(domain::to_text(*item.completed_on));
        out.close();
    }
    out.close_list();
}

void put_goal(Writer& out, const domain::goal::State& state) {
    const bool learned = state.conclusion && state.conclusion->learnings;
    const auto groups = goal_board::groups_of(
        state, learned ? "\"" + std::string{sealed_text} + "\"" : std::string{"null"});
    out.key("title").text(state.title).key("owner").text(domain::to_text(state.owner));
    out.key("lifecycle").text(to_text(state.lifecycle)).key("status").text(status_of(state));
    out.key("health").text(to_text(state.health)).key("progress");
    if (const auto share = progress(state)) out.number(*share);
    else out.null();
    out.key("specific").raw(groups.specific).key("measurable").raw(groups.measurable);
    out.key("achievable").raw(groups.achievable).key("relevant").raw(groups.relevant);
    out.key("time_bound").raw(groups.time_bound).key("outcome").raw(groups.outcome);
    put_action_items(out, state);
    out.key("readings").integer(state.readings);
}

}  // namespace

domain::Result<std::string> goal_state(StreamPast past) {
    return folded_text<domain::goal::Goal>("goal", past, &put_goal);
}

std::string state_json(const domain::goal::State& state, std::int64_t version) {
    return state_text("goal", state.goal.value, version, state, &put_goal);
}

}  // namespace projections
