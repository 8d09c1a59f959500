-- Appends a batch of commands in one transaction and answers each with its own verdict:
-- 0 appended, 1 replayed (the id is known), 2 conflict (a stream moved on), 3 claimed (a unique
-- value is taken), 4 wrong lane. A command that is not appended has written nothing.
--
-- c_* are the commands, w_* the streams they write (w_command counts from 1 into c_*), e_* the
-- events (e_write counts from 1 into w_*), u_* the unique values they claim. The data of all events
-- is one byte string, cut by e_offset (from 1) and e_length; hashes has 32 bytes an event.
-- No two commands of a batch may share a stream or an id: the caller sees to that.
--
-- The head rows are locked in a statement of their own: at READ COMMITTED the later statements then
-- see everything that was committed before, so the checks are exact. The planner is held to index
-- loops, because a plan made on empty tables would scan them for ever.
create or replace function log.append(
    recorded_at timestamptz,
    c_tenant uuid[], c_id uuid[], c_fingerprint uuid[], c_lane smallint[], c_status smallint[],
    c_actor_kind smallint[], c_actor uuid[], c_correlation uuid[], c_causation uuid[],
    c_occurred_micros bigint[], c_traceparent text[],
    w_command int[], w_category text[], w_stream uuid[], w_expected bigint[], w_events int[],
    e_write int[], e_version bigint[], e_id uuid[], e_type text[], e_schema smallint[],
    e_offset int[], e_length int[], data bytea, hashes bytea,
    u_command int[], u_name text[], u_digest bytea[])
returns table (ordinal int, verdict int, status int, fingerprint uuid, category text, stream uuid,
               version bigint, first_position bigint, events int)
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
    verdicts int[];
begin
    perform from log.lane_head h where h.lane = any (c_lane) order by h.lane for no key update;

    select array_agg(case when k.id is not null then 1
                          when t.lane is distinct from c.lane then 4
                          when moved.command is not null then 2
                          else 0 end order by c.ordinal)
      into verdicts
      from unnest(c_tenant, c_id, c_lane) with ordinality as c (tenant, id, lane, ordinal)
      left join log.command k on k.tenant = c.tenant and k.id = c.id
      left join log.tenant_lane t on t.tenant = c.tenant
      left join lateral (
          select w.command
            from unnest(w_command, w_category, w_stream, w_expected)
                 as w (command, category, stream, expected)
            left join log.stream s
              on s.tenant = c.tenant and s.category = w.category and s.id = w.stream
           where w.command = c.ordinal and coalesce(s.version, 0) <> w.expected
           limit 1) moved on true;

    if cardinality(u_command) > 0 then
        with taken as (
            select distinct u.command
              from unnest(u_command, u_name, u_digest) as u (command, name, digest)
              join log.claim l
                on l.tenant = c_tenant[u.command] and l.name = u.name and l.digest = u.digest)
        select array_agg(case when v.verdict = 0 and taken.command is not null then 3
                              else v.verdict end order by v.ordinal)
          into verdicts
          from unnest(verdicts) with ordinality as v (verdict, ordinal)
          left join taken on taken.command = v.ordinal;
        insert into log.claim (tenant, name, digest, category, stream)
        select c_tenant[u.command], u.name, u.digest, w.category, w.stream
          from unnest(u_command, u_name, u_digest) as u (command, name, digest)
          join lateral (select w.category, w.stream
                          from unnest(w_command, w_category, w_stream) with ordinality
                               as w (command, category, stream, ordinal)
                         where w.command = u.command order by w.ordinal limit 1) w on true
         where verdicts[u.command] = 0;
    end if;

    insert into log.stream (tenant, category, id, lane, version)
    select c_tenant[w.command], w.category, w.stream, c_lane[w.command], w.expected + w.events
      from unnest(w_command, w_category, w_stream, w_expected, w_events)
           as w (command, category, stream, expected, events)
     where w.events > 0 and verdicts[w.command] = 0
        on conflict (tenant, category, id) do update set version = excluded.version;

    return query
    with placed as materialized (
        select e.ordinal, w_command[e.write] as command, e.write, e.version, e.id, e.type, e.schema,
               e.start, e.length, c_lane[w_command[e.write]] as lane,
               row_number() over (partition by c_lane[w_command[e.write]] order by e.ordinal)
                   as place
          from unnest(e_write, e_version, e_id, e_type, e_schema, e_offset, e_length)
               with ordinality as e (write, version, id, type, schema, start, length, ordinal)
         where verdicts[w_command[e.write]] = 0),
    head as materialized (
        select h.lane, h.position from log.lane_head h where h.lane = any (c_lane)),
    written as (
        insert into log.event (position, version, occurred_at, recorded_at, tenant, stream, id,
                               actor, correlation, causation, command, lane, schema, actor_kind,
                               category, type, traceparent, hash, data)
        select h.position + p.place, p.version,
               timestamptz 'epoch' + c_occurred_micros[p.command] * interval '1 microsecond',
               recorded_at, c_tenant[p.command], w_stream[p.write], p.id, c_actor[p.command],
               c_correlation[p.command], c_causation[p.command], c_id[p.command], p.lane, p.schema,
               c_actor_kind[p.command], w_category[p.write], p.type, c_traceparent[p.command],
               substring(hashes from (32 * (p.ordinal - 1) + 1)::int for 32),
               convert_from(substring(data from p.start for p.length), 'UTF8')::json
          from placed p join head h on h.lane = p.lane),
    outcome as materialized (
        select p.command, min(h.position + p.place) as position, count(*)::int as events
          from placed p join head h on h.lane = p.lane group by p.command),
    main as materialized (
        select distinct on (w.command) w.command, w.category, w.stream, w.expected + w.events
               as version
          from unnest(w_command, w_category, w_stream, w_expected, w_events) with ordinality
               as w (command, category, stream, expected, events, ordinal)
         order by w.command, w.ordinal),
    decided as (
        insert into log.command (tenant, id, fingerprint, status, category, stream, version,
                                 position, events, recorded_at)
        select c.tenant, c.id, c.fingerprint, c.status, m.category, m.stream, m.version,
               coalesce(o.position, h.position), coalesce(o.events, 0), recorded_at
          from unnest(c_tenant, c_id, c_fingerprint, c_status, c_lane) with ordinality
               as c (tenant, id, fingerprint, status, lane, ordinal)
          join main m on m.command = c.ordinal
          join head h on h.lane = c.lane
          left join outcome o on o.command = c.ordinal
         where verdicts[c.ordinal] = 0
        returning id, tenant, position, events),
    advanced as (
        update log.lane_head h set position = h.position + n.events
          from (select p.lane, count(*) as events from placed p group by p.lane) n
         where n.lane = h.lane)
    select c.ordinal::int, verdicts[c.ordinal], coalesce(k.status, c.status)::int,
           coalesce(k.fingerprint, c.fingerprint), coalesce(k.category, m.category),
           coalesce(k.stream, m.stream), coalesce(k.version, m.version),
           coalesce(k.position, o.position, h.position), coalesce(k.events, o.events, 0)::int
      from unnest(c_tenant, c_id, c_fingerprint, c_status, c_lane) with ordinality
           as c (tenant, id, fingerprint, status, lane, ordinal)
      join main m on m.command = c.ordinal
      join head h on h.lane = c.lane
      left join outcome o on o.command = c.ordinal
      left join log.command k on verdicts[c.ordinal] = 1 and k.tenant = c.tenant and k.id = c.id
     order by c.ordinal;
end $$;
alter function log.append owner to cairn_owner;
revoke all on function log.append from public;
grant execute on function log.append to cairn_appender;
comment on function log.append is 'The only way into the log: a batch of commands, one verdict each.';
