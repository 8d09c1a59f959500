drop table projection.series_judged;
drop table board.alert, board.alert_rule, board.anomaly, board.closure;
alter table board.metric_series drop column position;
