-- Why:   who watches metrics asks every half minute what is new: of each tenant that is one look at
--        an index, whatever the number of its series and metrics.
-- Locks: metric_series while its index is made; series_judged for a moment.
-- After: nothing; every series is judged once more.

set local role cairn_owner;

create index metric_series_newest on board.metric_series (tenant, position);

alter table projection.series_judged
    add column definition bigint not null default 0,
    add column judged_to  date   not null default '1970-01-01';
comment on column projection.series_judged.definition is 'The version of the metric.';
comment on column projection.series_judged.judged_to is 'The first day that was not over.';
