-- Why:   a server with other secrets than this database was made with must not start: it would
--        neither open personal values nor recognise the commands it has answered.
-- Locks: none that anyone waits for; the table is new.

set local role cairn_owner;

create table keys.secret_check (
    name    text  collate "C" primary key,
    digest  bytea not null check (octet_length(digest) = 32)
);
comment on table keys.secret_check is
    'A keyed digest of each secret outside PostgreSQL. It tells two secrets apart, and no more.';
grant select, insert on keys.secret_check to cairn_keyring;
