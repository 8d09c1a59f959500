-- Why:   every policy asks the same question, and it must fail when nobody set the answer.
-- Locks: none that anyone waits for.

set local role cairn_owner;

create function cairn.tenant() returns uuid
    language plpgsql stable parallel safe set search_path = pg_catalog
as $$
declare
    value text := current_setting('cairn.tenant', true);
begin
    if value is null or value = '' then
        raise exception 'no tenant is set for this transaction' using errcode = '42501';
    end if;
    return value::uuid;
end $$;
comment on function cairn.tenant() is 'The tenant of this transaction; raises 42501 when unset.';
