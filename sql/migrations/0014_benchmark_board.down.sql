drop policy cohort on board.metric;
drop policy cohort on board.metric_rollup;
drop function cairn.cohort_tenants();
revoke select on board.metric, board.metric_rollup from cairn_cohort;
drop table board.cohort_member, board.benchmark_mapping, board.benchmark_reject,
    board.benchmark_import, board.benchmark_observation, board.benchmark;
-- The role stays, as the others do: other databases of the cluster may use it.
revoke usage on schema cairn, board from cairn_cohort;
-- The projection begins anew with the tables.
delete from projection.checkpoint where name = 'benchmark_board';
delete from projection.lease where name = 'benchmark_board';
delete from projection.dead_letter where name = 'benchmark_board';
delete from projection.state where name = 'benchmark_board';
