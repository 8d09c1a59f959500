// Milestones and action items: parts of a goal with an address of their own.
#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"
#include "domain/goal.hpp"

namespace commands {
namespace {

using namespace domain::goal;

template <class TheId, class Make>
domain::Result<Proposal> on_part(events::Store& store, events::Keys& keys, const Request& request,
                                 std::string_view name, Make make) {
    const auto goal = id_in_path<domain::GoalId>(request, "goal");
    const auto part = id_in_path<TheId>(request, name);
    if (!goal) return std::unexpected(goal.error());
    if (!part) return std::unexpected(part.error());
    std::vector<domain::Fault> faults;
    std::optional<Body> body;
    if (request.body) body.emplace(request.body->root(), faults);
    const Command command = make(*part, body);
    if (body) body->done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    return propose<Goal>(store, keys, request, goal->value, command);
}

/// As on_part, for a part that is being made. Its id is the command's, so that a repeated command
/// names the same part; the answer is 201.
template <class Make>
domain::Result<Proposal> add_part(events::Store& store, events::Keys& keys, const Request& request,
                                  Make make) {
    const auto goal = id_in_path<domain::GoalId>(request, "goal");
    if (!goal) return std::unexpected(goal.error());
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    const Command command = make(body);
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    auto proposal = propose<Goal>(store, keys, request, goal->value, command);
    if (proposal) proposal->append.status = 201;
    return proposal;
}

}  // namespace

namespace milestone {

domain::Result<Proposal> add(events::Store& store, events::Keys& keys, const Request& request) {
    return add_part(store, keys, request, [&](Body& body) -> Command {
        return AddMilestone{{request.command.value},
                            body.text("title"),
                            body.date("due"),
                            body.maybe_decimal("target")};
    });
}

domain::Result<Proposal> reschedule(events::Store& store, events::Keys& keys,
                                    const Request& request) {
    return on_part<domain::MilestoneId>(
        store, keys, request, "milestone", [](auto id, std::optional<Body>& body) -> Command {
            return RescheduleMilestone{id, body ? body->date("due") : domain::Date{}};
        });
}

domain::Result<Proposal> complete(events::Store& store, events::Keys& keys,
                                  const Request& request) {
    return on_part<domain::MilestoneId>(store, keys, request, "milestone",
                                        [&](auto id, std::optional<Body>&) -> Command {
                                            return CompleteMilestone{id, request.today};
                                        });
}

domain::Result<Proposal> remove(events::Store& store, events::Keys& keys, const Request& request) {
    return on_part<domain::MilestoneId>(
        store, keys, request, "milestone",
        [](auto id, std::optional<Body>&) -> Command { return RemoveMilestone{id}; });
}

}  // namespace milestone

namespace action_item {

domain::Result<Proposal> add(events::Store& store, events::Keys& keys, const Request& request) {
    return add_part(store, keys, request, [&](Body& body) -> Command {
        return AddActionItem{{request.command.value},
                             body.text("title"),
                             body.maybe_id<domain::UserId>("assignee"),
                             body.maybe_date("due")};
    });
}

domain::Result<Proposal> start(events::Store& store, events::Keys& keys, const Request& request) {
    return on_part<domain::ActionItemId>(store, keys, request, "item",
                                         [&](auto id, std::optional<Body>&) -> Command {
                                             return StartActionItem{id, request.today};
                                         });
}

domain::Result<Proposal> complete(events::Store& store, events::Keys& keys,
                                  const Request& request) {
    return on_part<domain::ActionItemId>(store, keys, request, "item",
                                         [&](auto id, std::optional<Body>&) -> Command {
                                             return CompleteActionItem{id, request.today};
                                         });
}

domain::Result<Proposal> reschedule(events::Store& store, events::Keys& keys,
                                    const Request& request) {
    return on_part<domain::ActionItemId>(
        store, keys, request, "item", [](auto id, std::optional<Body>& body) -> Command {
            return RescheduleActionItem{id, body ? body->date("due") : domain::Date{}};
        });
}

domain::Result<Proposal> cancel(events::Store& store, events::Keys& keys, const Request& request) {
    return on_part<domain::ActionItemId>(store, keys, request, "item",
                                         [&](auto id, std::optional<Body>&) -> Command {
                                             return CancelActionItem{id, request.today};
                                         });
}

}  // namespace action_item
}  // namespace commands
