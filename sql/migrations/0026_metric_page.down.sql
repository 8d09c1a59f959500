create function board.metric_points(metric uuid, from_at timestamptz, to_at timestamptz)
returns table (location text, variant bigint, at timestamptz, day date, value numeric, unit text,
               "position" bigint)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    select p.location, p.variant, p.at, p.day, p.value, p.unit, p.position
      from board.business_metrics p
     where p.tenant = (select cairn.tenant()) and p.metric = $1 and p.at >= $2 and p.at < $3
     union all
    select s.location, s.variant, p.at, p.day, p.value, s.unit, p.position
      from board.metric_segment s
     cross join lateral cairn.unpacked(s.from_at, s.stride, s.drift, s.day_shift, s.value,
                                       s.position) p
     where s.tenant = (select cairn.tenant()) and s.metric = $1
       and s.to_at >= $2 and s.from_at < $3 and p.at >= $2 and p.at < $3
$$;
alter function board.metric_points owner to cairn_owner;
revoke all on function board.metric_points from public;
grant execute on function board.metric_points to cairn_reader;
comment on function board.metric_points is
    'The points of a metric of this transaction''s tenant from one moment up to another.';
drop function board.metric_replaced;
drop function board.metric_page;
drop function cairn.unpacked_from;
drop policy view_owner on board.metric_superseded;
drop policy view_owner on board.metric_retention;
drop policy view_owner on board.metric_rollup;
drop policy view_owner on board.metric_series;
drop table projection.upkeep;
drop table board.metric_late;
