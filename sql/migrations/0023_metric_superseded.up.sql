-- Why:   how many points of a metric were sent again is part of what people ask about its quality.
-- Locks: none that anyone waits for.
-- After: nothing.

set local role cairn_owner;

grant select on board.metric_superseded to cairn_reader;
