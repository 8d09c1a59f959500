-- Why:   days that do not look like others, alert rules with their alerts, and the days on which
--        nothing is expected, as people read them.
-- Locks: metric_series for a moment; a constant default rewrites no row.
-- After: cairn projection rebuild metric_board watch_board

set local role cairn_owner;

alter table board.metric_series add column position bigint not null default 0;
comment on column board.metric_series.position is
    'Of the last event that changed a point of the series: what watches it knows when to look.';

create table board.closure (
    tenant     uuid not null,
    closure    uuid not null,
    version    bigint not null,
    location   text collate "C" not null,
    from_day   date not null,
    to_day     date not null,
    reason     text not null,
    cancelled  boolean not null,
    primary key (tenant, closure)
);
create index closure_days on board.closure (tenant, from_day, closure) where not cancelled;

create table board.anomaly (
    tenant       uuid        not null,
    anomaly      uuid        not null,
    version      bigint      not null,
    on_day       date        not null,
    metric       text        collate "C" not null,
    location     text        collate "C" not null,
    kind         text        not null,
    severity     text        not null,
    status       text        not null,
    observed     numeric     not null,
    expected     numeric     not null,
    low          numeric     not null,
    high         numeric     not null,
    score        numeric     not null,
    note         text,
    note_version bigint,
    note_type    text,
    detected_at  timestamptz not null,
    updated_at   timestamptz not null,
    primary key (tenant, anomaly)
);
comment on column board.anomaly.note is 'Sealed, by the event that note_version and note_type name.';
create index anomaly_newest on board.anomaly (tenant, on_day desc, anomaly desc);
create index anomaly_of_metric on board.anomaly (tenant, metric, on_day desc, anomaly desc);

create table board.alert_rule (
    tenant       uuid        not null,
    rule         uuid        not null,
    version      bigint      not null,
    removed      boolean     not null,
    name         text        not null,
    metric       text        collate "C" not null,
    location     text        collate "C" not null,
    comparison   text        not null,
    threshold    numeric,
    grain        text        not null,
    for_periods  smallint    not null,
    severity     text        not null,
    set_on       date        not null,
    raised       boolean     not null,
    updated_at   timestamptz not null,
    primary key (tenant, rule)
);

create table board.alert (
    tenant           uuid        not null,
    rule             uuid        not null,
    version          bigint      not null,
    raised_on        date        not null,
    value            numeric,
    threshold        numeric,
    resolved_on      date,
    resolved_value   numeric,
    raised_at        timestamptz not null,
    resolved_at      timestamptz,
    primary key (tenant, rule, version)
);
comment on column board.alert.version is 'Of the event that raised it.';
create index alert_newest on board.alert (tenant, raised_at desc, rule desc, version desc);

do $$
declare
    name text;
begin
    foreach name in array array['closure', 'anomaly', 'alert_rule', 'alert'] loop
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

create table projection.series_judged (
    tenant    uuid   not null,
    metric    uuid   not null,
    location  text   collate "C" not null,
    position  bigint not null,
    closures  bigint not null,
    primary key (tenant, metric, location)
);
comment on table projection.series_judged is
    'What the detector knew of each series when it judged it: the last change of its points, and '
    'how often closures that concern it have changed.';
grant select, insert, update, delete on projection.series_judged to cairn_projector;
