-- The role stays: other databases of the cluster may use it.
drop function integrity.tenant_last;
drop view integrity.header;
drop table integrity.checkpoint, integrity.subtree, integrity.seal, integrity.signing_key,
    integrity.log;
drop schema integrity;
drop policy seal on log.event;
revoke select (lane, position, tenant, traceparent, hash) on log.event from cairn_sealer;
revoke select on log.lane_head from cairn_sealer;
revoke usage on schema log from cairn_sealer;
