-- Why:   events tell who changed what; who read personal data, or was refused, is told here. Each
--        entry of a tenant holds the hash of the one before, so that nothing changes unnoticed.
-- Locks: appends wait while the two indexes of log.event are built.

set local role cairn_owner;

create schema audit;
comment on schema audit is 'Who did, read or was refused what: entries that are only ever added.';
grant usage on schema audit to cairn_appender, cairn_reader, cairn_auditor;

create table audit.head (
    tenant     uuid        not null primary key,
    sequence   bigint      not null check (sequence >= 0),
    oldest_at  timestamptz not null,
    hash       bytea       not null check (octet_length(hash) = 32),
    seal       bytea       not null check (octet_length(seal) = 32)
) with (fillfactor = 50);
comment on table audit.head is 'The newest entry of each tenant. Its row lock orders the writers.';
comment on column audit.head.seal is
    'A MAC of tenant, sequence and hash under a key that is never in PostgreSQL.';
create index head_oldest_at on audit.head (oldest_at);

create table audit.access (
    tenant        uuid        not null,
    sequence      bigint      not null check (sequence > 0),
    at            timestamptz not null,
    request       uuid        not null,
    command       uuid,
    actor         uuid        not null,
    resource      uuid,
    status        smallint    not null,
    role          text        collate "C" not null,
    action        text        collate "C" not null,
    outcome       text        collate "C" not null check (outcome in ('allowed', 'refused')),
    code          text        collate "C" not null,
    purpose       text        collate "C" not null,
    subjects      uuid[]      not null,
    fields        text[]      collate "C" not null,
    source        bytea       not null,
    cut_sequence  bigint,
    cut_hash      bytea,
    hash          bytea       not null check (octet_length(hash) = 32),
    primary key (tenant, sequence),
    unique (tenant, request)
);
comment on table audit.access is 'One row an answer that is worth remembering. Added, never changed.';
comment on column audit.access.request is 'Also the correlation of the events that it set off.';
comment on column audit.access.subjects is 'Whose personal values were opened; never the values.';
comment on column audit.access.source is 'The client''s address under a key; equal within a tenant.';
comment on column audit.access.cut_sequence is
    'Set in the entry that retention leaves: everything up to there is gone, and ended in cut_hash.';
comment on column audit.access.hash is 'SHA-256 as in src/audit/entry.hpp, over the one before too.';
create index access_actor on audit.access (tenant, actor, sequence);
create index access_at on audit.access (tenant, at);
create index access_refused on audit.access (tenant, sequence) where outcome = 'refused';
create index access_cut on audit.access (tenant, sequence) where cut_sequence is not null;

create table audit.access_subject (
    tenant    uuid    not null,
    subject   uuid    not null,
    sequence  bigint  not null,
    primary key (tenant, subject, sequence)
);
comment on table audit.access_subject is 'Finds the entries about a person.';

do $$
declare
    name text;
begin
    foreach name in array array['head', 'access', 'access_subject'] loop
        execute format('alter table audit.%I enable row level security', name);
        execute format('alter table audit.%I force row level security', name);
        execute format('create policy record on audit.%I to cairn_appender
                            using (true) with check (true)', name);
        execute format('create policy cut on audit.%I to cairn_owner using (true)', name);
        execute format('create policy all_tenants on audit.%I for select to cairn_auditor
                            using (true)', name);
        execute format('grant select on audit.%I to cairn_auditor', name);
    end loop;
    foreach name in array array['access', 'access_subject'] loop
        execute format('create policy own_tenant on audit.%I for select to cairn_reader
                            using (tenant = (select cairn.tenant()))', name);
        execute format('grant select on audit.%I to cairn_reader', name);
        execute format('grant insert on audit.%I to cairn_appender', name);
    end loop;
end $$;
grant select, insert, update on audit.head to cairn_appender;
grant select (tenant, sequence, at, request, hash) on audit.access to cairn_appender;

create index event_correlation on log.event (tenant, correlation, position);
-- What a person commands has no cause but itself, so this one is small.
create index event_causation on log.event (tenant, causation) where causation <> command;
