drop function board.drop_empty_chunks;
drop function board.metric_points;
-- Packed points go back to where the older schema looks for them.
insert into board.business_metrics
    (tenant, metric, location, variant, at, day, value, position, unit, metadata)
select s.tenant, s.metric, s.location, s.variant, p.at, p.day, p.value, p.position, s.unit,
       nullif(d.dimensions, '{}')
  from board.metric_segment s
  join board.metric_series d using (tenant, metric, location, variant)
 cross join lateral cairn.unpacked(s.from_at, s.stride, s.drift, s.day_shift, s.value,
                                   s.position) p;
drop function cairn.unpacked;
drop table board.metric_retention, board.metric_frozen, board.metric_segment;
create view board.metric_point with (security_barrier) as
    select tenant, metric, location, variant, at, day, value, unit, metadata, position
      from board.business_metrics
     where tenant = (select cairn.tenant());
alter view board.metric_point owner to cairn_owner;
grant select on board.metric_point to cairn_reader;
comment on view board.metric_point is 'The points of this transaction''s tenant.';
do $$
begin
    if exists (select from pg_extension where extname = 'pg_cron') then
        perform cron.unschedule(jobid) from cron.job where jobname = 'cairn-upkeep';
    end if;
end $$;
