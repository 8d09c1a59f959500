#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/health.hpp"
#include "src/cli/relay.hpp"
#include "src/cli/standing.hpp"
#include "src/cli/watch.hpp"
#include "src/cli/webhook_findings.hpp"
#include "src/postgres/migrations.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

std::string server_state(const runtime::Config& config) {
    const auto found = probe(config, "/readyz");
    if (!found) return "not running at " + config.http.admin_listen;
    return found->status == 200 ? "ready" : "not ready: " + found->body;
}

std::string schema_state(const runtime::Config& config) {
    const auto same = postgres::migration_verify(runtime::admin_database_of(config));
    return same ? "ok" : same.error().detail;
}

Table projection_rows(const std::vector<Standing>& all) {
    Table table{{"name", "state", "events_behind", "dead_letters"}, {}};
    for (const auto& one : all)
        table.rows.push_back({one.name, one.state, one.behind(), one.parked});
    return table;
}

Table lane_rows(pqxx::nontransaction& tx) {
    Table table{{"lane", "position", "tenants"}, {}};
    for (const auto& [lane, position, tenants] : tx.query<std::int64_t, std::int64_t, std::int64_t>(
             "select h.lane, h.position, (select count(*) from log.tenant_lane t "
             "where t.lane = h.lane) from log.lane_head h order by h.lane"))
        table.rows.push_back({lane, position, tenants});
    return table;
}

}  // namespace

Outcome status(Context& context) {
    if (context.has("watch")) return watch_status(context);
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        const auto projections = standings(connection);
        pqxx::nontransaction tx{connection};
        const auto [server_version, bytes, tenants, events, generation] =
            tx.exec(
                  "select current_setting('server_version'), "
                  "pg_size_pretty(pg_database_size(current_database())), "
                  "(select count(*) from log.tenant_lane), "
                  "(select coalesce(sum(position), 0)::bigint from log.lane_head), "
                  "(select number from log.generation)")
                .one_row()
                .as<std::string, std::string, std::int64_t, std::int64_t, std::int64_t>();
        Record record;
        record.fields.emplace_back("version", std::string{version});
        record.fields.emplace_back("server", server_state(context.config));
        record.fields.emplace_back("postgresql", server_version);
        record.fields.emplace_back("schema", schema_state(context.config));
        record.fields.emplace_back("size", bytes);
        record.fields.emplace_back("tenants", tenants);
        record.fields.emplace_back("events", events);
        record.fields.emplace_back("generation", generation);
        record.fields.emplace_back("relay", text_of(relay_view(context.config, tx)));
        record.fields.emplace_back("webhooks", webhook_standing(tx));
        record.parts.emplace_back("lanes", lane_rows(tx));
        record.parts.emplace_back("projections", projection_rows(projections));
        return Answer{std::move(record)};
    });
}

}  // namespace cli
