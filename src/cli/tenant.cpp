#include "commands/catalog.hpp"
#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/no_keys.hpp"
#include "src/postgres/appender.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/uuid.hpp"

#include <future>
#include <pqxx/pqxx>

namespace cli {

Outcome tenant_ls(Context& context) {
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        pqxx::nontransaction tx{connection};
        Table table{{"tenant", "name", "plan_tier", "country", "time_zone", "members"}, {}};
        for (const auto& row : tx.exec(R"sql(
                select t.tenant, t.name, t.plan_tier, t.country, t.time_zone,
                       (select count(*) from board.member m
                         where m.tenant = t.tenant and not m.removed)
                  from board.tenant t order by t.created_at, t.tenant limit $1)sql",
                                       pqxx::params{context.number("limit", 50)}))
            table.rows.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                                  row[2].as<std::string>(), row[3].as<std::string>(),
                                  row[4].as<std::string>(), row[5].as<std::int64_t>()});
        return Answer{std::move(table)};
    });
}

namespace {

Table members_of(pqxx::nontransaction& tx, const std::string& tenant) {
    Table members{{"member", "role", "removed", "joined_at"}, {}};
    for (const auto& row : tx.exec(R"sql(
            select member, role, removed, joined_at from board.member
             where tenant = $1::uuid order by joined_at, member)sql",
                                   pqxx::params{tenant}))
        members.rows.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                                row[2].as<bool>(), instant_text(row[3].view())});
    return members;
}

}  // namespace

Outcome tenant_show(Context& context) {
    const auto tenant = context.text("TENANT");
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        pqxx::nontransaction tx{connection};
        const auto rows = tx.exec(R"sql(
            select t.tenant, t.name, t.plan_tier, t.country, t.currency, t.time_zone, t.industry,
                   t.created_at, t.updated_at, t.version::text, l.lane::text,
                   (select count(*) from log.stream s where s.tenant = t.tenant)::text
              from board.tenant t left join log.tenant_lane l on l.tenant = t.tenant
             where t.tenant = $1::uuid)sql",
                                  pqxx::params{tenant});
        if (rows.empty())
            return std::unexpected(
                Failure{not_there, "tenant " + tenant, "find it with: cairn tenant ls"});
        constexpr std::array names{"tenant",     "name",      "plan_tier", "country",
                                   "currency",   "time_zone", "industry",  "created_at",
                                   "updated_at", "version",   "lane",      "streams"};
        Record record;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto field = rows[0][static_cast<pqxx::row::size_type>(i)];
            const bool instant = i == 7 || i == 8;
            const auto text = instant ? instant_text(field.view()) : std::string{field.view()};
            // The last three are whole numbers.
            record.fields.emplace_back(names[i], i < 9          ? Cell{text}
                                                 : text.empty() ? Cell{}
                                                                : Cell{Json{text}});
        }
        record.parts.emplace_back("members", members_of(tx, tenant));
        return Answer{std::move(record)};
    });
}

Outcome tenant_plan(Context& context) {
    const auto database = runtime::database_of(context.config);
    commands::Request request;
    request.who.tenant = {context.uuid("TENANT").value_or(domain::Uuid{})};
    request.command = {runtime::uuid_v7()};
    request.fingerprint = request.command.value;
    request.correlation = request.command.value;
    request.path["plan_tier"] = context.text("PLAN");
    request.now = runtime::now();
    request.new_id = &runtime::uuid_v7;
    NoKeys keys;
    postgres::Reader reader{database};
    auto proposal = commands::tenant::change_plan(reader, keys, request);
    if (!proposal) return std::unexpected(explained(context, proposal.error()));
    const bool changes = !proposal->append.writes.front().events.empty();
    if (changes && !context.has("dry-run")) {
        proposal->append.actor = {events::ActorKind::system, {}};
        postgres::Appender appender{database, {.writers = 1}, [](const postgres::Commit&) {}};
        std::promise<domain::Result<events::Outcome>> promise;
        auto future = promise.get_future();
        appender.submit(std::move(proposal->append),
                        [&](auto outcome) { promise.set_value(std::move(outcome)); });
        if (const auto outcome = future.get(); !outcome)
            return std::unexpected(explained(context, outcome.error()));
    }
    Record record;
    record.fields.emplace_back("tenant", context.text("TENANT"));
    record.fields.emplace_back("plan_tier", context.text("PLAN"));
    record.fields.emplace_back("changed", changes);
    return Answer{std::move(record)};
}

}  // namespace cli
