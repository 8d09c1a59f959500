drop table board.action_item;
-- The projection begins anew with the tables.
delete from projection.checkpoint where name = 'action_board';
delete from projection.lease where name = 'action_board';
delete from projection.dead_letter where name = 'action_board';
delete from projection.state where name = 'action_board';
