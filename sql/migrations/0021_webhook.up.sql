-- Why:   webhooks as people read them, and the books of what is sent to each.
-- Locks: none that anyone waits for; the tables are new.
-- After: nothing; there are no webhooks yet.

set local role cairn_owner;

comment on schema feed is
    'What is handed to others, and how far: durable consumers of the log, and webhooks.';

create table board.webhook (
    tenant            uuid        not null,
    webhook           uuid        not null,
    version           bigint      not null,
    created_position  bigint      not null,
    url               text        not null,
    description       text        not null,
    types             text[]      not null,
    streams           text[]      not null,
    enabled           boolean     not null,
    cause             text        collate "C",
    deleted           boolean     not null,
    secret            uuid        not null,
    previous_secret   uuid,
    previous_until    timestamptz,
    created_at        timestamptz not null,
    tried_since       timestamptz not null,
    updated_at        timestamptz not null,
    primary key (tenant, webhook)
);
comment on table board.webhook is 'One row a webhook. Written only by projections/webhook_board.cpp.';
comment on column board.webhook.secret is
    'Names the secret that signs; the secret follows from it and a key outside the database.';

comment on column board.webhook.tried_since is
    'Enabled, and with the address it has: failures before say nothing of it.';

create table feed.webhook (
    tenant         uuid        not null,
    webhook        uuid        not null,
    read_position  bigint      not null check (read_position >= 0),
    room           int         not null default 0,
    counted_at     timestamptz,
    failing_since  timestamptz,
    primary key (tenant, webhook)
) with (fillfactor = 50, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
comment on table feed.webhook is
    'How far the log was looked through for a webhook: what matched is in feed.webhook_delivery.';
comment on column feed.webhook.room is
    'So many more are queued before those that wait are counted again.';
comment on column feed.webhook.counted_at is 'When there was found to be no room; null: there was.';
comment on column feed.webhook.failing_since is 'Of the first failure since which nothing arrived.';

create table feed.webhook_delivery (
    tenant           uuid        not null,
    webhook          uuid        not null,
    position         bigint      not null,
    event            uuid        not null,
    status           text        collate "C" not null
                                 check (status in ('pending', 'delivered', 'dead')),
    type             text        collate "C" not null,
    attempts         smallint    not null default 0,
    attempts_before  smallint    not null default 0,
    next_attempt_at  timestamptz,
    lease            uuid,
    answer_status    smallint,
    failure          text        collate "C",
    excerpt          text,
    took_micros      bigint,
    queued_at        timestamptz not null,
    attempted_at     timestamptz,
    finished_at      timestamptz,
    primary key (tenant, webhook, position),
    foreign key (tenant, webhook) references feed.webhook,
    check (status <> 'pending' or next_attempt_at is not null)
) with (fillfactor = 70, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
comment on table feed.webhook_delivery is
    'What is sent to a webhook: waiting, delivered, or a dead letter. Finished ones go in time.';
comment on column feed.webhook_delivery.attempts_before is
    'Attempts before somebody asked for redelivery, which begins the schedule again.';
comment on column feed.webhook_delivery.next_attempt_at is
    'Of what is under way the end of its lease: then it is due again, whatever became of the holder.';
create unique index webhook_delivery_event on feed.webhook_delivery (tenant, event, webhook);
create index webhook_delivery_due on feed.webhook_delivery (tenant, webhook, next_attempt_at)
    where status = 'pending';
create index webhook_delivery_leased on feed.webhook_delivery (tenant, webhook, next_attempt_at)
    where lease is not null;
create index webhook_delivery_dead on feed.webhook_delivery (tenant, webhook, position)
    where status = 'dead';
create index webhook_delivery_finished on feed.webhook_delivery (finished_at)
    where status <> 'pending';

-- The worker connects as the projector and sees all tenants; the request role shows a tenant its
-- deliveries and puts them back into the queue.
do $$
declare
    name text;
begin
    foreach name in array array['board.webhook', 'feed.webhook', 'feed.webhook_delivery'] loop
        execute format('alter table %s enable row level security', name);
        execute format('alter table %s force row level security', name);
        execute format('create policy own_tenant on %s to cairn_reader
                            using (tenant = (select cairn.tenant()))
                            with check (tenant = (select cairn.tenant()))', name);
        execute format('create policy projector on %s to cairn_projector
                            using (true) with check (true)', name);
        execute format('grant select on %s to cairn_reader', name);
    end loop;
end $$;
grant usage on schema feed to cairn_projector;
grant select, insert, update, delete, truncate on board.webhook to cairn_projector;
grant select, insert, update, delete on feed.webhook, feed.webhook_delivery to cairn_projector;
grant update (status, attempts, attempts_before, next_attempt_at, queued_at, finished_at)
    on feed.webhook_delivery to cairn_reader;
