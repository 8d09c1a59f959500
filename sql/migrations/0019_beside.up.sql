-- Why:   a projection is built anew beside the one that serves, compared with it, and switched in
--        one transaction; the revision before stays for a switch back.
-- Locks: none that anyone waits for; the schemas are new and empty.

set local role cairn_owner;

create schema board_next;
create schema board_previous;
create schema board_compare;
create schema board_swap;
comment on schema board_next is 'Read models that are being rebuilt; nobody reads them yet.';
comment on schema board_previous is 'The revision before the last switch, for a switch back.';
comment on schema board_compare is 'History folded again to be compared; dropped afterwards.';
comment on schema board_swap is 'Empty outside of a switch back.';
grant usage on schema board_next, board_previous, board_compare to cairn_projector;

create table projection.revision (
    name     text        collate "C" not null,
    place    text        collate "C" not null
        check (place in ('board', 'board_next', 'board_previous', 'board_compare', 'board_swap')),
    number   bigint      not null check (number > 0),
    build    text        not null,
    made_at  timestamptz not null default now(),
    primary key (name, place)
);
comment on table projection.revision is
    'Which revision of a projection stands in which schema, and the digest of the program that '
    'folded it: another program never goes on with what one has begun.';
grant select, insert, update, delete on projection.revision to cairn_projector;
