-- Why:   tenants, their members and their people are looked up on every page.
-- Locks: none that anyone waits for; the tables are new.
-- After: cairn projection rebuild directory

set local role cairn_owner;

create table board.tenant (
    tenant              uuid        primary key,
    version             bigint      not null,
    name                text        not null,
    country             text        not null,
    currency            text        not null,
    time_zone           text        not null,
    industry            text        not null,
    week_start          smallint    not null,
    day_cutoff_minutes  smallint    not null,
    plan_tier           text        not null,
    created_at          timestamptz not null,
    updated_at          timestamptz not null
);
comment on table board.tenant is 'One row a tenant. Written only by projections/directory.cpp.';

create table board.member (
    tenant     uuid        not null,
    member     uuid        not null,
    version    bigint      not null,
    role       text        not null,
    removed    boolean     not null,
    joined_at  timestamptz not null,
    primary key (tenant, member)
);
comment on table board.member is 'Who is in a tenant with which role, as its stream says.';

create table board.person (
    tenant        uuid        not null,
    person        uuid        not null,
    version       bigint      not null,
    email         text        not null,
    name          text        not null,
    name_version  bigint      not null,
    name_type     text        not null,
    locale        text        not null,
    time_zone     text        not null,
    active        boolean     not null,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    primary key (tenant, person)
);
comment on table board.person is 'One row a user; email and name stay sealed as in the log.';
comment on column board.person.name_version is 'Where the sealed name stands in the stream.';

do $$
declare
    name text;
begin
    foreach name in array array['tenant', 'member', 'person'] loop
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
