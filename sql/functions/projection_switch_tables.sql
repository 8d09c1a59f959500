-- Puts the copies in `incoming` in the place of the tables that serve, which become the previous
-- ones. Views on them are made again under their own names, so whoever reads them sees the new
-- tables. The caller holds the locks, so that this waits for nobody.
create or replace function projection.switch_tables(tables text[], incoming text) returns void
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    name text;
    views text[];
    statement text;
begin
    if incoming not in ('board_next', 'board_previous') then
        raise exception 'nothing is switched from schema %', incoming using errcode = '22023';
    end if;
    select array_agg(distinct format('create or replace view %I.%I %s as %s', n.nspname, v.relname,
                                     'with (' || array_to_string(v.reloptions, ', ') || ')',
                                     pg_get_viewdef(v.oid)))
      into views
      from pg_depend d
      join pg_class t on t.oid = d.refobjid and d.refclassid = 'pg_class'::regclass
      join pg_rewrite r on r.oid = d.objid and d.classid = 'pg_rewrite'::regclass
      join pg_class v on v.oid = r.ev_class and v.relkind = 'v'
      join pg_namespace n on n.oid = v.relnamespace
     where t.relnamespace = 'board'::regnamespace and t.relname = any (tables);
    foreach name in array tables loop
        if incoming = 'board_next' then
            execute format('alter table board.%I set schema board_previous', name);
            execute format('alter table board_next.%I set schema board', name);
        else
            execute format('alter table board.%I set schema board_swap', name);
            execute format('alter table board_previous.%I set schema board', name);
            execute format('alter table board_swap.%I set schema board_previous', name);
        end if;
    end loop;
    foreach statement in array coalesce(views, '{}') loop
        execute statement;
    end loop;
end $$;
alter function projection.switch_tables owner to cairn_owner;
revoke all on function projection.switch_tables from public;
grant execute on function projection.switch_tables to cairn_projector;
comment on function projection.switch_tables is 'Copies of read models take their places.';
