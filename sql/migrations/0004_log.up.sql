-- Why:   the log itself: lanes, streams, events, and the outcome of every command.
-- Locks: none that anyone waits for; the tables are new.

set local role cairn_owner;

create table log.generation (
    only_one    boolean     primary key default true check (only_one),
    number      bigint      not null,
    started_at  timestamptz not null default now()
);
comment on table log.generation is
    'Grows when a restore or a failover may reuse positions that clients have already seen.';
insert into log.generation (number) values (1);

create table log.lane_head (
    lane      smallint primary key,
    position  bigint   not null check (position >= 0)
) with (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
comment on table log.lane_head is
    'The highest position of each lane. Its row lock is what makes positions gapless.';
insert into log.lane_head select lane, 0 from generate_series(0, 3) as lane;

create table log.tenant_lane (
    tenant  uuid     primary key,
    lane    smallint not null references log.lane_head
);
comment on table log.tenant_lane is 'All events of a tenant share one lane, for ever.';

create table log.stream (
    tenant    uuid     not null,
    id        uuid     not null,
    version   bigint   not null check (version > 0),
    lane      smallint not null,
    category  text     collate "C" not null,
    primary key (tenant, category, id)
) with (fillfactor = 75);
comment on table log.stream is 'The version of every stream: what an append is compared with.';

create table log.event (
    position     bigint      not null,
    version      bigint      not null,
    occurred_at  timestamptz not null,
    recorded_at  timestamptz not null,
    tenant       uuid        not null,
    stream       uuid        not null,
    id           uuid        not null,
    actor        uuid        not null,
    correlation  uuid        not null,
    causation    uuid        not null,
    command      uuid        not null,
    lane         smallint    not null,
    schema       smallint    not null,
    actor_kind   smallint    not null,
    category     text        collate "C" not null,
    type         text        collate "C" not null,
    traceparent  text        not null,
    hash         bytea       not null check (octet_length(hash) = 32),
    data         json        not null,
    primary key (lane, position),
    unique (tenant, category, stream, version)
) with (autovacuum_vacuum_insert_scale_factor = 0.05);
comment on table log.event is 'What happened, immutable. The bytes of data are what is hashed.';
comment on column log.event.hash is 'SHA-256 as in events/recorded.hpp, over header and data.';
create index event_recorded_at on log.event using brin (recorded_at) with (autosummarize = on);
create index event_type on log.event (tenant, type, position);

create table log.command (
    tenant       uuid        not null,
    id           uuid        not null,
    fingerprint  uuid        not null,
    stream       uuid        not null,
    version      bigint      not null,
    position     bigint      not null,
    recorded_at  timestamptz not null,
    events       smallint    not null,
    status       smallint    not null,
    category     text        collate "C" not null,
    primary key (tenant, id)
);
comment on table log.command is 'The outcome of every decided command: what a repeat is told.';

create table log.claim (
    tenant    uuid  not null,
    stream    uuid  not null,
    name      text  collate "C" not null,
    category  text  collate "C" not null,
    digest    bytea not null,
    primary key (tenant, name, digest)
);
comment on table log.claim is
    'Unique values of a tenant, such as e-mail addresses, as keyed digests.';

-- Readers see their tenant; projectors see all; the owner is the append function.
do $$
declare
    name text;
begin
    foreach name in array array['tenant_lane', 'stream', 'event', 'command', 'claim'] loop
        execute format('alter table log.%I enable row level security', name);
        execute format('alter table log.%I force row level security', name);
        execute format('create policy append on log.%I to cairn_owner
                            using (true) with check (true)', name);
        execute format('create policy own_tenant on log.%I for select to cairn_reader
                            using (tenant = (select cairn.tenant()))', name);
        execute format('create policy all_tenants on log.%I for select
                            to cairn_projector, cairn_auditor using (true)', name);
    end loop;
end $$;

grant select on log.generation, log.lane_head
    to cairn_appender, cairn_reader, cairn_projector, cairn_auditor;
grant select on log.event, log.stream, log.command, log.tenant_lane to cairn_reader;
grant select on log.event, log.stream, log.tenant_lane to cairn_projector;
grant select (position, version, occurred_at, recorded_at, tenant, stream, id, actor, correlation,
              causation, command, lane, schema, actor_kind, category, type, traceparent, hash)
    on log.event to cairn_auditor;
grant select on log.stream, log.command, log.tenant_lane to cairn_auditor;
