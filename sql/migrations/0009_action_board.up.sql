-- Why:   people look at what they have to do, over all goals.
-- Locks: none that anyone waits for; the table is new.
-- After: cairn projection rebuild action_board

set local role cairn_owner;

create table board.action_item (
    tenant        uuid        not null,
    item          uuid        not null,
    goal          uuid        not null,
    version       bigint      not null,
    title         text        not null,
    assignee      uuid,
    due           date,
    status        text        not null
        check (status in ('open', 'started', 'completed', 'cancelled')),
    completed_on  date,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    primary key (tenant, item)
) with (fillfactor = 80);
comment on table board.action_item is
    'One row an action item. Written only by projections/action_board.cpp.';
create index action_item_goal on board.action_item (tenant, goal, created_at, item);
create index action_item_assignee on board.action_item (tenant, assignee, status, due, item);

alter table board.action_item enable row level security;
alter table board.action_item force row level security;
create policy own_tenant on board.action_item for select to cairn_reader
    using (tenant = (select cairn.tenant()));
create policy projector on board.action_item to cairn_projector using (true) with check (true);
grant select on board.action_item to cairn_reader;
grant select, insert, update, delete, truncate on board.action_item to cairn_projector;
