-- The outcome of a command of this transaction's tenant; no row when it was never decided.
create or replace function log.outcome_of(command uuid)
returns table (status int, fingerprint uuid, category text, stream uuid, version bigint,
               first_position bigint, events int)
language sql stable security invoker
set search_path = pg_catalog, pg_temp
as $$
    select k.status, k.fingerprint, k.category, k.stream, k.version, k.position, k.events
      from log.command k
     where k.tenant = (select cairn.tenant()) and k.id = outcome_of.command
$$;
alter function log.outcome_of owner to cairn_owner;
revoke all on function log.outcome_of from public;
grant execute on function log.outcome_of to cairn_reader;
comment on function log.outcome_of is 'What became of a command; no row when it never was.';
