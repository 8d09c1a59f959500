#include "projections/effect_tree.hpp"

#include "events/writer.hpp"
#include "projections/fields.hpp"

#include <algorithm>
#include <pqxx/pqxx>
#include <unordered_map>

namespace projections {
namespace {

Effect effect_from(const pqxx::row& row) {
    return {{uuid_of(row[0])},
            {row[1].as<std::string>(), uuid_of(row[2])},
            row[3].as<std::int64_t>(),
            row[4].as<std::int64_t>(),
            row[5].as<std::string>(),
            {static_cast<events::ActorKind>(row[6].as<int>()), uuid_of(row[7])},
            uuid_of(row[8]),
            {uuid_of(row[9])},
            {row[10].as<std::int64_t>()}};
}

void put(events::Writer& out, const std::vector<CausedCommand>& commands);

void put(events::Writer& out, const EffectNode& node) {
    const auto& event = node.event;
    out.open().key("id").text(domain::to_text(event.id)).key("type").text(event.type);
    out.key("stream").text(to_text(event.stream)).key("version").integer(event.version);
    out.key("position").text(std::to_string(event.position));
    out.key("recorded_at").text(domain::to_text(event.recorded_at)).key("caused");
    put(out, node.caused);
    out.close();
}

void put(events::Writer& out, const std::vector<CausedCommand>& commands) {
    out.open_list();
    for (const auto& command : commands) {
        out.open().key("command_id").text(domain::to_text(command.id));
        out.key("causation_id").text(domain::to_text(command.causation));
        out.key("actor").open().key("kind").text(to_text(command.actor.kind));
        out.key("id").text(domain::to_text(command.actor.id)).close();
        out.key("recorded_at").text(domain::to_text(command.at)).key("events").open_list();
        for (const auto& node : command.events) put(out, node);
        out.close_list().close();
    }
    out.close_list();
}

}  // namespace

Effects effects_of(pqxx::transaction_base& tx, domain::TenantId tenant,
                   const domain::Uuid& correlation) {
    Effects effects;
    // UNION drops what was found before, so what goes in a circle ends. Each lookup is lateral and
    // fenced by OFFSET 0: joined, the planner expects so many effects that it reads the whole log.
    for (const auto& row : tx.exec(
             R"sql(
             with recursive found as (
                 (select e.lane, e.position, e.id from log.event e
                   where e.tenant = $1 and e.correlation = $2
                   order by e.position limit $3)
                  union
                 select e.lane, e.position, e.id
                   from found f
                  cross join lateral (select e.lane, e.position, e.id from log.event e
                                       where e.tenant = $1 and e.causation = f.id
                                         and e.causation <> e.command offset 0) e
             )
             select e.id, e.category, e.stream, e.version, e.position, e.type, e.actor_kind,
                    e.actor, e.causation, e.command,
                    (extract(epoch from e.recorded_at) * 1000000)::bigint
               from (select f.lane, f.position from found f limit $3) f
              cross join lateral (select e.id, e.category, e.stream, e.version, e.position, e.type,
                                         e.actor_kind, e.actor, e.causation, e.command,
                                         e.recorded_at
                                    from log.event e
                                   where e.tenant = $1 and e.lane = f.lane
                                     and e.position = f.position offset 0) e
              order by e.position)sql",
             pqxx::params{domain::to_text(tenant), domain::to_text(correlation), effects_max + 1}))
        effects.events.push_back(effect_from(row));
    effects.truncated = effects.events.size() > effects_max;
    if (effects.truncated) effects.events.pop_back();
    return effects;
}

std::optional<domain::Uuid> correlation_of_command(pqxx::transaction_base& tx,
                                                   domain::TenantId tenant,
                                                   const domain::Uuid& command) {
    const auto rows = tx.exec(R"sql(
        select e.correlation
          from log.command k
          join log.tenant_lane l on l.tenant = k.tenant
          join log.event e on e.lane = l.lane and e.position = k.position
         where k.tenant = $1 and k.id = $2 and e.tenant = $1 and e.command = $2)sql",
                              pqxx::params{domain::to_text(tenant), domain::to_text(command)});
    if (rows.empty()) return std::nullopt;
    return uuid_of(rows[0][0]);
}

std::vector<CausedCommand> tree_of(const std::vector<Effect>& events) {
    constexpr std::size_t nobody = SIZE_MAX;
    struct Parent {
        std::size_t command = nobody, event{};
    };
    std::vector<CausedCommand> commands;
    std::vector<Parent> parents;
    std::unordered_map<domain::Uuid, std::size_t, domain::UuidHash> place_of_command;
    std::unordered_map<domain::Uuid, Parent, domain::UuidHash> place_of_event;
    for (const auto& event : events) {
        const auto [found, is_new] = place_of_command.emplace(event.command.value, commands.size());
        if (is_new) {
            commands.push_back(
                {event.command, event.causation, event.actor, event.recorded_at, {}});
            const auto cause = place_of_event.find(event.causation);
            parents.push_back(cause == place_of_event.end() ? Parent{} : cause->second);
        }
        auto& mine = commands[found->second].events;
        place_of_event[event.id.value] = {found->second, mine.size()};
        mine.push_back({event, {}});
    }
    // A parent stands before its children, so from the last on each one is complete when it moves.
    std::vector<CausedCommand> roots;
    for (std::size_t i = commands.size(); i-- > 0;) {
        const auto& parent = parents[i];
        auto& siblings =
            parent.command == nobody ? roots : commands[parent.command].events[parent.event].caused;
        siblings.push_back(std::move(commands[i]));
    }
    const auto in_order = [](auto& self, std::vector<CausedCommand>& nodes) -> void {
        std::ranges::reverse(nodes);
        for (auto& node : nodes) {
            for (auto& event : node.events) self(self, event.caused);
        }
    };
    in_order(in_order, roots);
    return roots;
}

std::string tree_json(const domain::Uuid& correlation, const Effects& effects) {
    events::Writer out;
    out.open().key("correlation_id").text(domain::to_text(correlation));
    out.key("events").integer(static_cast<std::int64_t>(effects.events.size()));
    out.key("truncated").boolean(effects.truncated).key("commands");
    put(out, tree_of(effects.events));
    out.close();
    return out.take();
}

domain::Result<Answer> correlation(pqxx::transaction_base& tx, const Ask& ask) {
    const auto given = id_in_path(ask, "correlation");
    if (!given) return std::unexpected(given.error());
    auto id = *given;
    auto effects = effects_of(tx, ask.tenant, id);
    if (effects.events.empty()) {
        const auto found = correlation_of_command(tx, ask.tenant, id);
        if (!found) return domain::refuse(not_found);
        id = *found;
        effects = effects_of(tx, ask.tenant, id);
    }
    return Answer{tree_json(id, effects)};
}

}  // namespace projections
