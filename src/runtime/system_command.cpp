#include "src/runtime/system_command.hpp"

#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/uuid.hpp"

#include <future>

namespace runtime {

commands::Request SystemCommands::request(domain::TenantId tenant, domain::Date today) const {
    commands::Request request;
    request.who.tenant = tenant;
    request.today = today;
    request.now = now();
    request.new_id = &uuid_v7;
    return request;
}

bool SystemCommands::submit(domain::TenantId tenant, domain::Result<commands::Proposal> proposal) {
    const auto failed = [](const domain::Refusal& refusal) {
        log::warn("a command of the system failed", {{"code", std::string{refusal.why.slug}}});
        return false;
    };
    if (!proposal) return failed(proposal.error());
    auto& append = proposal->append;
    const auto& write = append.writes.front();
    if (write.events.empty()) return true;
    const auto id = events::id_of_name(
        tenant, "system command", to_text(write.stream) + " " + std::to_string(write.expected));
    append.command = {id};
    append.fingerprint = id;
    append.correlation = id;
    append.causation = id;
    append.actor = {events::ActorKind::system, {}};
    std::promise<bool> said;
    auto done = said.get_future();
    appender_.submit(std::move(append), [&](const auto& outcome) {
        said.set_value(outcome ? true : failed(outcome.error()));
    });
    return done.get();
}

}  // namespace runtime
