-- Why:   every connection has a role with the least rights it needs; nobody serves as an owner.
-- Locks: none that anyone waits for.
-- Roles belong to the whole cluster, so each is made only where it is missing.

do $$
declare
    role_name text;
begin
    if not exists (select from pg_roles where rolname = 'cairn_owner') then
        create role cairn_owner nologin;
    end if;
    foreach role_name in array array['cairn_appender', 'cairn_reader', 'cairn_projector',
                                     'cairn_keyring', 'cairn_auditor', 'cairn_eraser'] loop
        if not exists (select from pg_roles where rolname = role_name) then
            execute format('create role %I login nosuperuser nobypassrls', role_name);
        end if;
    end loop;
end $$;

revoke all on schema public from public;
revoke temporary on database :database from public;
grant create on database :database to cairn_owner;

create schema cairn authorization cairn_owner;
create schema log authorization cairn_owner;
create schema board authorization cairn_owner;
create schema projection authorization cairn_owner;
create schema keys authorization cairn_owner;
comment on schema cairn is 'What every other schema uses: the tenant of the transaction.';
comment on schema log is 'The event log. Written only by log.append.';
comment on schema board is 'Read models that people look at. Written only by projections.';
comment on schema projection is 'Where projections stand: checkpoints, leases, parked keys.';
comment on schema keys is 'Data keys, wrapped by a key that is never in PostgreSQL.';

grant usage on schema cairn to cairn_appender, cairn_reader, cairn_projector, cairn_keyring,
    cairn_auditor, cairn_eraser;
grant usage on schema log to cairn_appender, cairn_reader, cairn_projector, cairn_auditor;
grant usage on schema board to cairn_reader, cairn_projector;
grant usage on schema projection to cairn_reader, cairn_projector;
grant usage on schema keys to cairn_keyring, cairn_eraser;
