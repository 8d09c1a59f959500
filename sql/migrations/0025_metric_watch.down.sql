alter table projection.series_judged drop column definition, drop column judged_to;
drop index board.metric_series_newest;
