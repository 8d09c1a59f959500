drop table board.goal_check_in, board.smart_goals;
-- The projection begins anew with the tables.
delete from projection.checkpoint where name = 'goal_board';
delete from projection.lease where name = 'goal_board';
delete from projection.dead_letter where name = 'goal_board';
delete from projection.state where name = 'goal_board';
