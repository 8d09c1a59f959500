-- Why:   every policy asks for the tenant; as one expression it becomes a part of the plan, where a
--        call of PL/pgSQL under its own search path cost more than finding a row.
-- Locks: none that anyone waits for.

set local role cairn_owner;

create function cairn.no_tenant() returns uuid
    language plpgsql stable parallel safe set search_path = pg_catalog
as $$
begin
    raise exception 'no tenant is set for this transaction' using errcode = '42501';
end $$;
comment on function cairn.no_tenant() is 'Raises 42501: what cairn.tenant() is when nobody set it.';
-- Whoever asks for the tenant needs it: the right is looked at when a plan begins.
grant execute on function cairn.no_tenant() to public;

-- Plans take it in as long as it has neither SET nor SECURITY DEFINER; names in a RETURN are resolved
-- here, so that no search path reaches them.
create or replace function cairn.tenant() returns uuid
    language sql stable parallel safe
return coalesce(nullif(current_setting('cairn.tenant', true), '')::uuid, cairn.no_tenant());
