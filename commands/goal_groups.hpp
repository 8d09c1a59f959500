#pragma once
#include "commands/body.hpp"
#include "commands/request.hpp"
#include "domain/goal.hpp"

/// The groups in which people enter a goal.
namespace commands::goal {

struct MilestoneGiven {
    std::string title;
    domain::Date due;
    std::optional<domain::Decimal> target;
};

struct Groups {
    std::optional<std::string> title;
    std::optional<domain::UserId> owner;
    std::optional<domain::goal::Specific> specific;
    std::optional<domain::goal::Measure> measure;
    std::optional<domain::goal::Timeframe> timeframe;
    std::optional<domain::goal::Achievable> achievable;
    std::optional<domain::goal::Relevant> relevant;
    std::vector<MilestoneGiven> milestones;
};

/// Reads title, specific, measurable, achievable, relevant and time_bound from the body's root.
Groups read_groups(Body& body);
domain::goal::Measure read_measure(Body& group);
domain::goal::Timeframe read_timeframe(Body& group);

/// The draft with its first milestones, as one proposal.
domain::Result<Proposal> with_milestones(events::Keys& keys, const Request& request,
                                         domain::GoalId goal, const domain::goal::Draft& draft,
                                         const std::vector<MilestoneGiven>& milestones);

}  // namespace commands::goal
