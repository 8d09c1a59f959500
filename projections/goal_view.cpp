#include "projections/goal_view.hpp"

#include "events/writer.hpp"

namespace projections::goal_board {
namespace {

using namespace domain::goal;
using events::Writer;

void put_health(Writer& out, const State& state, domain::Date day) {
    const bool active = state.lifecycle == Lifecycle::active;
    const auto diagnosis = active ? diagnose(state, day) : Diagnosis{};
    const auto share = progress(state);
    const auto expected = expected_value(state, day);
    out.key("status").text(active ? to_text(diagnosis.health) : to_text(state.lifecycle));
    out.key("lifecycle").text(to_text(state.lifecycle));
    out.key("health");
    if (active) out.text(to_text(diagnosis.health));
    else out.null();
    out.key("health_reasons").open_list();
    for (const auto& reason : diagnosis.reasons) out.text(reason);
    out.close_list().key("progress");
    if (share) out.number(*share);
    else out.null();
    out.key("expected_progress");
    if (active) out.number(diagnosis.expected);
    else out.null();
    out.key("expected_value");
    if (expected) out.text(expected->text());
    else out.null();
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
    Writer out;
    out.open().key("id").text(domain::to_text(state.goal)).key("title").text(state.title);
    put_health(out, state, day);
    out.key("specific").raw(groups.specific).key("measurable").raw(groups.measurable);
    out.key("achievable").raw(groups.achievable).key("relevant").raw(groups.relevant);
    out.key("time_bound").raw(groups.time_bound);
    put_assessment(out, state);
    out.key("action_plan").raw(beside.action_plan).key("check_ins").raw(beside.check_ins);
    out.key("ai_recommendations").open_list().close_list();
    out.key("outcome").raw(groups.outcome).key("version").integer(row.version);
    out.key("created_at").text(domain::to_text(row.created_at));
    out.key("updated_at").text(domain::to_text(row.updated_at)).close();
    return out.take();
}

}  // namespace projections::goal_board
