drop table projection.series_judged;
drop table board.alert, board.alert_rule, board.anomaly, board.closure;
alter table board.metric_series drop column position;
-- The projection begins anew with the tables.
delete from projection.checkpoint where name = 'watch_board';
delete from projection.lease where name = 'watch_board';
delete from projection.dead_letter where name = 'watch_board';
delete from projection.state where name = 'watch_board';
