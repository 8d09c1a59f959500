-- Why:   points of metrics are read from a hypertable, and dashboards from roll-ups of it.
-- Locks: none that anyone waits for; the tables are new.
-- After: cairn projection rebuild metric_board

-- TimescaleDB's functions are in schema public, and whoever owns a hypertable makes its chunks.
grant usage on schema public to cairn_owner;

set local role cairn_owner;

-- Whom the clock asks for a check-in by a metric.
create index smart_goals_measured on board.smart_goals (tenant, goal)
    where lifecycle = 'active' and metric is not null;

create table board.location (
    tenant              uuid   not null,
    location            uuid   not null,
    key                 text   collate "C" not null,
    version             bigint not null,
    name                text   not null,
    time_zone           text,
    day_cutoff_minutes  smallint,
    closed              boolean not null,
    primary key (tenant, key)
);

create table board.metric (
    tenant          uuid        not null,
    metric          uuid        not null,
    key             text        collate "C" not null,
    version         bigint      not null,
    archived        boolean     not null,
    name            text        not null,
    kind            text        not null,
    unit            text        not null,
    additivity      text        not null,
    aggregation     text        not null,
    good_direction  text        not null,
    gap_policy      text        not null,
    dimensions      jsonb       not null,
    precision       smallint    not null,
    formula         text        not null,
    minimum         numeric,
    maximum         numeric,
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    primary key (tenant, key)
);
create unique index metric_id on board.metric (tenant, metric);

create table board.metric_calendar (
    tenant      uuid     primary key,
    week_start  smallint not null check (week_start between 0 and 6)
);
comment on table board.metric_calendar is 'The week of each tenant as the roll-ups have it.';

create table board.metric_series (
    tenant      uuid   not null,
    metric      uuid   not null,
    variant     bigint not null,
    location    text   collate "C" not null,
    dimensions  jsonb  not null,
    primary key (tenant, metric, location, variant)
);
comment on table board.metric_series is 'Every series that has had a point, and what variant means.';

create table board.business_metrics (
    at        timestamptz not null,
    position  bigint      not null,
    variant   bigint      not null,
    tenant    uuid        not null,
    metric    uuid        not null,
    day       date        not null,
    location  text        collate "C" not null,
    unit      text        not null,
    value     numeric     not null,
    metadata  jsonb,
    primary key (tenant, metric, location, variant, at)
);
comment on table board.business_metrics is
    'The present value of every point: of the batches that count, the last one in the log.';
comment on column board.business_metrics.variant is
    'Tells points of one moment with different dimensions apart; 0 is none.';
comment on column board.business_metrics.day is 'The business day, decided when it was taken in.';
select public.create_hypertable('board.business_metrics', public.by_range('at', interval '7 days'),
                                create_default_indexes => false);

create table board.metric_superseded (
    at        timestamptz not null,
    position  bigint      not null,
    variant   bigint      not null,
    tenant    uuid        not null,
    metric    uuid        not null,
    day       date        not null,
    location  text        collate "C" not null,
    value     numeric     not null,
    metadata  jsonb,
    primary key (tenant, metric, location, variant, at, position)
);
comment on table board.metric_superseded is
    'Values that a later batch replaced: they count again when that batch is reverted.';

create table board.metric_rollup (
    bucket    timestamptz not null,
    count     bigint      not null,
    variant   bigint      not null,
    first_at  timestamptz not null,
    last_at   timestamptz not null,
    tenant    uuid        not null,
    metric    uuid        not null,
    grain     smallint    not null check (grain between 0 and 4),
    location  text        collate "C" not null,
    sum       numeric     not null,
    min       numeric     not null,
    max       numeric     not null,
    first     numeric     not null,
    last      numeric     not null,
    primary key (tenant, metric, grain, bucket, location, variant)
) with (fillfactor = 85);
comment on table board.metric_rollup is
    'Grain 0 is an hour of UTC; 1 to 4 are business day, week, month and quarter, whose buckets '
    'are dates written as midnight UTC.';

create table board.metric_batch (
    tenant       uuid        not null,
    batch        uuid        not null,
    version      bigint      not null,
    source       text        not null,
    received     integer     not null,
    accepted     integer     not null,
    duplicate    integer     not null,
    corrected    integer     not null,
    rejected     integer     not null,
    reverted     boolean     not null,
    reason       text        not null,
    recorded_at  timestamptz not null,
    primary key (tenant, batch)
);
create index metric_batch_recorded on board.metric_batch (tenant, recorded_at, batch);

create table board.metric_reject (
    tenant  uuid    not null,
    batch   uuid    not null,
    line    integer not null,
    place   integer not null,
    metric  text    not null,
    code    text    not null,
    detail  text    not null,
    primary key (tenant, batch, line, place)
);

do $$
declare
    name text;
begin
    foreach name in array array['location', 'metric', 'metric_calendar', 'metric_series',
                                'business_metrics', 'metric_superseded', 'metric_rollup', 'metric_batch',
                                'metric_reject'] loop
        execute format('alter table board.%I enable row level security', name);
        execute format('alter table board.%I force row level security', name);
        execute format('create policy own_tenant on board.%I for select to cairn_reader
                            using (tenant = (select cairn.tenant()))', name);
        execute format('create policy projector on board.%I to cairn_projector
                            using (true) with check (true)', name);
        execute format('grant select, insert, update, delete, truncate on board.%I
                            to cairn_projector', name);
    end loop;
    foreach name in array array['location', 'metric', 'metric_series', 'metric_rollup',
                                'metric_batch', 'metric_reject'] loop
        execute format('grant select on board.%I to cairn_reader', name);
    end loop;
end $$;

-- Chunks do not inherit policies but do inherit grants, so the request role has none on the
-- hypertable: it reads through a view whose owner is held to the tenant.
create policy view_owner on board.business_metrics for select to cairn_owner
    using (tenant = (select cairn.tenant()));
create view board.metric_point with (security_barrier) as
    select tenant, metric, location, variant, at, day, value, unit, metadata, position
      from board.business_metrics
     where tenant = (select cairn.tenant());
grant select on board.metric_point to cairn_reader;
comment on view board.metric_point is 'The points of this transaction''s tenant.';
