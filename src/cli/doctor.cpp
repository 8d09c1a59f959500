#include "src/cli/database.hpp"
#include "src/cli/findings.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/health.hpp"
#include "src/cli/relay.hpp"
#include "src/cli/standing.hpp"
#include "src/cli/webhook_findings.hpp"
#include "src/postgres/migrations.hpp"
#include "src/postgres/refusing.hpp"

#include <algorithm>
#include <functional>
#include <pqxx/pqxx>
#include <sys/stat.h>

namespace cli {
namespace {

constexpr double lag_seconds_max = 30;

Finding check_migrations(const Context& context) {
    const auto same = postgres::migration_verify(runtime::admin_database_of(context.config));
    // Only who may migrate can look; that nobody may here is no fault of the database.
    if (!same && same.error().why != postgres::migration_drift)
        return {"warn", "migrations", "cannot be checked as this user",
                "run it as the database's owner, or with its user in --db"};
    return finding(
        "migrations", "fail",
        same ? std::string{} : std::string{same.error().why.title} + ": " + same.error().detail,
        "the schema is this program's", "cairn migrate status, then cairn migrate up");
}

Finding check_version(pqxx::transaction_base& tx) {
    const auto number = tx.query_value<int>("select current_setting('server_version_num')::int");
    return finding("postgresql", "fail",
                   number / 10'000 == 17 ? "" : "version " + std::to_string(number / 10'000),
                   tx.query_value<std::string>("select current_setting('server_version')"),
                   "Cairn is made for PostgreSQL 17");
}

Findings check_extensions(pqxx::transaction_base& tx) {
    const auto missing = [&](const std::string& wanted) {
        return names_of(tx, "select w from unnest(array[" + wanted +
                                "]) w where not exists "
                                "(select from pg_extension where extname = w) order by 1");
    };
    return {finding("extensions", "fail", missing("'timescaledb', 'vector', 'age'"),
                    "timescaledb, vector, age", "install their packages, then cairn migrate up"),
            finding("pg_cron", "warn", missing("'pg_cron'"), "present",
                    "only scheduled upkeep needs it; set cron.database_name")};
}

Findings check_settings(pqxx::transaction_base& tx) {
    const std::string off =
        "select name from pg_settings where setting = 'off' and name = any (array[";
    return {finding("durability", "fail",
                    names_of(tx, off + "'fsync', 'full_page_writes', 'synchronous_commit'])"),
                    "fsync, full_page_writes and synchronous_commit are on",
                    "turn them on: a crash would lose what was answered"),
            finding("checksums", "warn", names_of(tx, off + "'data_checksums'])"),
                    "data checksums are on", "pg_checksums --enable, with the server stopped")};
}

Findings check_roles(pqxx::transaction_base& tx) {
    return {finding("roles", "fail",
                    names_of(tx,
                             "select rolname from pg_roles where rolname like 'cairn\\_%' "
                             "and (rolsuper or rolbypassrls or rolcreaterole) order by 1"),
                    "none is superuser or bypasses row security",
                    "alter role … nosuperuser nobypassrls nocreaterole"),
            finding("row security", "fail", names_of(tx, R"sql(
                    select n.nspname || '.' || c.relname
                      from pg_class c
                      join pg_namespace n on n.oid = c.relnamespace
                      join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant'
                     where n.nspname in ('log', 'board', 'feed', 'keys', 'audit')
                       and c.relkind in ('r', 'p')
                       and not a.attisdropped
                       and not (c.relrowsecurity and c.relforcerowsecurity)
                     order by 1)sql"),
                    "forced on every table of tenants",
                    "alter table … enable row level security, force row level security")};
}

Findings check_projections(pqxx::connection& connection) {
    std::string failed, behind, stopped;
    const auto add = [](std::string& list, const std::string& item) {
        list += (list.empty() ? "" : ", ") + item;
    };
    for (const auto& one : standings(connection)) {
        if (one.state == "failed") add(failed, one.name + " (" + one.failed + ")");
        if (one.state == "paused") add(stopped, one.name);
        if (one.lag_seconds() > lag_seconds_max)
            add(behind, one.name + " by " + std::to_string(one.behind()) + " events");
    }
    pqxx::nontransaction tx{connection};
    const auto parked = names_of(tx, R"sql(
        select line from (
            select format('%s: %s-%s since %s:%s (%s, %s events wait)', name, category, stream,
                          lane, position, code, events) as line
              from projection.dead_letter where name not like '%@%'
             order by parked_at limit 5) first
        union all
        select format('%s more', count(*) - 5) from projection.dead_letter
         where name not like '%@%' having count(*) > 5)sql");
    return {finding("projections", "fail", failed, "none has failed",
                    "repair the cause, then cairn projection resume NAME"),
            finding("paused", "warn", stopped, "no projection is paused",
                    "cairn projection resume NAME"),
            finding("lag", "warn", behind, "all are near the head of the log",
                    "is a server with the role projector running?"),
            finding("dead letters", "warn", parked, "none",
                    "mend the cause, then cairn projection dead-letters retry NAME")};
}

void append(Findings& all, Findings more) { std::ranges::move(more, std::back_inserter(all)); }

/// As the administrator where that is allowed: other roles do not see what others do.
Findings as_admin(const Context& context, const Finding& otherwise,
                  const std::function<Findings(pqxx::transaction_base&)>& look) {
    Findings found;
    const auto looked = postgres::refusing([&]() -> domain::Result<void> {
        auto connection =
            postgres::connect(runtime::admin_database_of(context.config), postgres::As::admin);
        pqxx::nontransaction tx{*connection};
        found = look(tx);
        return {};
    });
    return looked ? found : Findings{otherwise};
}

Findings check_hold_ups(const Context& context) {
    auto found = as_admin(context,
                          {"warn", "hold-ups", "cannot be looked for as this user",
                           "run it as a member of pg_read_all_stats, with its user in --db"},
                          hold_ups);
    append(found, as_admin(context,
                           {"warn", "consumers", "cannot be looked for as this user",
                            "run it as the database's owner, or with its user in --db"},
                           [&](pqxx::transaction_base& tx) {
                               return tenant_hold_ups(tx, context.config.audit.access_days);
                           }));
    return found;
}

/// Whatever was recorded a while ago has to be sealed.
Finding check_seals(pqxx::transaction_base& tx) {
    return finding("seals", "warn", names_of(tx, R"sql(
                   select format('lane %s by %s events', h.lane, h.position - coalesce(s.last, 0))
                     from log.lane_head h
                     left join lateral (select first_position + events - 1 as last
                                          from integrity.seal where lane = h.lane
                                         order by first_position desc limit 1) s on true
                    where h.position > coalesce(s.last, 0)
                      and (select recorded_at from log.event
                            where lane = h.lane and position = coalesce(s.last, 0) + 1)
                          < now() - interval '30 seconds'
                    order by h.lane)sql"),
                   "the log is sealed to its end",
                   "is a server with the role projector running, and what does its log say?");
}

std::string mode_fault(const std::filesystem::path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return "";
    return (status.st_mode & 077) == 0 ? "" : path.string() + " can be read by others";
}

Finding check_secrets(const runtime::Config& config) {
    const auto& directory = config.secrets_dir;
    std::error_code error;
    std::string open = mode_fault(directory), missing;
    for (const auto* name : {"wrapping.keys", "signing.key", "root.key", "sealing.keys"}) {
        const auto file = directory / name;
        if (!std::filesystem::exists(file, error))
            missing += (missing.empty() ? "" : ", ") + std::string{name};
        else if (open.empty()) open = mode_fault(file);
    }
    if (!open.empty())
        return {"fail", "secrets", open, "chmod 700 the directory and chmod 600 its files"};
    return finding("secrets", "warn", missing.empty() ? "" : "not there: " + missing,
                   directory.string(),
                   "the first start of the server makes them in " + directory.string() +
                       "; keep a copy elsewhere");
}

Finding check_server(const runtime::Config& config) {
    const auto found = probe(config, "/readyz");
    if (!found)
        return {"warn", "server", "does not answer at " + config.http.admin_listen,
                "cairn serve, or cairn dev"};
    return finding("server", "warn", found->status == 200 ? "" : found->body, "ready",
                   "see its log");
}

/// Everything that needs a connection; each check is one short transaction of its own.
Outcome check_database(Findings& all, const runtime::Config& config, pqxx::connection& connection) {
    {
        pqxx::nontransaction tx{connection};
        all.push_back(check_version(tx));
        append(all, check_extensions(tx));
        append(all, check_settings(tx));
        append(all, check_roles(tx));
        all.push_back(check_seals(tx));
        all.push_back(check_relay(config, tx));
        append(all, webhook_findings(tx));
    }
    append(all, check_projections(connection));
    return Answer{};
}

}  // namespace

Outcome doctor(Context& context) {
    Findings all{{"ok", "configuration", "valid"}};
    Findings inside;
    const auto ran = with_database(context, Access::read, [&](pqxx::connection& connection) {
        return check_database(inside, context.config, connection);
    });
    all.push_back(
        finding("database", "fail",
                ran ? std::string{}
                    : std::string{ran.error().refusal.why.title} + " " + ran.error().refusal.detail,
                "reachable", ran ? "" : ran.error().hint));
    if (ran || !inside.empty()) all.push_back(check_migrations(context));
    append(all, std::move(inside));
    if (ran) append(all, check_hold_ups(context));
    all.push_back(check_secrets(context.config));
    all.push_back(check_server(context.config));
    Answer answer;
    Table table{{"level", "check", "detail", "hint"}, {}};
    for (auto& one : all) {
        if (one.level == "fail") answer.exit_code = difference;
        table.rows.push_back({one.level, one.check, one.detail, one.hint});
    }
    answer.data = std::move(table);
    return answer;
}

}  // namespace cli
