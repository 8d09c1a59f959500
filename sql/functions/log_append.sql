-- Appends a batch of commands in one transaction and answers each with its own verdict:
-- 0 appended, 1 replayed (the id is known), 2 conflict (a stream moved on), 3 claimed (a unique
-- value is taken), 4 wrong lane. A command that is not appended has written nothing.
--
-- c_* are the commands (c_write: its first stream, c_events: how many events in all), w_* the
-- streams they write (w_command counts from 1 into c_*), e_* the events (e_write counts from 1 into
-- w_*, e_place from 0 inside the command), u_* the unique values they claim.
-- No two commands of a batch may share a stream or an id: the caller sees to that. The columns from
-- status on are those of the first outcome, and null for a command that is no replay.
--
-- The head rows are locked in a statement of their own: at READ COMMITTED the later statements then
-- see everything that was committed before, so the checks are exact. Every table is reached by a
-- lateral index lookup, because a plan made on empty tables would scan them for ever.
create or replace function log.append(
    recorded_at timestamptz,
    c_tenant uuid[], c_id uuid[], c_fingerprint uuid[], c_lane smallint[], c_status smallint[],
    c_actor_kind smallint[], c_actor uuid[], c_correlation uuid[], c_causation uuid[],
    c_occurred_micros bigint[], c_traceparent text[], c_write int[], c_events int[],
    w_command int[], w_category text[], w_stream uuid[], w_expected bigint[], w_events int[],
    e_write int[], e_place int[], e_version bigint[], e_id uuid[], e_type text[],
    e_schema smallint[], e_hash bytea[], e_data json[],
    u_command int[], u_name text[], u_digest bytea[])
returns table (verdict int, first_position bigint, status int, fingerprint uuid, category text,
               stream uuid, version bigint, events int)
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
    positions bigint[] := array_fill(0::bigint, array[cardinality(c_id)]);
    stale int[];
    taken int[];
    lanes smallint[];
    heads bigint[];
    at int;
begin
    perform from log.lane_head h where h.lane = any (c_lane) order by h.lane for no key update;
    select array_agg(h.lane), array_agg(h.position) into lanes, heads
      from log.lane_head h where h.lane = any (c_lane);

    select array_agg(case when k.known then 1 when t.lane is distinct from c.lane then 4
                          else 0 end order by c.ordinal)
      into verdicts
      from unnest(c_tenant, c_id, c_lane) with ordinality as c (tenant, id, lane, ordinal)
      left join lateral (select true as known from log.command k
                          where k.tenant = c.tenant and k.id = c.id limit 1) k on true
      left join lateral (select t.lane from log.tenant_lane t
                          where t.tenant = c.tenant limit 1) t on true;

    select array_agg(w.command) into stale
      from unnest(w_command, w_category, w_stream, w_expected)
           as w (command, category, stream, expected)
      left join lateral (select s.version from log.stream s
                          where s.tenant = c_tenant[w.command] and s.category = w.category
                            and s.id = w.stream limit 1) s on true
     where coalesce(s.version, 0) <> w.expected;

    if cardinality(u_command) > 0 then
        select array_agg(u.command) into taken
          from unnest(u_command, u_name, u_digest) as u (command, name, digest)
          join lateral (select true as found from log.claim l
                         where l.tenant = c_tenant[u.command] and l.name = u.name
                           and l.digest = u.digest limit 1) l on true;
    end if;

    for i in 1 .. cardinality(verdicts) loop
        if verdicts[i] = 0 and stale is not null and i = any (stale) then
            verdicts[i] := 2;
        end if;
        if verdicts[i] = 0 and taken is not null and i = any (taken) then
            verdicts[i] := 3;
        end if;
        if verdicts[i] = 0 then
            at := array_position(lanes, c_lane[i]);
            positions[i] := heads[at] + case when c_events[i] > 0 then 1 else 0 end;
            heads[at] := heads[at] + c_events[i];
        end if;
    end loop;

    if cardinality(u_command) > 0 then
        insert into log.claim (tenant, name, digest, category, stream)
        select c_tenant[u.command], u.name, u.digest, w_category[c_write[u.command]],
               w_stream[c_write[u.command]]
          from unnest(u_command, u_name, u_digest) as u (command, name, digest)
         where verdicts[u.command] = 0;
    end if;

    -- The head locks are held, so what was compared above is still so: no conflict can arise here.
    if 0 = any (w_expected) then
        insert into log.stream (tenant, category, id, lane, version)
        select c_tenant[w.command], w.category, w.stream, c_lane[w.command], w.events
          from unnest(w_command, w_category, w_stream, w_expected, w_events)
               as w (command, category, stream, expected, events)
         where w.expected = 0 and w.events > 0 and verdicts[w.command] = 0;
    end if;
    if 0 < any (w_expected) then
        update log.stream s set version = w.expected + w.events
          from unnest(w_command, w_category, w_stream, w_expected, w_events)
               as w (command, category, stream, expected, events)
         where s.tenant = c_tenant[w.command] and s.category = w.category and s.id = w.stream
           and w.expected > 0 and w.events > 0 and verdicts[w.command] = 0;
    end if;

    insert into log.event (position, version, occurred_at, recorded_at, tenant, stream, id, actor,
                           correlation, causation, command, lane, schema, actor_kind, category,
                           type, traceparent, hash, data)
    select positions[c.at] + e.place, e.version,
           timestamptz 'epoch' + c_occurred_micros[c.at] * interval '1 microsecond', recorded_at,
           c_tenant[c.at], w_stream[e.write], e.id, c_actor[c.at], c_correlation[c.at],
           c_causation[c.at], c_id[c.at], c_lane[c.at], e.schema, c_actor_kind[c.at],
           w_category[e.write], e.type, c_traceparent[c.at], e.hash, e.data
      from unnest(e_write, e_place, e_version, e_id, e_type, e_schema, e_hash, e_data)
           as e (write, place, version, id, type, schema, hash, data)
     cross join lateral (select w_command[e.write] as at offset 0) c
     where verdicts[c.at] = 0;

    insert into log.command (tenant, id, fingerprint, status, category, stream, version, position,
                             events, recorded_at)
    select c.tenant, c.id, c.fingerprint, c.status, w_category[c.write], w_stream[c.write],
           w_expected[c.write] + w_events[c.write], c.position, c.events, recorded_at
      from unnest(c_tenant, c_id, c_fingerprint, c_status, c_write, c_events, positions, verdicts)
           as c (tenant, id, fingerprint, status, write, events, position, verdict)
     where c.verdict = 0;

    update log.lane_head h set position = n.position
      from unnest(lanes, heads) as n (lane, position)
     where h.lane = n.lane and h.position <> n.position;

    if not 1 = any (verdicts) then
        return query
        select c.verdict, c.position, null::int, null::uuid, null::text, null::uuid, null::bigint,
               null::int
          from unnest(verdicts, positions) as c (verdict, position);
        return;
    end if;
    return query
    select c.verdict, coalesce(k.position, c.position), k.status::int, k.fingerprint, k.category,
           k.stream, k.version, k.events::int
      from unnest(c_tenant, c_id, verdicts, positions) with ordinality
           as c (tenant, id, verdict, position, ordinal)
      left join lateral (select k.* from log.command k
                          where c.verdict = 1 and k.tenant = c.tenant and k.id = c.id limit 1) k
             on true
     order by c.ordinal;
end $$;
alter function log.append owner to cairn_owner;
revoke all on function log.append from public;
grant execute on function log.append to cairn_appender;
comment on function log.append is
    'The only way into the log: a batch of commands, one verdict each.';
