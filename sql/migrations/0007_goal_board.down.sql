drop table board.goal_check_in, board.smart_goals;
