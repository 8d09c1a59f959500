#include "domain/goal.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/goal_groups.hpp"
#include "commands/handle.hpp"

namespace commands::goal {
namespace {

using namespace domain::goal;

/// Proposes what `make` reads from the body, for the goal in the path.
template <class Make>
domain::Result<Proposal> on_goal(events::Store& store, events::Keys& keys, const Request& request,
                                 Make make) {
    const auto goal = id_in_path<domain::GoalId>(request, "goal");
    if (!goal) return std::unexpected(goal.error());
    std::vector<domain::Fault> faults;
    std::optional<Body> body;
    if (request.body) body.emplace(request.body->root(), faults);
    const Command command = make(body);
    if (body) body->done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    return propose<Goal>(store, keys, request, goal->value, command);
}

std::optional<domain::Personal> maybe_personal(Body& body, const Request& request,
                                               std::string_view name) {
    auto text = body.maybe_text(name);
    if (!text) return std::nullopt;
    if (text->size() > text_bytes_max) body.fault(name, "too-long", "is longer than 4000 bytes");
    return domain::Personal{request.author(), *std::move(text)};
}

}  // namespace

domain::Result<Proposal> draft(events::Store& store, events::Keys& keys, const Request& request) {
    static_cast<void>(store);
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    const domain::GoalId goal{request.new_id()};
    auto groups = read_groups(body);
    const Draft command{
        .goal = goal,
        .title = groups.title.value_or(std::string{}),
        .owner = groups.owner.value_or(request.who.user),
        .specific = groups.specific.value_or(Specific{}),
        .measure = groups.measure,
        .timeframe = groups.timeframe,
        .achievable = groups.achievable,
        .relevant = groups.relevant,
    };
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    auto proposal = propose_new<Goal>(keys, request, goal.value, command);
    if (!proposal || groups.milestones.empty()) return proposal;
    return with_milestones(keys, request, goal, command, groups.milestones);
}

domain::Result<Proposal> update(events::Store& store, events::Keys& keys, const Request& request) {
    return on_goal(store, keys, request, [&](std::optional<Body>& body) -> Command {
        Update command{.today = request.today};
        if (!body) return command;
        auto groups = read_groups(*body);
        if (!groups.milestones.empty())
            body->fault("time_bound", "unknown-member", "milestones have their own address");
        command.title = std::move(groups.title);
        command.owner = groups.owner;
        command.specific = std::move(groups.specific);
        command.measure = std::move(groups.measure);
        command.timeframe = groups.timeframe;
        command.achievable = std::move(groups.achievable);
        command.relevant = std::move(groups.relevant);
        command.reason = maybe_personal(*body, request, "reason");
        return command;
    });
}

domain::Result<Proposal> set_measure(events::Store& store, events::Keys& keys,
                                     const Request& request) {
    return on_goal(store, keys, request, [&](std::optional<Body>& body) -> Command {
        Update command{.today = request.today};
        if (!body) return command;
        command.measure = read_measure(*body);
        command.reason = maybe_personal(*body, request, "reason");
        return command;
    });
}

domain::Result<Proposal> set_timeframe(events::Store& store, events::Keys& keys,
                                       const Request& request) {
    return on_goal(store, keys, request, [&](std::optional<Body>& body) -> Command {
        Update command{.today = request.today};
        if (!body) return command;
        command.timeframe = read_timeframe(*body);
        command.reason = maybe_personal(*body, request, "reason");
        return command;
    });
}

domain::Result<Proposal> assess(events::Store& store, events::Keys& keys, const Request& request) {
    return on_goal(store, keys, request, [](std::optional<Body>&) -> Command { return Assess{}; });
}

domain::Result<Proposal> activate(events::Store& store, events::Keys& keys,
                                  const Request& request) {
    return on_goal(store, keys, request, [&](std::optional<Body>& body) -> Command {
        Activate command{.today = request.today};
        if (!body) return command;
        for (auto& point : body->objects("path")) {
            command.path.push_back({point.date("on"), point.decimal("expected")});
            point.done();
        }
        return command;
    });
}

domain::Result<Proposal> check_in(events::Store& store, events::Keys& keys,
                                  const Request& request) {
    auto proposal = on_goal(store, keys, request, [&](std::optional<Body>& body) -> Command {
        // Its id is the command's, so that a repeated command names the same check-in.
        CheckIn command{.check_in = {request.command.value}, .today = request.today};
        command.as_of = request.today;
        if (!body) return command;
        command.as_of = body->maybe_date("as_of").value_or(request.today);
        command.value = body->maybe_decimal("value");
        command.confidence = body->maybe_integer("confidence");
        command.notes = maybe_personal(*body, request, "notes");
        command.blockers = maybe_personal(*body, request, "blockers");
        command.next_step = maybe_personal(*body, request, "next_step");
        return command;
    });
    if (proposal) proposal->append.status = 201;
    return proposal;
}

domain::Result<Proposal> check_in_by_metric(events::Store& store, events::Keys& keys,
                                            const Request& request) {
    return on_goal(store, keys, request, [&](std::optional<Body>& body) -> Command {
        CheckIn command{
            .check_in = {request.command.value}, .source = Source::metric, .today = request.today};
        if (!body) return command;
        command.as_of = body->date("as_of");
        command.value = body->decimal("value");
        return command;
    });
}

domain::Result<Proposal> complete(events::Store& store, events::Keys& keys,
                                  const Request& request) {
    return on_goal(store, keys, request, [&](std::optional<Body>& body) -> Command {
        Complete command{.today = request.today};
        if (!body) return command;
        command.outcome = body->maybe_word("outcome", &outcome_from);
        command.final_value = body->maybe_decimal("final_value");
        command.learnings = maybe_personal(*body, request, "learnings");
        return command;
    });
}

domain::Result<Proposal> abandon(events::Store& store, events::Keys& keys, const Request& request) {
    return on_goal(store, keys, request, [&](std::optional<Body>& body) -> Command {
        Abandon command{.today = request.today};
        if (body) command.reason = maybe_personal(*body, request, "reason");
        return command;
    });
}

domain::Result<Proposal> reopen(events::Store& store, events::Keys& keys, const Request& request) {
    return on_goal(store, keys, request, [&](std::optional<Body>& body) -> Command {
        Reopen command{.today = request.today};
        if (body) command.reason = maybe_personal(*body, request, "reason");
        return command;
    });
}

domain::Result<Proposal> archive(events::Store& store, events::Keys& keys, const Request& request) {
    return on_goal(store, keys, request, [&](std::optional<Body>&) -> Command {
        return Archive{.today = request.today};
    });
}

domain::Result<Proposal> evaluate_health(events::Store& store, events::Keys& keys,
                                         const Request& request) {
    return on_goal(store, keys, request, [&](std::optional<Body>&) -> Command {
        return EvaluateHealth{.today = request.today};
    });
}

}  // namespace commands::goal
