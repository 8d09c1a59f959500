-- Why:   a new formula may hold from a business day on; earlier days keep the one they had.
-- Locks: board.metric while its formulas are copied; one row a derived metric.
-- After: nothing; a formula that was revised before holds for the whole history, as it was shown.

set local role cairn_owner;

create table board.metric_formula (
    tenant   uuid  not null,
    metric   uuid  not null,
    since    date  not null,
    formula  text  not null,
    primary key (tenant, metric, since)
);
comment on table board.metric_formula is
    'Which formula of a derived metric holds from which business day; the first is of -infinity.';

-- The owner is held to row security like everybody, except for this copy.
alter table board.metric no force row level security;
insert into board.metric_formula (tenant, metric, since, formula)
select tenant, metric, '-infinity', formula from board.metric where formula <> '';
alter table board.metric force row level security;

alter table board.metric_formula enable row level security;
alter table board.metric_formula force row level security;
create policy own_tenant on board.metric_formula for select to cairn_reader
    using (tenant = (select cairn.tenant()));
create policy projector on board.metric_formula to cairn_projector using (true) with check (true);
grant select, insert, update, delete, truncate on board.metric_formula to cairn_projector;
grant select on board.metric_formula to cairn_reader;

-- The clock asks often whether a batch was taken back since it looked.
create index metric_batch_reverted on board.metric_batch (tenant) where reverted;
