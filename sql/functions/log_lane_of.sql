-- The lane of a tenant, given for ever at its first use by a hash of its id.
create or replace function log.lane_of(tenant uuid) returns smallint
language plpgsql security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    found_lane smallint;
begin
    select l.lane into found_lane from log.tenant_lane l where l.tenant = lane_of.tenant;
    if found_lane is not null then
        return found_lane;
    end if;
    insert into log.tenant_lane (tenant, lane)
    select lane_of.tenant, (abs(hashtextextended(lane_of.tenant::text, 0)) % count(*))::smallint
      from log.lane_head
        on conflict do nothing;
    select l.lane into found_lane from log.tenant_lane l where l.tenant = lane_of.tenant;
    return found_lane;
end $$;
alter function log.lane_of owner to cairn_owner;
revoke all on function log.lane_of from public;
grant execute on function log.lane_of to cairn_appender;
comment on function log.lane_of is 'The lane of a tenant; gives it one at its first use.';
