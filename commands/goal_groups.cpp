#include "commands/goal_groups.hpp"

#include "commands/handle.hpp"

namespace commands::goal {

using namespace domain::goal;

domain::goal::Measure read_measure(Body& group) {
    Measure measure;
    measure.metric = group.text("metric");
    measure.metric_id = group.maybe_id<domain::MetricId>("metric_id");
    measure.direction = group.word("direction", &direction_from);
    measure.baseline = group.decimal("baseline");
    measure.target = group.decimal("target_value");
    measure.low = group.maybe_decimal("low");
    measure.high = group.maybe_decimal("high");
    measure.unit = group.text("unit");
    return measure;
}

domain::goal::Timeframe read_timeframe(Body& group) {
    Timeframe timeframe;
    timeframe.start = group.date("start_date");
    timeframe.due = group.date("target_date");
    timeframe.cadence = group.maybe_word("cadence", &cadence_from).value_or(Cadence::weekly);
    return timeframe;
}

Groups read_groups(Body& body) {
    Groups groups;
    groups.title = body.maybe_text("title");
    if (auto group = body.maybe_object("specific")) {
        groups.specific =
            Specific{group->text_or_empty("description"), group->text_or_empty("focus_area")};
        groups.owner = group->maybe_id<domain::UserId>("owner");
        group->done();
    }
    if (auto group = body.maybe_object("measurable")) {
        groups.measure = read_measure(*group);
        group->done();
    }
    if (auto group = body.maybe_object("achievable")) {
        groups.achievable =
            Achievable{group->maybe_integer("feasibility_score"), group->text_or_empty("reasoning"),
                       group->texts("resources_required")};
        group->done();
    }
    if (auto group = body.maybe_object("relevant")) {
        groups.relevant =
            Relevant{group->ids<domain::GoalId>("aligned_goals"), group->texts("aligned_metrics"),
                     group->text_or_empty("business_impact"), group->texts("evidence_ids")};
        group->done();
    }
    if (auto group = body.maybe_object("time_bound")) {
        groups.timeframe = read_timeframe(*group);
        for (auto& item : group->objects("milestones")) {
            groups.milestones.push_back(
                {item.text("title"), item.date("due"), item.maybe_decimal("target")});
            item.done();
        }
        group->done();
    }
    return groups;
}

domain::Result<Proposal> with_milestones(events::Keys& keys, const Request& request,
                                         domain::GoalId goal, const Draft& draft,
                                         const std::vector<MilestoneGiven>& milestones) {
    auto facts = decide(State{}, draft);
    if (!facts) return std::unexpected(std::move(facts.error()));
    State state;
    for (const auto& fact : *facts) state = evolve(std::move(state), fact);
    for (const auto& given : milestones) {
        const AddMilestone add{{request.new_id()}, given.title, given.due, given.target};
        auto more = decide(state, add);
        if (!more) return std::unexpected(std::move(more.error()));
        for (auto& fact : *more) {
            state = evolve(std::move(state), fact);
            facts->push_back(std::move(fact));
        }
    }
    auto write = write_for<Goal>(keys, request, goal.value, 0, *facts);
    if (!write) return std::unexpected(std::move(write.error()));
    Proposal proposal{append_for(request), true};
    proposal.append.status = 201;
    proposal.append.writes.push_back(*std::move(write));
    return proposal;
}

}  // namespace commands::goal
