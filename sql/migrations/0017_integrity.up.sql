-- Why:   what is in the log can be proved to an outsider: a tree over each lane, signed.
-- Locks: none that anyone waits for; the tables are new, the policy on log.event is one more.

do $$
begin
    if not exists (select from pg_roles where rolname = 'cairn_sealer') then
        create role cairn_sealer login nosuperuser nobypassrls;
    end if;
end $$;

create schema integrity authorization cairn_owner;
comment on schema integrity is 'The tree over each lane and its signed checkpoints. Append-only.';
grant usage on schema log to cairn_sealer;
grant usage on schema integrity
    to cairn_sealer, cairn_auditor, cairn_reader, cairn_projector;

set local role cairn_owner;

create table integrity.log (
    only_one  boolean primary key default true check (only_one),
    name      text    collate "C" not null
);
comment on table integrity.log is 'What every origin begins with. No other database has this name.';
insert into integrity.log (name) values ('cairn.' || gen_random_uuid());

create table integrity.signing_key (
    lane   smallint not null,
    epoch  integer  not null,
    note   bytea    not null,
    primary key (lane, epoch)
);
comment on table integrity.signing_key is
    'The public keys of a lane so far, as a note signed by the newest key and the one before it.';

create table integrity.seal (
    lane            smallint not null,
    first_position  bigint   not null,
    events          integer  not null check (events > 0),
    leaves          bytea    not null,
    tenants         uuid[]   not null,
    tenant_lasts    bigint[] not null,
    primary key (lane, first_position)
);
comment on table integrity.seal is
    'One row a batch: the leaf hashes of its events, and the number of each tenant''s last one.';
-- Hashes do not compress.
alter table integrity.seal alter column leaves set storage external;

create table integrity.subtree (
    lane   smallint not null,
    level  smallint not null,
    index  bigint   not null,
    hash   bytea    not null,
    primary key (lane, level, index)
);
comment on table integrity.subtree is
    'The roots of whole subtrees of 2^level leaves, level 8, 16, 24 and so on, counted from 0.';

create table integrity.checkpoint (
    lane       smallint    not null,
    size       bigint      not null,
    signed_at  timestamptz not null,
    note       bytea       not null,
    primary key (lane, size, signed_at)
);
comment on table integrity.checkpoint is 'C2SP checkpoints; signed_at is what the note says itself.';

-- Everything of an event but its payload, of which only the digest is shown. A time that is none
-- has to come out as a number, so that a changed one is found and not stumbled over.
create view integrity.header as
    select e.tenant, e.category, e.stream, e.version, e.lane, e.position, e.id, e.type, e.schema,
           e.actor_kind, e.actor, e.correlation, e.causation, e.command, e.traceparent, e.hash,
           case when isfinite(e.occurred_at) then e.occurred_at else timestamptz '200000-01-01' end
               as occurred_at,
           case when isfinite(e.recorded_at) then e.recorded_at else timestamptz '200000-01-01' end
               as recorded_at,
           sha256(convert_to(e.data::text, 'UTF8')) as data_digest
      from log.event e;
comment on view integrity.header is 'What an auditor reads of events: no payload.';

-- A seal names all its tenants, so the request role may only ask for its own.
create function integrity.tenant_last(in_lane smallint, in_first bigint) returns bigint
    language sql stable security definer set search_path = pg_catalog
as $$
    select s.tenant_lasts[array_position(s.tenants, cairn.tenant())]
      from integrity.seal s where s.lane = in_lane and s.first_position = in_first
$$;
revoke all on function integrity.tenant_last from public;
grant execute on function integrity.tenant_last to cairn_reader;

create policy seal on log.event for select to cairn_sealer using (true);
grant select (lane, position, tenant, traceparent, hash) on log.event to cairn_sealer;
grant select on log.lane_head to cairn_sealer;
grant select on integrity.log to cairn_sealer, cairn_auditor, cairn_reader, cairn_projector;
grant select, insert
    on integrity.signing_key, integrity.seal, integrity.subtree, integrity.checkpoint
    to cairn_sealer;
grant select on integrity.signing_key, integrity.seal, integrity.subtree, integrity.checkpoint,
    integrity.header to cairn_auditor;
grant select on integrity.signing_key, integrity.subtree, integrity.checkpoint to cairn_reader;
grant select (lane, first_position, events, leaves) on integrity.seal to cairn_reader;
grant select (lane, first_position, events) on integrity.seal to cairn_projector;
