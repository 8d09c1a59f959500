#pragma once
#include "events/recorded.hpp"
#include "projections/query.hpp"

#include <vector>

/// What a command set off: its events, the commands that they caused, and so on.
namespace projections {

/// An event's header; what is in it stays in the log.
struct Effect {
    domain::EventId id;
    events::StreamId stream;
    std::int64_t version{};
    std::int64_t position{};
    std::string type;
    events::Actor actor;
    domain::Uuid causation{};
    domain::CommandId command;
    domain::Instant recorded_at;
};

inline constexpr int effects_max = 1000;

struct Effects {
    std::vector<Effect> events;  ///< in the order of the log, at most effects_max
    bool truncated{};
};

struct CausedCommand;
struct EffectNode {
    Effect event;
    std::vector<CausedCommand> caused;
};
struct CausedCommand {
    domain::CommandId id;
    domain::Uuid causation{};  ///< the event that caused it; its own id when a person did
    events::Actor actor;
    domain::Instant at;
    std::vector<EffectNode> events;
};

/// The events of one correlation, and all that followed from them, by index lookups only. Throws
/// pqxx's exceptions.
Effects effects_of(pqxx::transaction_base& tx, domain::TenantId tenant,
                   const domain::Uuid& correlation);
/// The correlation that a command belongs to; empty when it never had an event.
std::optional<domain::Uuid> correlation_of_command(pqxx::transaction_base& tx,
                                                   domain::TenantId tenant,
                                                   const domain::Uuid& command);

/// Nests events in the order of the log. A cause must come before its effect, so what claims
/// another one stands at the top.
std::vector<CausedCommand> tree_of(const std::vector<Effect>& events);

/// `{"correlation_id":…,"events":N,"truncated":…,"commands":[…]}`
std::string tree_json(const domain::Uuid& correlation, const Effects& effects);

/// The tree of {correlation} in the path, which may also be a command's id.
domain::Result<Answer> correlation(pqxx::transaction_base& tx, const Ask& ask);

}  // namespace projections
