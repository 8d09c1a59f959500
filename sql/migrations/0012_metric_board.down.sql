drop index board.smart_goals_measured;
drop view board.metric_point;
drop table board.metric_reject, board.metric_batch, board.metric_rollup, board.metric_superseded,
    board.metric_calendar, board.metric_series, board.metric, board.location;
-- A hypertable is dropped alone.
drop table board.business_metrics;
revoke usage on schema public from cairn_owner;
-- The projection begins anew with the tables.
delete from projection.checkpoint where name = 'metric_board';
delete from projection.lease where name = 'metric_board';
delete from projection.dead_letter where name = 'metric_board';
delete from projection.state where name = 'metric_board';
