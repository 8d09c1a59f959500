#include "projections/effect_tree.hpp"
#include "projections/fields.hpp"
#include "src/cli/database.hpp"
#include "src/cli/event_rows.hpp"
#include "src/cli/handlers.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

using projections::CausedCommand;

struct Traced {
    domain::TenantId tenant;
    domain::Uuid correlation{};
};

std::optional<Traced> first_of(const pqxx::result& rows) {
    if (rows.empty()) return std::nullopt;
    return Traced{{projections::uuid_of(rows[0][0])}, projections::uuid_of(rows[0][1])};
}

/// What `id` names: a correlation, a command or an event, tried in this order. The first two are
/// looked up by index in every tenant.
std::optional<Traced> find(const Context& context, pqxx::connection& connection,
                           const domain::Uuid& id) {
    pqxx::nontransaction tx{connection};
    const auto tenant = context.uuid("tenant");
    const pqxx::params given{domain::to_text(id), tenant ? domain::to_text(*tenant) : ""};
    const std::string tenants =
        " from log.tenant_lane t cross join lateral (%) found "
        "where $2 = '' or t.tenant::text = $2 limit 1";
    const auto asked = [&](std::string_view columns, std::string_view question) {
        auto text = "select " + std::string{columns} + tenants;
        return first_of(tx.exec(text.replace(text.find('%'), 1, question), given));
    };
    if (auto found = asked("t.tenant, $1::uuid",
                           "select 1 from log.event e where e.tenant = t.tenant "
                           "and e.correlation = $1::uuid limit 1"))
        return found;
    if (auto found = asked("t.tenant, found.correlation",
                           "select e.correlation from log.command k join log.event e "
                           "on e.lane = t.lane and e.position = k.position and e.command = k.id "
                           "where k.tenant = t.tenant and k.id = $1::uuid"))
        return found;
    for (const auto& narrowed : {near_in_time(id), std::string{}}) {
        auto found = first_of(
            tx.exec("select e.tenant, e.correlation from log.event e where e.id = $1::uuid "
                    "and ($2 = '' or e.tenant::text = $2)" +
                        narrowed + " limit 1",
                    given));
        if (found) return found;
    }
    return std::nullopt;
}

std::string actor_text(const events::Actor& actor) {
    const auto kind = std::string{to_text(actor.kind)};
    return actor.id.is_nil() ? kind : kind + " " + domain::to_text(actor.id);
}

/// One line a command and an event, with the branches of the tree before it.
class Drawing {
public:
    void draw(const std::vector<CausedCommand>& commands, const std::string& indent) {
        for (std::size_t i = 0; i < commands.size(); ++i) {
            const auto& command = commands[i];
            const auto inner =
                line(indent, i + 1 == commands.size(), command.at,
                     "command " + domain::to_text(command.id) + " by " + actor_text(command.actor));
            for (std::size_t k = 0; k < command.events.size(); ++k)
                draw(command.events[k], inner, k + 1 == command.events.size());
        }
    }
    std::string take() { return std::move(text_); }

private:
    void draw(const projections::EffectNode& node, const std::string& indent, bool last) {
        const auto& event = node.event;
        const auto inner =
            line(indent, last, event.recorded_at,
                 event.type + "  " + to_text(event.stream) + " v" + std::to_string(event.version));
        draw(node.caused, inner);
    }

    /// The indent of what hangs below this line.
    std::string line(const std::string& indent, bool last, domain::Instant at,
                     const std::string& what) {
        text_ += domain::to_text(at) + "  " + indent + (last ? "└─ " : "├─ ") + what + "\n";
        return indent + (last ? "   " : "│  ");
    }

    std::string text_;
};

void add_rows(Table& table, const std::vector<CausedCommand>& commands, std::int64_t depth) {
    for (const auto& command : commands) {
        for (const auto& node : command.events) {
            table.rows.push_back({depth, domain::to_text(node.event.recorded_at),
                                  domain::to_text(command.id), domain::to_text(command.causation),
                                  actor_text(command.actor), domain::to_text(node.event.id),
                                  node.event.type, to_text(node.event.stream), node.event.version});
            add_rows(table, node.caused, depth + 1);
        }
    }
}

Data shown(const Traced& traced, const projections::Effects& effects, Format format) {
    if (format == Format::json || format == Format::jsonl)
        return Text{projections::tree_json(traced.correlation, effects) + "\n"};
    const auto tree = projections::tree_of(effects.events);
    if (format == Format::csv) {
        Table table{{"depth", "recorded_at", "command", "causation", "actor", "event", "type",
                     "stream", "version"},
                    {}};
        add_rows(table, tree, 0);
        return table;
    }
    Drawing drawing;
    drawing.draw(tree, "");
    return Text{"correlation " + domain::to_text(traced.correlation) + " of tenant " +
                domain::to_text(traced.tenant) + "\n" + drawing.take()};
}

}  // namespace

Outcome trace(Context& context) {
    const auto id = context.uuid("ID").value_or(domain::Uuid{});
    return with_database(context, Access::audit, [&](pqxx::connection& connection) -> Outcome {
        const auto traced = find(context, connection, id);
        if (!traced)
            return std::unexpected(Failure{not_there,
                                           "event, command or correlation " + domain::to_text(id),
                                           "find one with: cairn events search"});
        pqxx::nontransaction tx{connection};
        const auto effects = projections::effects_of(tx, traced->tenant, traced->correlation);
        Answer answer{shown(*traced, effects, context.globals.output)};
        if (effects.truncated)
            answer.notes.push_back("only the first " + std::to_string(projections::effects_max) +
                                   " events are shown");
        return answer;
    });
}

}  // namespace cli
