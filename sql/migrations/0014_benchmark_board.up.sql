-- Why:   external series and peers are held beside a tenant's metrics.
-- Locks: adding a policy to board.metric and board.metric_rollup waits for their readers, a moment.
-- After: cairn projection rebuild benchmark_board

-- The one role that sees several tenants at once: only those who share, and only through
-- board.peer_distribution, which it owns. Nobody connects as it.
do $$
begin
    if not exists (select from pg_roles where rolname = 'cairn_cohort') then
        create role cairn_cohort nologin nosuperuser nobypassrls;
    end if;
end $$;
grant usage on schema cairn, board to cairn_cohort;

set local role cairn_owner;

create table board.benchmark (
    tenant           uuid        not null,
    benchmark        uuid        not null,
    version          bigint      not null,
    provider         text        not null,
    external_id      text        not null,
    title            text        not null,
    unit             text        not null,
    frequency        text        not null,
    naics            text        not null,
    geo              text        not null,
    redistribute     boolean     not null,
    cloud_model_use  boolean     not null,
    attribution      text        not null,
    retired_on       date,
    observations     integer     not null,
    first_period     date,
    last_period      date,
    last_vintage     date,
    updated_at       timestamptz not null,
    primary key (tenant, benchmark)
);
comment on table board.benchmark is 'One row a series. Written only by projections/benchmark_board.cpp.';

create table board.benchmark_observation (
    period     date    not null,
    vintage    date    not null,
    tenant     uuid    not null,
    benchmark  uuid    not null,
    value      numeric not null,
    p10        numeric,
    p25        numeric,
    p50        numeric,
    p75        numeric,
    p90        numeric,
    primary key (tenant, benchmark, period, vintage)
);
comment on table board.benchmark_observation is
    'What was known of a period from its vintage on. Rows are added and never changed.';

create table board.benchmark_import (
    tenant       uuid        not null,
    benchmark    uuid        not null,
    import       uuid        not null,
    version      bigint      not null,
    format       text        not null,
    received     integer     not null,
    accepted     integer     not null,
    known        integer     not null,
    missing      integer     not null,
    rejected     integer     not null,
    recorded_at  timestamptz not null,
    primary key (tenant, benchmark, import)
);

create table board.benchmark_reject (
    tenant     uuid    not null,
    benchmark  uuid    not null,
    import     uuid    not null,
    place      integer not null,
    line       integer not null,
    code       text    not null,
    detail     text    not null,
    primary key (tenant, benchmark, import, place)
);
comment on table board.benchmark_reject is 'The first rows of each file that were not taken.';

create table board.benchmark_mapping (
    tenant       uuid    not null,
    metric       uuid    not null,
    benchmark    uuid    not null,
    version      bigint  not null,
    transform    text    not null,
    adjustment   text    not null,
    deflator     uuid,
    factor       numeric not null,
    factor_unit  text    not null,
    primary key (tenant, metric, benchmark)
);

create table board.cohort_member (
    tenant   uuid        primary key,
    version  bigint      not null,
    naics    text        not null,
    country  text        not null,
    since    timestamptz not null
);
comment on table board.cohort_member is 'Who shares with its peers: nobody else is ever counted.';
create index cohort_member_group on board.cohort_member (naics, country);

do $$
declare
    name text;
begin
    foreach name in array array['benchmark', 'benchmark_observation', 'benchmark_import',
                                'benchmark_reject', 'benchmark_mapping', 'cohort_member'] loop
        execute format('alter table board.%I enable row level security', name);
        execute format('alter table board.%I force row level security', name);
        execute format('create policy own_tenant on board.%I for select to cairn_reader
                            using (tenant = (select cairn.tenant()))', name);
        execute format('create policy projector on board.%I to cairn_projector
                            using (true) with check (true)', name);
        execute format('grant select on board.%I to cairn_reader', name);
        execute format('grant select, insert, update, delete, truncate on board.%I
                            to cairn_projector', name);
    end loop;
end $$;

-- The body is a string and not `begin atomic`: it finds the table by its name after a switch too.
create function cairn.cohort_tenants() returns setof uuid language sql stable set search_path = ''
as 'select tenant from board.cohort_member';
alter function cairn.cohort_tenants() owner to cairn_owner;
revoke all on function cairn.cohort_tenants() from public;
grant execute on function cairn.cohort_tenants() to cairn_cohort;
comment on function cairn.cohort_tenants() is 'Who shares, read with the rights of who asks.';

-- Whoever stops sharing is out of reach at once, whatever the function asks for.
create policy cohort on board.cohort_member for select to cairn_cohort using (true);
create policy cohort on board.metric for select to cairn_cohort
    using (tenant in (select cairn.cohort_tenants()));
create policy cohort on board.metric_rollup for select to cairn_cohort
    using (tenant in (select cairn.cohort_tenants()));
grant select on board.cohort_member, board.metric, board.metric_rollup to cairn_cohort;
