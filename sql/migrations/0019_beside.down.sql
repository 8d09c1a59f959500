-- Hypertables are dropped one at a time.
do $$
declare
    one regclass;
begin
    for one in
        select c.oid::regclass from pg_class c
          join pg_namespace n on n.oid = c.relnamespace
         where n.nspname in ('board_next', 'board_previous', 'board_compare', 'board_swap')
           and c.relkind = 'r'
    loop
        execute format('drop table %s', one);
    end loop;
end $$;
delete from projection.checkpoint where name like '%@%';
delete from projection.lease where name like '%@%';
delete from projection.dead_letter where name like '%@%';
delete from projection.state where name like '%@%';
drop table projection.revision;
drop schema board_swap, board_compare, board_previous, board_next;
