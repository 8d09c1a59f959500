-- Why:   cold points are packed into segments of a series, what a plan no longer promises is
--        trimmed, and both are read as if nothing had happened.
-- Locks: ACCESS EXCLUSIVE on the view board.metric_point while it is replaced by a function.

-- pg_cron lives in one database of a cluster; where it is not, the server's own timer is enough.
do $$
begin
    if exists (select from pg_extension where extname = 'pg_cron') then
        perform cron.schedule('cairn-upkeep', '17 3 * * *', 'notify cairn_upkeep');
    end if;
end $$;

set local role cairn_owner;

create table board.metric_segment (
    from_at   timestamptz not null,
    to_at     timestamptz not null,
    variant   bigint      not null,
    stride    bigint      not null,
    tenant    uuid        not null,
    metric    uuid        not null,
    points    integer     not null check (points > 0),
    location  text        collate "C" not null,
    unit      text        not null,
    drift     bigint[]    compression pglz not null,
    day_shift smallint[]  compression pglz not null,
    value     numeric[]   compression pglz not null,
    position  bigint[]    compression pglz not null,
    primary key (tenant, metric, location, variant, from_at)
) with (toast_tuple_target = 256);
comment on table board.metric_segment is
    'Cold points of one series, column by column; each point is either here or in business_metrics.';
comment on column board.metric_segment.drift is
    'Microseconds that point n lies after from_at + (n - 1) * stride: of a regular series, zeros.';
comment on column board.metric_segment.day_shift is
    'The business day less the date in UTC.';

create table board.metric_frozen (
    until   timestamptz not null,
    tenant  uuid        primary key
);
comment on table board.metric_frozen is
    'No segment of the tenant has a younger point: younger ones arrive without a look at segments.';

create table board.metric_retention (
    trimmed_at     timestamptz not null,
    version        bigint      not null,
    points         bigint      not null,
    hours          bigint      not null,
    buckets        bigint      not null,
    tenant         uuid        not null,
    points_before  date        not null,
    hours_before   date        not null,
    days_before    date        not null,
    primary key (tenant, version)
);
comment on table board.metric_retention is
    'What was trimmed when, and the first business day that was kept; 1970-01-01 keeps all.';

do $$
declare
    name text;
begin
    foreach name in array array['metric_segment', 'metric_frozen', 'metric_retention'] loop
        execute format('alter table board.%I enable row level security', name);
        execute format('alter table board.%I force row level security', name);
        execute format('create policy own_tenant on board.%I for select to cairn_reader
                            using (tenant = (select cairn.tenant()))', name);
        execute format('create policy projector on board.%I to cairn_projector
                            using (true) with check (true)', name);
        execute format('grant select, insert, update, delete, truncate on board.%I
                            to cairn_projector', name);
    end loop;
end $$;
grant select on board.metric_retention to cairn_reader;

-- The one place that knows how a segment is read.
create function cairn.unpacked(from_at timestamptz, stride bigint, drift bigint[],
                               day_shift smallint[], value numeric[], "position" bigint[])
returns table (at timestamptz, day date, value numeric, "position" bigint)
language sql stable parallel safe
as $$
    select m.at, (m.at at time zone 'UTC')::date + p.shift, p.value, p.place
      from unnest($3, $4, $5, $6) with ordinality as p (drift, shift, value, place, n)
     cross join lateral (select $1 + ((p.n - 1) * $2 + p.drift) * interval '1 microsecond') m (at)
$$;
revoke all on function cairn.unpacked from public;
grant execute on function cairn.unpacked to cairn_projector;
comment on function cairn.unpacked is 'The points of a segment.';

-- Chunks do not inherit policies but do inherit grants, so the request role has none on the
-- hypertable: it asks a function whose owner is held to the tenant.
create policy view_owner on board.metric_segment for select to cairn_owner
    using (tenant = (select cairn.tenant()));
drop view board.metric_point;
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
revoke all on function board.metric_points from public;
grant execute on function board.metric_points to cairn_reader;
comment on function board.metric_points is
    'The points of a metric of this transaction''s tenant from one moment up to another.';

-- Only a hypertable's owner drops its chunks. The caller keeps the projection out meanwhile.
create function board.drop_empty_chunks(before timestamptz) returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    chunk record;
    dropped integer := 0;
    filled boolean;
begin
    for chunk in select format('%I.%I', c.chunk_schema, c.chunk_name) as name,
                        c.range_start, c.range_end
                   from timescaledb_information.chunks c
                  where c.hypertable_schema = 'board' and c.hypertable_name = 'business_metrics'
                    and c.range_end <= before loop
        execute 'select exists (select from ' || chunk.name || ')' into filled;
        continue when filled;
        perform public.drop_chunks('board.business_metrics', older_than => chunk.range_end,
                                   newer_than => chunk.range_start);
        dropped := dropped + 1;
    end loop;
    return dropped;
end $$;
revoke all on function board.drop_empty_chunks from public;
grant execute on function board.drop_empty_chunks to cairn_projector;
comment on function board.drop_empty_chunks is
    'Drops the chunks of points that end by a moment and have none left; how many.';
