-- Why:   a page of points reads what it shows, however many places a metric has; its quality is
--        counted from roll-ups; and every run of upkeep leaves a line.
-- Locks: none that anyone waits for. All points are read once, to count those that came late.
-- After: nothing.

create table board.metric_late (
    day       date    not null,
    points    integer not null check (points > 0),
    position  bigint  not null,
    tenant    uuid    not null,
    metric    uuid    not null,
    location  text    collate "C" not null,
    primary key (tenant, metric, day, location, position)
);
comment on table board.metric_late is
    'How many points of the event at a position came more than 48 hours after their moment.';

-- Before the role is set: row security holds an owner to one tenant.
insert into board.metric_late (tenant, metric, day, location, position, points)
select p.tenant, p.metric, p.day, p.location, p.position, count(*)
  from (select tenant, metric, location, at, day, position from board.business_metrics
         union all
        select tenant, metric, location, at, day, position from board.metric_superseded
         union all
        select s.tenant, s.metric, s.location, u.at, u.day, u.position
          from board.metric_segment s
         cross join lateral cairn.unpacked(s.from_at, s.stride, s.drift, s.day_shift, s.value,
                                           s.position) u) p
  join log.tenant_lane l on l.tenant = p.tenant
  join log.event e on e.lane = l.lane and e.position = p.position
 where e.recorded_at > p.at + interval '48 hours'
 group by p.tenant, p.metric, p.day, p.location, p.position;

alter table board.metric_late owner to cairn_owner;
set local role cairn_owner;

alter table board.metric_late enable row level security;
alter table board.metric_late force row level security;
create policy own_tenant on board.metric_late for select to cairn_reader
    using (tenant = (select cairn.tenant()));
create policy projector on board.metric_late to cairn_projector using (true) with check (true);
grant select, insert, update, delete, truncate on board.metric_late to cairn_projector;
grant select on board.metric_late to cairn_reader;

create table projection.upkeep (
    started_at     timestamptz not null,
    before         timestamptz not null,
    points         bigint      not null,
    bytes_before   bigint      not null,
    bytes_after    bigint      not null,
    milliseconds   bigint      not null,
    chunks         bigint,
    run            uuid        primary key,
    what           text        not null,
    outcome        text        not null
);
create index upkeep_started on projection.upkeep (started_at);
comment on table projection.upkeep is
    'One line a run: what was done up to which moment, to how many points, and what it saved.';
comment on column projection.upkeep.chunks is
    'How many empty ones were dropped; null: they could not be, and the next run tries again.';
grant select, insert on projection.upkeep to cairn_projector;

-- The functions below are asked by the request role; their owner is held to the tenant.
create policy view_owner on board.metric_series for select to cairn_owner
    using (tenant = (select cairn.tenant()));
create policy view_owner on board.metric_rollup for select to cairn_owner
    using (tenant = (select cairn.tenant()));
create policy view_owner on board.metric_retention for select to cairn_owner
    using (tenant = (select cairn.tenant()));
create policy view_owner on board.metric_superseded for select to cairn_owner
    using (tenant = (select cairn.tenant()));

create function cairn.unpacked_from(from_at timestamptz, stride bigint, drift bigint[],
                                    day_shift smallint[], "values" numeric[], since timestamptz,
                                    most integer)
returns table (at timestamptz, day date, value numeric)
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    -- Moments grow with their place: the first one that is not before `since` is searched for.
    micros constant bigint := extract(epoch from since - from_at) * 1000000;
    first integer := 1;
    beyond integer := cardinality(drift) + 1;
    middle integer;
begin
    while first < beyond loop
        middle := (first + beyond) / 2;
        if (middle - 1) * stride + drift[middle] < micros then
            first := middle + 1;
        else
            beyond := middle;
        end if;
    end loop;
    beyond := least(cardinality(drift)::bigint, first::bigint + most - 1);
    return query
        select m.moment, (m.moment at time zone 'UTC')::date + p.shift, p.amount
          from unnest(drift[first:beyond], day_shift[first:beyond], "values"[first:beyond])
               with ordinality as p (drifted, shift, amount, n)
         cross join lateral (select from_at + ((p.n + first - 2) * stride + p.drifted)
                                              * interval '1 microsecond') m (moment);
end $$;
revoke all on function cairn.unpacked_from from public;
comment on function cairn.unpacked_from is
    'The first points of a segment that are not before a moment, without taking out the others.';

create function board.metric_page(metric uuid, place text, since timestamptz, until timestamptz,
                                  after_place text, after_variant bigint, most integer)
returns table (at timestamptz, day date, location text, variant bigint, value numeric, unit text,
               dimensions jsonb)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set enable_hashagg = off
set enable_bitmapscan = off
set enable_seqscan = off
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
    mine constant uuid := cairn.tenant();
    begun timestamptz;
    enough timestamptz;   -- before it lie as many points as are asked for
    inside bigint;        -- how many, about
    ends timestamptz[];
    ended timestamptz;
    found_before integer := 0;
    found_now integer;
begin
    -- Roll-ups outlive points; where those were given up there is nothing to look for.
    select greatest(since, (max(r.points_before) - 2)::timestamp at time zone 'UTC')
      into begun from board.metric_retention r where r.tenant = mine;
    if place is null then
        select b.bucket + interval '1 hour', b.points into enough, inside
          from (select r.bucket, sum(sum(r.count)) over (order by r.bucket) as points
                  from board.metric_rollup r
                 where r.tenant = mine and r.metric = $1 and r.grain = 0
                   and r.bucket >= date_bin('1 hour', begun, 'epoch') + interval '1 hour'
                   and r.bucket < until
                 group by r.bucket) b
         where b.points >= most order by b.bucket limit 1;
    else
        select b.to_at + interval '1 microsecond', most into enough, inside
          from (select s.to_at, sum(s.points) over (order by s.to_at) as points
                  from board.metric_segment s
                 where s.tenant = mine and s.metric = $1 and s.location = place
                   and s.from_at >= begun and s.to_at < until) b
         where b.points >= most order by b.to_at limit 1;
    end if;
    enough := least(enough, until);
    -- Points come evenly as a rule: what should hold the page twice is read first, then what holds
    -- it for certain.
    ends := array[begun + least(2.0 * most / nullif(inside, 0), 1) * (enough - begun),
                  begun + least(16.0 * most / nullif(inside, 0), 1) * (enough - begun), enough,
                  until];
    foreach ended in array ends loop
        continue when ended is null or ended <= begun;
        return query
            select p.at, p.day, s.location, s.variant, p.value, p.unit, s.dimensions
              from (select o.location, o.variant, o.dimensions,
                           begun + case when (o.location, o.variant) <= (after_place, after_variant)
                                        then interval '1 microsecond'
                                        else interval '0' end as since
                      from board.metric_series o
                     where o.tenant = mine and o.metric = $1
                       and (place is null or o.location = place)) s
             cross join lateral (
                   (select b.at, b.day, b.value, b.unit
                      from board.business_metrics b
                     where b.tenant = mine and b.metric = $1 and b.location = s.location
                       and b.variant = s.variant and b.at >= begun and b.at >= s.since
                       and b.at < ended
                     order by b.at limit most)
                    union all
                   (select u.at, u.day, u.value, g.unit
                      from board.metric_segment g
                     cross join lateral cairn.unpacked_from(g.from_at, g.stride, g.drift,
                                                            g.day_shift, g.value, s.since, most) u
                     where g.tenant = mine and g.metric = $1 and g.location = s.location
                       and g.variant = s.variant and g.to_at >= s.since and g.from_at < ended
                       and u.at < ended
                     order by u.at limit most)) p
             order by p.at, s.location, s.variant limit most - found_before;
        get diagnostics found_now = row_count;
        found_before := found_before + found_now;
        exit when found_before >= most;
        begun := ended;
        after_place := null;
    end loop;
end $$;
revoke all on function board.metric_page from public;
grant execute on function board.metric_page to cairn_reader;
comment on function board.metric_page is
    'The first points of a metric of this transaction''s tenant, by time, location and variant: '
    'since a moment, there after a location and variant, until another.';

create function board.metric_replaced(metric uuid, place text, from_day date, to_day date)
returns table (at timestamptz, "position" bigint, value numeric, next numeric)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    with gone as materialized (
        select s.location, s.variant, s.at, s.position, s.value from board.metric_superseded s
         where s.tenant = (select cairn.tenant()) and s.metric = $1
           and s.day >= $3 and s.day < $4
           and s.at >= ($3 - 2)::timestamp at time zone 'UTC'
           and s.at < ($4 + 2)::timestamp at time zone 'UTC'
           and ($2 is null or s.location = $2)),
    moments as materialized (select distinct location, variant, at from gone),
    present as (
        select m.location, m.variant, m.at, p.value
          from moments m
          join board.business_metrics p
            on p.tenant = (select cairn.tenant()) and p.metric = $1 and p.location = m.location
           and p.variant = m.variant and p.at = m.at
         union all
        select m.location, m.variant, m.at, u.value
          from (select g.* from board.metric_segment g
                 where g.tenant = (select cairn.tenant()) and g.metric = $1
                   and exists (select from moments m
                                where m.location = g.location and m.variant = g.variant
                                  and m.at between g.from_at and g.to_at)) g
         cross join lateral cairn.unpacked(g.from_at, g.stride, g.drift, g.day_shift, g.value,
                                           g.position) u
          join moments m on m.location = g.location and m.variant = g.variant and m.at = u.at)
    select g.at, g.position, g.value,
           coalesce(lead(g.value) over (partition by g.location, g.variant, g.at
                                            order by g.position), p.value)
      from gone g left join present p using (location, variant, at)
$$;
revoke all on function board.metric_replaced from public;
grant execute on function board.metric_replaced to cairn_reader;
comment on function board.metric_replaced is
    'The values that were sent again, by business day, and what took the place of each.';

drop function board.metric_points;
