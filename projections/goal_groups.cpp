// How a goal's groups are written for people.
#include "events/writer.hpp"
#include "projections/goal_board.hpp"

namespace projections::goal_board {
namespace {

using namespace domain::goal;
using events::Writer;

void put_maybe(Writer& out, std::string_view name, const std::optional<domain::Decimal>& value) {
    out.key(name);
    if (value) out.text(value->text());
    else out.null();
}

void put_maybe(Writer& out, std::string_view name, const std::optional<domain::Date>& value) {
    out.key(name);
    if (value) out.text(domain::to_text(*value));
    else out.null();
}

void put_texts(Writer& out, std::string_view name, const std::vector<std::string>& list) {
    out.key(name).open_list();
    for (const auto& item : list) out.text(item);
    out.close_list();
}

std::string specific_of(const State& state) {
    Writer out;
    out.open().key("description").text(state.specific.description);
    out.key("focus_area").text(state.specific.focus_area);
    out.key("owner").text(domain::to_text(state.owner)).close();
    return out.take();
}

std::string measurable_of(const State& state) {
    if (!state.measure) return "null";
    const auto& measure = *state.measure;
    Writer out;
    out.open().key("metric").text(measure.metric).key("metric_id");
    if (measure.metric_id) out.text(domain::to_text(*measure.metric_id));
    else out.null();
    out.key("direction").text(to_text(measure.direction));
    out.key("baseline").text(measure.baseline.text());
    out.key("target_value").text(measure.target.text());
    out.key("current_value");
    if (state.current) out.text(state.current->value.text());
    else out.null();
    put_maybe(out, "low", measure.low);
    put_maybe(out, "high", measure.high);
    out.key("unit").text(measure.unit).close();
    return out.take();
}

std::string achievable_of(const State& state) {
    Writer out;
    out.open().key("feasibility_score");
    if (state.achievable.feasibility_score) out.integer(*state.achievable.feasibility_score);
    else out.null();
    out.key("reasoning").text(state.achievable.reasoning);
    put_texts(out, "resources_required", state.achievable.resources_required);
    out.close();
    return out.take();
}

std::string relevant_of(const State& state) {
    const auto& relevant = state.relevant;
    Writer out;
    out.open().key("aligned_goals").open_list();
    for (const auto& goal : relevant.aligned_goals) out.text(domain::to_text(goal));
    out.close_list();
    put_texts(out, "aligned_metrics", relevant.aligned_metrics);
    out.key("business_impact").text(relevant.business_impact);
    put_texts(out, "evidence_ids", relevant.evidence_ids);
    out.close();
    return out.take();
}

std::string time_bound_of(const State& state) {
    if (!state.timeframe && state.milestones.empty()) return "null";
    Writer out;
    out.open();
    const auto& frame = state.timeframe;
    put_maybe(out, "start_date", frame ? std::optional{frame->start} : std::nullopt);
    put_maybe(out, "target_date", frame ? std::optional{frame->due} : std::nullopt);
    out.key("cadence");
    if (frame) out.text(to_text(frame->cadence));
    else out.null();
    out.key("path").open_list();
    for (const auto& point : state.path) {
        out.open().key("on").text(domain::to_text(point.on));
        out.key("expected").text(point.expected.text()).close();
    }
    out.close_list().key("milestones").open_list();
    for (const auto& [id, milestone] : state.milestones) {
        out.open().key("id").text(domain::to_text(id)).key("title").text(milestone.title);
        out.key("due").text(domain::to_text(milestone.due));
        put_maybe(out, "target", milestone.target);
        put_maybe(out, "completed_on", milestone.completed_on);
        out.close();
    }
    out.close_list().close();
    return out.take();
}

std::string outcome_of(const State& state, std::string_view learnings) {
    if (!state.conclusion) return "null";
    const auto& conclusion = *state.conclusion;
    Writer out;
    out.open().key("target_achieved").boolean(conclusion.outcome == Outcome::achieved);
    out.key("outcome").text(to_text(conclusion.outcome));
    put_maybe(out, "final_value", conclusion.final_value);
    out.key("completion_rate").number(conclusion.completion_rate);
    out.key("learnings").raw(learnings);
    out.key("on").text(domain::to_text(conclusion.on)).close();
    return out.take();
}

}  // namespace

GroupsJson groups_of(const State& state, std::string_view learnings) {
    return {specific_of(state), measurable_of(state), achievable_of(state),
            relevant_of(state), time_bound_of(state), outcome_of(state, learnings)};
}

}  // namespace projections::goal_board
