drop index board.smart_goals_updated;
drop index board.smart_goals_status;
drop index board.smart_goals_target_date;
alter table board.smart_goals drop column due;
create index smart_goals_status on board.smart_goals (tenant, status, updated_at desc, goal);
create index smart_goals_target_date on board.smart_goals (tenant, target_date, goal);
