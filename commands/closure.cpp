#include "domain/closure.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"

namespace commands::closure {
namespace {

using namespace domain::closure;

}  // namespace

domain::Result<Proposal> plan(events::Store&, events::Keys& keys, const Request& request) {
    std::vector<domain::Fault> faults;
    Body body{request.body ? std::optional{request.body->root()} : std::nullopt, faults};
    Closure what{.location = body.text_or_empty("location"),
                 .from = body.date("from"),
                 .to = {},
                 .reason = body.text_or_empty("reason")};
    what.to = body.maybe_date("to").value_or(what.from);
    body.done();
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    const domain::ClosureId id{request.command.value};
    return propose_new<Aggregate>(keys, request, id.value, Plan{id, std::move(what)});
}

domain::Result<Proposal> cancel(events::Store& store, events::Keys& keys, const Request& request) {
    const auto id = id_in_path<domain::ClosureId>(request, "closure");
    if (!id) return std::unexpected(id.error());
    return propose<Aggregate>(store, keys, request, id->value, Cancel{});
}

}  // namespace commands::closure
