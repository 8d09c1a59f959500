#pragma once
#include "events/store.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/uuid.hpp"

#include <future>

/// Appends made by hand, for tests of the log that need no domain.
namespace support {

inline domain::Uuid new_id() { return runtime::uuid_v7(); }

/// One event of `bytes` or so on one stream.
inline events::Append append_of(domain::TenantId tenant, const domain::Uuid& stream,
                                std::int64_t expected, std::string text = "x") {
    events::Append append;
    append.tenant = tenant;
    append.command = {new_id()};
    append.fingerprint = append.command.value;
    append.actor = {events::ActorKind::user, new_id()};
    append.correlation = new_id();
    append.causation = append.command.value;
    append.occurred_at = runtime::now();
    events::StreamWrite write{{"test", stream}, expected, {}};
    write.events.push_back(
        {{new_id()}, {"test.happened", 1, R"({"text":")" + std::move(text) + R"("})"}});
    append.writes.push_back(std::move(write));
    return append;
}

/// Submits and waits for the answer.
template <class Appender>
domain::Result<events::Outcome> append_now(Appender& appender, events::Append append) {
    std::promise<domain::Result<events::Outcome>> answer;
    auto future = answer.get_future();
    appender.submit(std::move(append), [&](domain::Result<events::Outcome> outcome) {
        answer.set_value(std::move(outcome));
    });
    return future.get();
}

}  // namespace support
