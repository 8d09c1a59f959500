-- Why:   personal values are sealed with a key of their subject; destroying it erases them.
-- Locks: none that anyone waits for; the table is new.

set local role cairn_owner;

create table keys.data_key (
    tenant        uuid        not null,
    id            uuid        not null,
    subject       uuid        not null,
    epoch         integer     not null,
    wrapped       bytea,
    created_at    timestamptz not null default now(),
    destroyed_at  timestamptz,
    primary key (tenant, id),
    check ((wrapped is null) = (destroyed_at is not null))
);
comment on table keys.data_key is
    'One key a subject, wrapped by the key of its epoch, which is never in PostgreSQL.';
create unique index data_key_subject on keys.data_key (tenant, subject)
    where destroyed_at is null;

alter table keys.data_key enable row level security;
alter table keys.data_key force row level security;
create policy ring on keys.data_key to cairn_keyring
    using (tenant = (select cairn.tenant())) with check (tenant = (select cairn.tenant()));
create policy erase on keys.data_key to cairn_eraser
    using (tenant = (select cairn.tenant())) with check (tenant = (select cairn.tenant()));
grant select, insert on keys.data_key to cairn_keyring;
grant select (tenant, id, subject, epoch, created_at, destroyed_at), update (wrapped, destroyed_at)
    on keys.data_key to cairn_eraser;
