-- Gives copies made by projection.make_beside the keys and indexes that they still lack. An index
-- that is made over rows costs a fraction of one that is kept while they come.
create or replace function projection.index_beside(tables text[], beside text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    statement text;
begin
    if beside not in ('board_next', 'board_compare') then
        raise exception 'nothing is made in schema %', beside using errcode = '22023';
    end if;
    for statement in
        select format('alter table %I.%I add constraint %I %s', beside, c.relname, k.conname,
                      pg_get_constraintdef(k.oid))
          from pg_constraint k
          join pg_class c on c.oid = k.conrelid
         where c.relnamespace = 'board'::regnamespace and c.relname = any (tables)
           and k.contype in ('p', 'u', 'x')
           and to_regclass(format('%I.%I', beside, k.conname)) is null
        union all
        select regexp_replace(pg_get_indexdef(i.indexrelid), ' ON board\.',
                              format(' ON %I.', beside))
          from pg_index i
          join pg_class c on c.oid = i.indrelid
          join pg_class n on n.oid = i.indexrelid
         where c.relnamespace = 'board'::regnamespace and c.relname = any (tables)
           and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
           and to_regclass(format('%I.%I', beside, n.relname)) is null
    loop
        execute statement;
    end loop;
end $$;
alter function projection.index_beside owner to cairn_owner;
revoke all on function projection.index_beside from public;
grant execute on function projection.index_beside to cairn_projector;
comment on function projection.index_beside is 'The keys and indexes that copies lack.';
