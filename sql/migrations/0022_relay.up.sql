-- Why:   a broker carries the feed past one machine. Lanes are gapless, so the log is the outbox
--        itself; all that is kept here is how far the broker has acknowledged each lane.
-- Locks: none that anyone waits for; the tables are new.

set local role cairn_owner;

create schema relay;
comment on schema relay is 'Where the relay to a broker stands. Nothing of the events themselves.';
grant usage on schema relay to cairn_projector;

create table relay.cursor (
    stream    text        collate "C" not null,
    lane      smallint    not null references log.lane_head,
    position  bigint      not null check (position >= 0),
    sequence  bigint      check (sequence > 0),
    moved_at  timestamptz not null default now(),
    primary key (stream, lane)
) with (fillfactor = 10, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
comment on table relay.cursor is 'Up to where the broker''s stream has acknowledged each lane.';
comment on column relay.cursor.sequence is
    'The broker''s own number of the message at position; null after an operator has set the cursor.';

create table relay.state (
    stream      text        collate "C" primary key,
    state       text        collate "C" not null check (state in ('running', 'failing', 'halted')),
    code        text        collate "C" not null default '',
    detail      text        not null default '',
    changed_at  timestamptz not null default now()
);
comment on table relay.state is 'How the relay that works for a stream is doing, as it said last.';

grant select, insert, update, delete on relay.cursor, relay.state to cairn_projector;
