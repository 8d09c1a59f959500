-- Why:   a tenant's events are read in the order of their positions, and consumers keep their place
--        here: what was handed out, to whom and until when.
-- Locks: writers of log.event wait while its index is built; some seconds a million events.

set local role cairn_owner;

create index event_tenant on log.event (tenant, position);

create schema feed;
comment on schema feed is 'Durable consumers of the log: their cursors and what they have in hand.';
grant usage on schema feed to cairn_reader;

create table feed.consumer (
    tenant         uuid        not null,
    name           text        collate "C" not null,
    filter         json        not null,
    read_position  bigint      not null check (read_position >= 0),
    lease_seconds  int         not null check (lease_seconds between 1 and 3600),
    failures_max   smallint    not null check (failures_max between 1 and 100),
    created_at     timestamptz not null default now(),
    primary key (tenant, name)
);
comment on table feed.consumer is 'Who reads the log with a cursor that we keep.';
comment on column feed.consumer.read_position is
    'Up to here the log was looked through: what matched is in feed.delivery until it is done.';

create table feed.delivery (
    tenant        uuid        not null,
    stream        uuid        not null,
    position      bigint      not null,
    lease         uuid,
    leased_until  timestamptz,
    not_before    timestamptz,
    parked_at     timestamptz,
    failures      smallint    not null default 0,
    consumer      text        collate "C" not null,
    category      text        collate "C" not null,
    reason        text        collate "C",
    primary key (tenant, consumer, position),
    foreign key (tenant, consumer) references feed.consumer on delete cascade
) with (fillfactor = 70, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
comment on table feed.delivery is
    'What a consumer has not done yet: waiting, leased to a member, or parked after failures.';

-- The request role keeps these books itself; row security holds it to its tenant.
do $$
declare
    name text;
begin
    foreach name in array array['consumer', 'delivery'] loop
        execute format('alter table feed.%I enable row level security', name);
        execute format('alter table feed.%I force row level security', name);
        execute format('create policy own_tenant on feed.%I to cairn_reader
                            using (tenant = (select cairn.tenant()))
                            with check (tenant = (select cairn.tenant()))', name);
        execute format('grant select, insert, update, delete on feed.%I to cairn_reader', name);
    end loop;
end $$;
