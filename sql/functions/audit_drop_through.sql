-- Drops a tenant's entries up to `sequence`, which an entry that stays must already tell of with
-- the hash that the chain had there; nothing younger than a day goes. Answers how many went.
create or replace function audit.drop_through(tenant uuid, sequence bigint) returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    dropped bigint;
begin
    if not exists (select from audit.access cut
                     join audit.access last on last.tenant = cut.tenant
                                           and last.sequence = cut.cut_sequence
                                           and last.hash = cut.cut_hash
                    where cut.tenant = drop_through.tenant
                      and cut.cut_sequence = drop_through.sequence
                      and cut.sequence > drop_through.sequence) then
        raise exception 'no entry tells of this cut' using errcode = '42501';
    end if;
    if exists (select from audit.access a
                where a.tenant = drop_through.tenant and a.sequence <= drop_through.sequence
                  and a.at > now() - interval '1 day') then
        raise exception 'an entry stays for a day at least' using errcode = '42501';
    end if;
    with gone as (
        delete from audit.access a
         where a.tenant = drop_through.tenant and a.sequence <= drop_through.sequence
        returning a.sequence, a.subjects
    ), places as (
        -- Looked up one by one: as a join, of tables without statistics, each would be compared
        -- with each.
        delete from audit.access_subject s
         where s.ctid = any (array(
                   select p.place
                     from gone g
                    cross join lateral unnest(g.subjects) as u (subject)
                    cross join lateral (select o.ctid as place from audit.access_subject o
                                         where o.tenant = drop_through.tenant
                                           and o.subject = u.subject
                                           and o.sequence = g.sequence limit 1) p))
    )
    select count(*) into dropped from gone;
    return dropped;
end $$;
alter function audit.drop_through owner to cairn_owner;
revoke all on function audit.drop_through from public;
grant execute on function audit.drop_through to cairn_appender;
comment on function audit.drop_through is 'Ends entries that are older than the trail is kept.';
