#include "projections/goal_view.hpp"

#include "events/writer.hpp"

namespace projections::goal_board {
namespace {

using namespace domain::goal;
using events::Writer;

void put_health(Writer& out, const State& state, Health health) {
    const bool active = state.lifecycle == Lifecycle::active;
    out.key("status").text(active ? to_text(health) : to_text(state.lifecycle));
    out.key("lifecycle").text(to_text(state.lifecycle)).key("health");
    if (active) out.text(to_text(health));
    else out.null();
}

void put_progress(Writer& out, const State& state, domain::Date day) {
    const auto share = progress(state);
    const bool active = state.lifecycle == Lifecycle::active;
    const auto expected = active ? expected_value(state, day) : std::nullopt;
    out.key("progress");
    if (share) out.number(*share);
    else out.null();
    out.key("expected_progress");
    if (active) out.number(expected_progress(state, day));
    else out.null();
    out.key("expected_value");
    if (expected) out.text(expected->text());
    else out.null();
}

void put_smart(Writer& out, const GroupsJson& groups) {
    out.key("specific").raw(groups.specific).key("measurable").raw(groups.measurable);
    out.key("achievable").raw(groups.achievable).key("relevant").raw(groups.relevant);
    out.key("time_bound").raw(groups.time_bound);
}

void put_times(Writer& out, const Row& row) {
    out.key("version").integer(row.version);
    out.key("created_at").text(domain::to_text(row.created_at));
    out.key("updated_at").text(domain::to_text(row.updated_at));
}

void put_assessment(Writer& out, const State& state) {
    out.key("smart");
    if (!state.assessment) {
        out.null();
        return;
    }
    const auto& given = *state.assessment;
    out.open().key("specific").integer(given.specific).key("measurable").integer(given.measurable);
    out.key("achievable").integer(given.achievable).key("relevant").integer(given.relevant);
    out.key("time_bound").integer(given.time_bound).key("issues").open_list();
    for (const auto& issue : given.issues) out.text(issue);
    out.close_list().close();
}

}  // namespace

std::string goal_json(const Row& row, domain::Date day, const Beside& beside) {
    const auto& state = row.state;
    const auto groups = groups_of(state, beside.learnings);
    const auto diagnosis = diagnose(state, day);
    Writer out;
    out.open().key("id").text(domain::to_text(state.goal)).key("title").text(state.title);
    put_health(out, state, diagnosis.health);
    out.key("health_reasons").open_list();
    if (state.lifecycle == Lifecycle::active) {
        for (const auto& reason : diagnosis.reasons) out.text(reason);
    }
    out.close_list();
    put_progress(out, state, day);
    put_smart(out, groups);
    put_assessment(out, state);
    out.key("action_plan").raw(beside.action_plan).key("check_ins").raw(beside.check_ins);
    out.key("ai_recommendations").open_list().close_list().key("outcome").raw(groups.outcome);
    put_times(out, row);
    return out.close().take();
}

void put_item(Writer& out, const Row& row, domain::Date day) {
    const auto& state = row.state;
    out.open().key("id").text(domain::to_text(state.goal)).key("title").text(state.title);
    put_health(out, state, state.health);
    put_progress(out, state, day);
    put_smart(out, groups_of(state, "null"));
    put_times(out, row);
    out.close();
}

}  // namespace projections::goal_board
