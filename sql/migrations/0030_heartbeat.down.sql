drop function integrity.drop_heartbeats(smallint, bigint);
