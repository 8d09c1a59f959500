create or replace function cairn.tenant() returns uuid
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

drop function cairn.no_tenant();
