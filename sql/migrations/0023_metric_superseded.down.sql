revoke select on board.metric_superseded from cairn_reader;
