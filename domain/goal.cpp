#include "domain/goal_rules.hpp"

#include <algorithm>

namespace domain::goal {
namespace {

constexpr double achieved_from = 1.0;
constexpr double achieved_share_from = 0.9;
constexpr double partial_from = 0.5;

/// `facts`, and the change of health that they bring about on `today`.
std::vector<Event> with_health(const State& state, std::vector<Event> facts, Date today) {
    State after = state;
    for (const auto& fact : facts) after = evolve(std::move(after), fact);
    if (after.lifecycle != Lifecycle::active) return facts;
    auto found = diagnose(after, today);
    if (found.health == after.health) return facts;
    facts.emplace_back(HealthChanged{after.goal, after.health, found.health,
                                     std::move(found.reasons), today, found.progress,
                                     found.expected});
    return facts;
}

Decision<Event> draft(const State& state, const Draft& c) {
    if (state.exists) return refuse(already_drafted);
    if (auto faults = faults_of(c); !faults.empty())
        return refuse_with(invalid_goal, std::move(faults));
    return std::vector<Event>{Drafted{c.goal, c.title, c.owner, c.specific, c.measure, c.timeframe,
                                      c.achievable, c.relevant}};
}

/// What an update changes besides measure and timeframe.
std::vector<Event> described(const State& state, const Update& c) {
    std::vector<Event> facts;
    const auto& title = c.title ? *c.title : state.title;
    const auto& specific = c.specific ? *c.specific : state.specific;
    if (title != state.title || specific != state.specific)
        facts.emplace_back(Described{state.goal, title, specific});
    if (c.owner && *c.owner != state.owner) facts.emplace_back(OwnerChanged{state.goal, *c.owner});
    if (c.achievable && *c.achievable != state.achievable)
        facts.emplace_back(FeasibilityStated{state.goal, *c.achievable});
    if (c.relevant && *c.relevant != state.relevant)
        facts.emplace_back(RelevanceStated{state.goal, *c.relevant});
    return facts;
}

bool is_missing(const std::optional<Personal>& reason) {
    if (!reason || reason->erased()) return true;
    return reason->clear() != nullptr && is_blank(*reason->clear());
}

Decision<Event> update(const State& state, const Update& c) {
    if (is_closed(state)) return refuse(closed);
    if (auto faults = faults_of(c, state); !faults.empty())
        return refuse_with(invalid_goal, std::move(faults));

    auto facts = described(state, c);
    const bool moves_measure = c.measure && c.measure != state.measure;
    const bool moves_timeframe = c.timeframe && c.timeframe != state.timeframe;
    if (state.lifecycle == Lifecycle::draft) {
        if (moves_measure) facts.emplace_back(MeasureSet{state.goal, *c.measure});
        if (moves_timeframe) facts.emplace_back(TimeframeSet{state.goal, *c.timeframe});
        return facts;
    }
    if (!moves_measure && !moves_timeframe) return facts;
    if (is_missing(c.reason)) return refuse(reason_missing);
    const auto& measure = moves_measure ? c.measure : state.measure;
    const auto& timeframe = moves_timeframe ? c.timeframe : state.timeframe;
    if (!measure || !timeframe) return refuse(not_smart);
    facts.emplace_back(
        Revised{state.goal, *measure, *timeframe, straight_path(*measure, *timeframe), *c.reason});
    return with_health(state, std::move(facts), c.today);
}

Decision<Event> assess_again(const State& state) {
    if (is_closed(state)) return refuse(closed);
    auto found = assess(state);
    if (state.assessment == found) return {};
    return std::vector<Event>{SmartAssessed{state.goal, std::move(found)}};
}

Decision<Event> activate(const State& state, const Activate& c) {
    if (is_closed(state)) return refuse(closed);
    if (state.lifecycle == Lifecycle::active) {
        const bool repeated = c.path.empty() || c.path == state.path;
        return repeated ? Decision<Event>{} : refuse(already_active);
    }
    if (auto lacks = lacks_for_activation(state, c.today); !lacks.empty())
        return refuse_with(not_smart, std::move(lacks));
    if (auto faults = faults_of_path(c.path, *state.measure, *state.timeframe); !faults.empty())
        return refuse_with(invalid_goal, std::move(faults));
    auto path = c.path.empty() ? straight_path(*state.measure, *state.timeframe) : c.path;
    return with_health(state, {Activated{state.goal, c.today, std::move(path)}}, c.today);
}

Decision<Event> check_in(const State& state, const CheckIn& c) {
    if (is_closed(state)) return refuse(closed);
    if (state.lifecycle != Lifecycle::active) return refuse(not_active);
    if (auto faults = faults_of(c, state.timeframe.value_or(Timeframe{})); !faults.empty())
        return refuse_with(invalid_goal, std::move(faults));
    return with_health(state,
                       {CheckedIn{state.goal, c.check_in, c.as_of, c.value, c.confidence, c.notes,
                                  c.blockers, c.next_step, c.source}},
                       c.today);
}

Outcome outcome_of(double rate, bool stays) {
    if (reaches(rate, stays ? achieved_share_from : achieved_from)) return Outcome::achieved;
    return reaches(rate, partial_from) ? Outcome::partial : Outcome::missed;
}

Decision<Event> complete_goal(const State& state, const Complete& c) {
    if (is_closed(state)) return refuse(closed);
    if (state.lifecycle != Lifecycle::active) return refuse(not_active);
    if (auto faults = faults_of(c); !faults.empty())
        return refuse_with(invalid_goal, std::move(faults));

    auto final_value = c.final_value;
    if (!final_value && state.current) final_value = state.current->value;
    const bool stays = state.measure && is_stay(state.measure->direction);
    std::optional<double> rate;
    if (stays) rate = progress(state);
    if (!stays && state.measure && final_value) rate = progress_of(*state.measure, *final_value);
    const auto outcome = c.outcome.value_or(outcome_of(rate.value_or(0), stays));
    return std::vector<Event>{
        Completed{state.goal, outcome, final_value, rate.value_or(0), c.learnings, c.today}};
}

Decision<Event> abandon(const State& state, const Abandon& c) {
    if (is_closed(state)) return refuse(closed);
    if (auto faults = faults_of_reason(c.reason); !faults.empty())
        return refuse_with(invalid_goal, std::move(faults));
    return std::vector<Event>{Abandoned{state.goal, c.reason, c.today}};
}

/// A completed or abandoned goal goes on where it can: active if it ever was, otherwise a draft.
/// An archived goal returns to the lifecycle it had before, so a completed one stays completed.
Decision<Event> reopen(const State& state, const Reopen& c) {
    if (!is_closed(state)) return refuse(not_closed);
    if (auto faults = faults_of_reason(c.reason); !faults.empty())
        return refuse_with(invalid_goal, std::move(faults));
    return with_health(state, {Reopened{state.goal, c.reason, c.today}}, c.today);
}

Decision<Event> archive(const State& state, const Archive& c) {
    if (state.lifecycle == Lifecycle::archived) return {};
    return std::vector<Event>{Archived{state.goal, c.today}};
}

}  // namespace

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos;
}

bool is_closed(const State& state) {
    return state.lifecycle != Lifecycle::draft && state.lifecycle != Lifecycle::active;
}

Decision<Event> decide(const State& state, const Command& command) {
    if (!state.exists && !std::holds_alternative<Draft>(command)) return refuse(unknown);
    return std::visit(Match{
                          [&](const Draft& c) { return draft(state, c); },
                          [&](const Update& c) { return update(state, c); },
                          [&](const Assess&) { return assess_again(state); },
                          [&](const Activate& c) { return activate(state, c); },
                          [&](const CheckIn& c) { return check_in(state, c); },
                          [&](const EvaluateHealth& c) -> Decision<Event> {
                              return with_health(state, {}, c.today);
                          },
                          [&](const AddMilestone& c) { return add(state, c); },
                          [&](const RescheduleMilestone& c) { return reschedule(state, c); },
                          [&](const CompleteMilestone& c) { return complete(state, c); },
                          [&](const RemoveMilestone& c) { return remove(state, c); },
                          [&](const AddActionItem& c) { return add(state, c); },
                          [&](const StartActionItem& c) { return start(state, c); },
                          [&](const CompleteActionItem& c) { return complete(state, c); },
                          [&](const RescheduleActionItem& c) { return reschedule(state, c); },
                          [&](const CancelActionItem& c) { return cancel(state, c); },
                          [&](const Complete& c) { return complete_goal(state, c); },
                          [&](const Abandon& c) { return abandon(state, c); },
                          [&](const Reopen& c) { return reopen(state, c); },
                          [&](const Archive& c) { return archive(state, c); },
                      },
                      command);
}

std::string_view status_of(const State& state) {
    if (state.lifecycle == Lifecycle::active) return to_text(state.health);
    return to_text(state.lifecycle);
}

}  // namespace domain::goal
