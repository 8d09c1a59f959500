-- Why:   a page of goals is read from an index in the page's own order, whatever the tenant has.
--        A goal without a target date sorts last, by a typed column: under row security an
--        expression such as coalesce() is only a filter.
-- Locks: the board while it is rewritten and its indexes are made; it is small beside the log.

set local role cairn_owner;

alter table board.smart_goals
    add column due date not null generated always as (coalesce(target_date, 'infinity')) stored;
drop index board.smart_goals_status;
drop index board.smart_goals_target_date;
create index smart_goals_updated on board.smart_goals (tenant, updated_at, goal);
create index smart_goals_status on board.smart_goals (tenant, status, updated_at, goal);
create index smart_goals_target_date on board.smart_goals (tenant, due, goal);
