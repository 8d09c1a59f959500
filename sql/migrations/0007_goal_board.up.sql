-- Why:   the goal board and a goal's page read rows instead of replaying streams.
-- Locks: none that anyone waits for; the tables are new.
-- After: cairn projection rebuild goal_board

set local role cairn_owner;

create table board.smart_goals (
    tenant           uuid        not null,
    goal             uuid        not null,
    version          bigint      not null,
    owner            uuid        not null,
    title            text        not null,
    description      text        not null,
    lifecycle        text        not null
        check (lifecycle in ('draft', 'active', 'completed', 'abandoned', 'archived')),
    health           text        not null
        check (health in ('unknown', 'on_track', 'at_risk', 'off_track')),
    status           text        not null,
    specific         jsonb       not null,
    measurable       jsonb,
    achievable       jsonb       not null,
    relevant         jsonb       not null,
    time_bound       jsonb,
    outcome          jsonb,
    progress         float8,
    expected         float8,
    current_value    numeric,
    expected_value   numeric,
    target_date      date,
    metric           text        collate "C",
    health_due       date,
    concluded_version bigint     not null default 0,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    state            json        not null,
    primary key (tenant, goal)
) with (fillfactor = 80);
comment on table board.smart_goals is
    'One row a goal. Written only by projections/goal_board.cpp.';
comment on column board.smart_goals.status is 'Health while active, otherwise the lifecycle.';
comment on column board.smart_goals.expected is 'As of the last event; a page computes today''s.';
comment on column board.smart_goals.health_due is
    'The first day on which health is different without any new event.';
comment on column board.smart_goals.state is 'The folded state that the next event is folded on.';
create index smart_goals_status on board.smart_goals (tenant, status, updated_at desc, goal);
create index smart_goals_target_date on board.smart_goals (tenant, target_date, goal);
create index smart_goals_metric on board.smart_goals (tenant, metric, goal);
create index smart_goals_health_due on board.smart_goals (health_due, tenant, goal)
    where health_due is not null;

create table board.goal_check_in (
    tenant       uuid        not null,
    goal         uuid        not null,
    version      bigint      not null,
    check_in     uuid        not null,
    as_of        date        not null,
    value        numeric,
    confidence   smallint,
    notes        text        not null,
    blockers     text        not null,
    next_step    text        not null,
    source       text        not null,
    actor        uuid        not null,
    recorded_at  timestamptz not null,
    primary key (tenant, goal, version)
);
comment on table board.goal_check_in is
    'One row a check-in; notes, blockers and next_step stay sealed as in the log.';

do $$
declare
    name text;
begin
    foreach name in array array['smart_goals', 'goal_check_in'] loop
        execute format('alter table board.%I enable row level security', name);
        execute format('alter table board.%I force row level security', name);
        execute format('create policy own_tenant on board.%I for select to cairn_reader
                            using (tenant = (select cairn.tenant()))', name);
        execute format('create policy projector on board.%I to cairn_projector
                            using (true) with check (true)', name);
        execute format('grant select on board.%I to cairn_reader', name);
        execute format('grant select, insert, update, delete, truncate on board.%I
                            to cairn_projector', name);
    end loop;
end $$;
