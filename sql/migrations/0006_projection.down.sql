drop table projection.dead_letter, projection.state, projection.lease, projection.checkpoint;
