-- Drops copies of read models; those that serve are out of reach.
create or replace function projection.drop_beside(tables text[], beside text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    name text;
begin
    if beside not in ('board_next', 'board_previous', 'board_compare') then
        raise exception 'nothing is dropped in schema %', beside using errcode = '22023';
    end if;
    foreach name in array tables loop
        execute format('drop table if exists %I.%I', beside, name);
    end loop;
end $$;
alter function projection.drop_beside owner to cairn_owner;
revoke all on function projection.drop_beside from public;
grant execute on function projection.drop_beside to cairn_projector;
comment on function projection.drop_beside is 'Drops copies of read models.';
