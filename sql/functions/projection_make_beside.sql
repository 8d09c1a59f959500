-- Makes empty copies of tables of schema board in another schema: columns, checks, keys, unique
-- indexes, storage, row security, grants, triggers, and whether it is a hypertable. What is there
-- under the same names goes. Other indexes come later, when the rows are there, and so do keys and
-- unique indexes of the tables `appended`.
drop function if exists projection.make_beside(text[], text);
create or replace function projection.make_beside(tables text[], appended text[], beside text)
returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    name text;
    live pg_class;
    copy text;
    statement text;
begin
    if beside not in ('board_next', 'board_compare') then
        raise exception 'nothing is made in schema %', beside using errcode = '22023';
    end if;
    foreach name in array tables loop
        select c.* into strict live from pg_class c
         where c.relnamespace = 'board'::regnamespace and c.relname = name and c.relkind = 'r';
        copy := format('%I.%I', beside, name);
        execute format('drop table if exists %s', copy);
        execute format('create %s table %s (like board.%I including all excluding indexes)',
                       case live.relpersistence when 'u' then 'unlogged' else '' end, copy, name);
        if live.reloptions is not null then
            execute format('alter table %s set (%s)', copy, array_to_string(live.reloptions, ', '));
        end if;
        perform public.create_hypertable(copy::regclass,
                                         public.by_range(d.column_name, d.time_interval),
                                         create_default_indexes => false)
           from timescaledb_information.dimensions d
          where d.hypertable_schema = 'board' and d.hypertable_name = name
            and d.dimension_number = 1;
        if exists (select from pg_constraint where conrelid = live.oid and contype = 'f') then
            raise exception 'board.% has a foreign key, which a copy cannot have', name;
        end if;
        for statement in
            select format('alter table %s add constraint %I %s', copy, k.conname,
                          pg_get_constraintdef(k.oid))
              from pg_constraint k
             where k.conrelid = live.oid and k.contype in ('p', 'u', 'x')
               and name <> all (appended)
            union all
            select regexp_replace(pg_get_indexdef(i.indexrelid), ' ON board\.',
                                  format(' ON %I.', beside))
              from pg_index i
             where i.indrelid = live.oid and i.indisunique and name <> all (appended)
               and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
            union all
            select format('alter table %s enable row level security', copy)
             where live.relrowsecurity
            union all
            select format('alter table %s force row level security', copy)
             where live.relforcerowsecurity
            union all
            select format('create policy %I on %s as %s for %s to %s %s %s', p.policyname, copy,
                          p.permissive, p.cmd,
                          (select string_agg(case r when 'public' then r else quote_ident(r) end,
                                             ', ') from unnest(p.roles::text[]) r),
                          'using (' || p.qual || ')', 'with check (' || p.with_check || ')')
              from pg_policies p where p.schemaname = 'board' and p.tablename = name
            union all
            select format('grant %s on %s to %s', a.privilege_type, copy,
                          case a.grantee when 0 then 'public' else a.grantee::regrole::text end)
              from aclexplode(live.relacl) a where a.grantee <> live.relowner
            union all
            select format('grant %s (%I) on %s to %s', a.privilege_type, t.attname, copy,
                          case a.grantee when 0 then 'public' else a.grantee::regrole::text end)
              from pg_attribute t, aclexplode(t.attacl) a
             where t.attrelid = live.oid and t.attnum > 0 and not t.attisdropped
               and a.grantee <> live.relowner
            union all
            select regexp_replace(pg_get_triggerdef(t.oid), ' ON board\.',
                                  format(' ON %I.', beside))
              from pg_trigger t
             where t.tgrelid = live.oid and not t.tgisinternal and t.tgname <> 'ts_insert_blocker'
        loop
            execute statement;
        end loop;
    end loop;
end $$;
alter function projection.make_beside owner to cairn_owner;
revoke all on function projection.make_beside from public;
grant execute on function projection.make_beside to cairn_projector;
comment on function projection.make_beside is 'Empty copies of read models in another schema.';
