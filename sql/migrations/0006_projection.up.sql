-- Why:   projections move their checkpoint in the transaction that writes their rows; leases with
--        a fencing epoch say who runs one on a lane; poison parks a key, never a projection.
-- Locks: none that anyone waits for; the tables are new.

set local role cairn_owner;

create table projection.checkpoint (
    name        text     collate "C" not null,
    lane        smallint not null references log.lane_head,
    position    bigint   not null default 0 check (position >= 0),
    advanced_at timestamptz not null default now(),
    primary key (name, lane)
) with (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
comment on table projection.checkpoint is 'How far each projection has read each lane.';

create table projection.lease (
    name        text        collate "C" not null,
    lane        smallint    not null,
    epoch       bigint      not null,
    holder      text        not null,
    expires_at  timestamptz not null,
    primary key (name, lane)
) with (fillfactor = 10);
comment on table projection.lease is
    'Who runs a projection on a lane. The epoch grows with every holder and fences the older.';

create table projection.state (
    name       text    collate "C" primary key,
    paused     boolean not null default false,
    failed     text,
    changed_at timestamptz not null default now()
);
comment on table projection.state is 'Paused by an operator, or stopped by an error in our code.';

create table projection.dead_letter (
    name       text        collate "C" not null,
    tenant     uuid        not null,
    category   text        collate "C" not null,
    stream     uuid        not null,
    lane       smallint    not null,
    position   bigint      not null,
    code       text        not null,
    detail     text        not null,
    events     bigint      not null default 1,
    parked_at  timestamptz not null default now(),
    primary key (name, tenant, category, stream)
);
comment on table projection.dead_letter is
    'Keys that a projection could not fold: what follows for a key waits with it, in order.';

grant select, insert, update, delete on projection.checkpoint, projection.lease,
    projection.state, projection.dead_letter to cairn_projector;
grant select on projection.checkpoint, projection.state to cairn_reader;
