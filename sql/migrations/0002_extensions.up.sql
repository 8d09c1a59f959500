-- Why:   metrics live in hypertables, recall in vectors, the evidence graph also in AGE.
-- Locks: none that anyone waits for.

create extension if not exists timescaledb;
create extension if not exists vector;
create extension if not exists age;
do $$
begin
    -- pg_cron lives in one database of a cluster, which may be another one than this.
    if current_setting('cron.database_name', true) = current_database() then
        create extension if not exists pg_cron;
    end if;
end $$;
