-- How a metric of this transaction's tenant is spread among its peers: the tenants that share, in
-- the same industry and country, with a metric of the same key, unit and aggregation and points in
-- the period. It begins on `starts_on` and is one month, quarter or year long.
--
-- verdict: `ok`; `not-joined`, the asker does not share; `too-small`, fewer than 10 tenants;
-- `dominated`, one tenant has more than 30 % of the sum of absolute values. Only `ok` comes with
-- numbers. Both thresholds are here, so that no caller can do without them.
--
-- A percentile is the mean of the order statistics within 1.5 of its rank (n - 1) p, which are
-- three or four, rounded to three significant digits: an interpolated percentile can be one
-- tenant's very value (of 11 tenants the tenth percentile is the second smallest), and that must
-- never be told.
create or replace function board.peer_distribution(metric_key text, grain text, starts_on date)
returns table (verdict text, naics text, country text, tenants int, p10 numeric, p25 numeric,
               p50 numeric, p75 numeric, p90 numeric)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
    with period as (
        select starts_on::timestamp at time zone 'UTC' as start_at,
               (starts_on + case peer_distribution.grain when 'month' then interval '1 month'
                                                         when 'quarter' then interval '3 months'
                                                         when 'year' then interval '1 year'
                            end) at time zone 'UTC' as end_at),
    asker as (
        select m.tenant, m.naics, m.country
          from board.cohort_member m where m.tenant = (select cairn.tenant())),
    peers as (
        select p.tenant, m.metric, m.aggregation, m.additivity
          from asker a
          join board.metric o on o.tenant = a.tenant and o.key = metric_key
          join board.cohort_member p on p.naics = a.naics and p.country = a.country
          join board.metric m on m.tenant = p.tenant and m.key = o.key and m.unit = o.unit
                             and m.aggregation = o.aggregation
         where m.formula = '' and not m.archived),
    days as (
        select p.tenant, p.aggregation, p.additivity, r.count, r.sum, r.min, r.max, r.last,
               r.last_at,
               row_number() over (partition by p.tenant, r.location, r.variant
                                      order by r.last_at desc) as from_end
          from peers p
          join board.metric_rollup r on r.tenant = p.tenant and r.metric = p.metric
                                    and r.grain = 1
         cross join period w
         where r.bucket >= w.start_at and r.bucket < w.end_at),
    own as (
        select d.tenant,
               case d.aggregation
                    when 'sum' then sum(d.sum)
                    when 'mean' then sum(d.sum) / sum(d.count)
                    when 'min' then min(d.min)
                    when 'max' then max(d.max)
                    else case d.additivity
                              when 'none' then (array_agg(d.last order by d.last_at desc))[1]
                              else sum(d.last) filter (where d.from_end = 1) end
               end as value
          from days d group by d.tenant, d.aggregation, d.additivity),
    ranked as (
        select o.value, row_number() over (order by o.value) - 1 as place from own o),
    total as (
        select count(*)::int as tenants, max(abs(o.value)) > 0.30 * sum(abs(o.value)) as dominates
          from own o),
    judged as (
        select case when not exists (select from asker) then 'not-joined'
                    when t.tenants < 10 then 'too-small'
                    when t.dominates then 'dominated'
                    else 'ok' end as verdict, t.tenants
          from total t),
    spread as (
        select q.percent, avg(r.value) as value
          from judged j
         cross join unnest(array[0.10, 0.25, 0.50, 0.75, 0.90]) as q (percent)
          join ranked r on abs(r.place - (j.tenants - 1) * q.percent) <= 1.5
         where j.verdict = 'ok'
         group by q.percent),
    told as (
        select s.percent,
               case when s.value = 0 then 0
                    else round(s.value, 2 - floor(log(abs(s.value)))::int) end as value
          from spread s)
    select j.verdict, a.naics, a.country, case when j.verdict = 'ok' then j.tenants end,
           max(t.value) filter (where t.percent = 0.10),
           max(t.value) filter (where t.percent = 0.25),
           max(t.value) filter (where t.percent = 0.50),
           max(t.value) filter (where t.percent = 0.75),
           max(t.value) filter (where t.percent = 0.90)
      from judged j
      left join asker a on true
      left join told t on true
     group by j.verdict, j.tenants, a.naics, a.country
$$;
alter function board.peer_distribution owner to cairn_cohort;
revoke all on function board.peer_distribution from public;
grant execute on function board.peer_distribution to cairn_reader;
comment on function board.peer_distribution is
    'Percentiles of a metric among at least ten tenants that share; never anybody''s value.';
