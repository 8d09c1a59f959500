drop table board.action_item;
