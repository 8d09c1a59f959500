// What holds a database up, each with its name and what to do about it.
#include "src/cli/findings.hpp"

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
         where not i.indisvalid and n.nspname in ('log', 'board', 'projection', 'keys')
        union all
        select format('%s has no primary key', c.oid::regclass)
          from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname in ('log', 'board', 'projection', 'keys')
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

}  // namespace cli
