#include "commands/handle.hpp"

namespace commands {
namespace {

std::string newer_events(const std::vector<events::Recorded>& past, std::int64_t seen) {
    constexpr std::size_t newer_max = 50;
    events::Writer out;
    out.open_list();
    std::size_t count = 0;
    for (const auto& event : past) {
        if (event.version <= seen || count++ == newer_max) continue;
        out.open().key("version").integer(event.version).key("type").text(event.type);
        out.key("id").text(domain::to_text(event.id)).close();
    }
    out.close_list();
    return out.take();
}

}  // namespace

domain::Result<void> check_expected(const Request& request, std::int64_t version,
                                    const std::vector<events::Recorded>& past) {
    const auto& expected = request.expected;
    const bool fits =
        (!expected.version || *expected.version == version) && (!expected.exists || version > 0);
    if (fits) return {};
    if (version == 0 && expected.version.value_or(1) != 0)
        return domain::refuse(
            {domain::Reason::Kind::missing, "not-found", "There is no such thing"});
    domain::Refusal refusal{events::moved_on};
    const auto seen = expected.version.value_or(0);
    refusal.detail = "It is at version " + std::to_string(version) + ", the request expected " +
                     std::to_string(seen) + ".";
    refusal.facts = {{"current_version", std::to_string(version)},
                     {"expected_version", std::to_string(seen)},
                     {"newer_events", newer_events(past, seen)}};
    return std::unexpected(std::move(refusal));
}

events::Append append_for(const Request& request) {
    events::Append append;
    append.tenant = request.who.tenant;
    append.command = request.command;
    append.fingerprint = request.fingerprint;
    append.actor = request.actor();
    append.correlation = request.correlation;
    append.causation = request.command.value;
    append.traceparent = request.traceparent;
    append.occurred_at = request.now;
    return append;
}

}  // namespace commands
