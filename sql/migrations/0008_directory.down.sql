drop table board.person, board.member, board.tenant;
-- The projection begins anew with the tables.
delete from projection.checkpoint where name = 'directory';
delete from projection.lease where name = 'directory';
delete from projection.dead_letter where name = 'directory';
delete from projection.state where name = 'directory';
