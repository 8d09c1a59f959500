drop table board.person, board.member, board.tenant;
