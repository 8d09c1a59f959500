// What holds a database up, each with its name and what to do about it.
#include "src/cli/findings.hpp"
#include "src/postgres/consumers.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

struct Check {
    const char* name;
    const char* level;
    const char* sql;  ///< one line of text a hold-up
    const char* good;
    const char* hint;
};

constexpr Check checks[]{
    {"long transactions", "warn", R"sql(
        select format('pid %s of %s (%s) open for %s s, holding back xid %s', pid, usename,
                      application_name, extract(epoch from now() - xact_start)::int,
                      coalesce(backend_xmin, backend_xid))
          from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid()
           and xact_start < now() - interval '1 minute'
           and state <> 'idle in transaction'
           and backend_type = 'client backend'
         order by xact_start limit 5)sql",
     "none is open for a minute", "see what it does; select pg_cancel_backend(PID) stops it"},
    {"idle in transaction", "warn", R"sql(
        select format('pid %s of %s (%s) idle for %s s%s', pid, usename, application_name,
                      extract(epoch from now() - state_change)::int,
                      case when backend_xmin is not null or backend_xid is not null
                           then ', and vacuum waits for it' else '' end)
          from pg_stat_activity
         where datname = current_database() and state like 'idle in transaction%'
           and state_change < now() - interval '10 seconds'
         order by state_change limit 5)sql",
     "nobody keeps a transaction open", "select pg_terminate_backend(PID); then mend the client"},
    {"prepared transactions", "warn", R"sql(
        select format('%s of %s since %s', gid, owner, prepared::timestamptz(0))
          from pg_prepared_xacts where database = current_database() order by prepared limit 5)sql",
     "none", "commit prepared 'GID' or rollback prepared 'GID': vacuum waits for it"},
    {"replication slots", "warn", R"sql(
        select format('%s (%s) retains %s%s', slot_name, case when active then 'active' else
                      'inactive' end,
                      pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)),
                      coalesce(', ' || wal_status, ''))
          from pg_replication_slots
         where not pg_is_in_recovery() and (not active or
               pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) > 1073741824)
         order by restart_lsn limit 5)sql",
     "none retains much", "start its consumer, or select pg_drop_replication_slot('NAME')"},
    {"lock queue", "warn", R"sql(
        select format('pid %s of %s waits %s s for %s, held by pid %s', a.pid, a.usename,
                      extract(epoch from now() - w.since)::int,
                      coalesce(w.relation::regclass::text, w.locktype),
                      array_to_string(pg_blocking_pids(a.pid), ', '))
          from pg_stat_activity a
         cross join lateral (select l.relation, l.locktype, l.waitstart as since from pg_locks l
                              where l.pid = a.pid and not l.granted limit 1) w
         where a.datname = current_database() and w.since < now() - interval '1 second'
         order by w.since limit 5)sql",
     "nobody waits for a lock", "see the holder in pg_stat_activity; pg_cancel_backend(PID)"},
    {"indexes", "fail", R"sql(
        select format('%s on %s is invalid', i.indexrelid::regclass, i.indrelid::regclass)
          from pg_index i join pg_class c on c.oid = i.indrelid
          join pg_namespace n on n.oid = c.relnamespace
         where not i.indisvalid
           and n.nspname = any ('{log,board,projection,keys,feed,audit,integrity,relay}')
        union all
        select format('%s has no primary key', c.oid::regclass)
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r'
           and n.nspname = any ('{log,board,projection,keys,feed,audit,integrity,relay}')
           and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
         order by 1 limit 5)sql",
     "all are valid, and every table has its key", "reindex index concurrently NAME"},
    {"dead rows", "warn", R"sql(
        select format('%I.%I: %s dead of %s rows', schemaname, relname, n_dead_tup,
                      n_dead_tup + n_live_tup)
          from pg_stat_user_tables
         where n_dead_tup > 50000 and n_dead_tup > n_live_tup
         order by n_dead_tup desc limit 5)sql",
     "no table is mostly dead rows", "look for what holds vacuum back above, then: vacuum TABLE"},
};

}  // namespace

std::string names_of(pqxx::transaction_base& tx, const std::string& sql) {
    std::string names;
    for (const auto& [name] : tx.query<std::string>(sql))
        names += (names.empty() ? "" : ", ") + name;
    return names;
}

Findings hold_ups(pqxx::transaction_base& tx) {
    Findings all;
    for (const auto& check : checks)
        all.push_back(
            finding(check.name, check.level, names_of(tx, check.sql), check.good, check.hint));
    return all;
}

Findings tenant_hold_ups(pqxx::transaction_base& tx, int access_days) {
    const auto pending = tx.exec(R"sql(
        select format('%s of tenant %s', d.consumer, d.tenant),
               format('%s of tenant %s: %s of %s streams since %s', d.consumer, d.tenant,
                      count(d.parked_at), count(distinct (d.category, d.stream))
                                              filter (where d.parked_at is not null),
                      min(d.parked_at)::timestamptz(0)),
               count(*), count(d.parked_at)
          from feed.delivery d group by d.tenant, d.consumer
         having count(d.parked_at) > 0 or count(*) >= $1
         order by count(d.parked_at) desc, d.tenant, d.consumer)sql",
                                 pqxx::params{postgres::consumer_pending_max});
    const auto list = [&](auto wanted, int column) {
        constexpr int named_max = 5;
        std::string named;
        int count = 0;
        for (const auto& row : pending) {
            if (!wanted(row) || ++count > named_max) continue;
            named += (count == 1 ? "" : ", ") + row[column].as<std::string>();
        }
        if (count > named_max) named += ", and " + std::to_string(count - named_max) + " more";
        return named;
    };
    const auto parked = list([](const auto& row) { return row[3].template as<int>() > 0; }, 1);
    const auto full = list(
        [](const auto& row) {
            return row[2].template as<std::int64_t>() >= postgres::consumer_pending_max;
        },
        0);
    const auto overdue = names_of(tx, R"sql(
        select format('tenant %s has entries since %s', tenant, oldest_at::timestamptz(0)) ||
               case when count(*) over () > 1
                    then format(', and %s more tenants', count(*) over () - 1) else '' end
          from audit.head
         where oldest_at < (date_trunc('day', now() at time zone 'utc')
                            - interval '1 day' * )sql" +
                                          std::to_string(access_days + 1) +
                                          ") at time zone 'utc' order by oldest_at limit 1");
    return {finding("parked deliveries", "warn", parked, "no consumer has any",
                    "mend the member, then POST /v1/consumers/NAME/parked/retry or parked/skip"),
            finding("consumers", "warn", full, "none has as many undone events as it may",
                    "nothing more is read for them until members acknowledge, or parked events "
                    "are retried or skipped"),
            finding("audit retention", "warn", overdue,
                    "no entry is older than " + std::to_string(access_days) + " days",
                    "is a server running, and does its log say that old audit entries stay?")};
}

}  // namespace cli
