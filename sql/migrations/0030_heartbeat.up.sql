-- Why:   a lane where nothing happens gets a checkpoint a minute, half a million a year. Of one size
--        the first and the newest say all that the others do.
-- Locks: none.

set local role cairn_owner;

create function integrity.drop_heartbeats(in_lane smallint, in_size bigint) returns void
    language sql security definer set search_path = pg_catalog
as $$
    delete from integrity.checkpoint c
     where c.lane = in_lane and c.size = in_size
       and c.signed_at > (select min(signed_at) from integrity.checkpoint
                           where lane = in_lane and size = in_size)
       and c.signed_at < (select max(signed_at) from integrity.checkpoint
                           where lane = in_lane and size = in_size)
$$;
comment on function integrity.drop_heartbeats is
    'Checkpoints of one size between the first and the newest.';
revoke all on function integrity.drop_heartbeats from public;
grant execute on function integrity.drop_heartbeats to cairn_sealer;
