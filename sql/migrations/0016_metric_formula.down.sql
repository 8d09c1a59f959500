drop index board.metric_batch_reverted;
drop table board.metric_formula;
