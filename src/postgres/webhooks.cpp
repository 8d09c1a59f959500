#include "src/postgres/webhooks.hpp"

#include "projections/columns.hpp"
#include "projections/fields.hpp"
#include "src/postgres/event_store.hpp"

#include <pqxx/pqxx>

namespace postgres {
namespace {

/// Rows that one statement deletes, by their places: joined by their keys, a planner without
/// statistics compares each with each.
constexpr int portion = 10'000;

/// The columns of a target behind those of an event.
projections::webhooks::Target target_from(const pqxx::row& row, pqxx::row::size_type at) {
    projections::webhooks::Target to{{projections::uuid_of(row[at])},
                                     {projections::uuid_of(row[at + 1])},
                                     row[at + 2].as<std::string>(),
                                     {projections::uuid_of(row[at + 3])},
                                     {},
                                     {}};
    if (!row[at + 4].is_null()) to.previous_secret = {projections::uuid_of(row[at + 4])};
    return to;
}

}  // namespace

std::int64_t webhook_board_position(pqxx::transaction_base& tx) {
    return tx.query_value<std::int64_t>(
        "select coalesce(sum(position), 0)::bigint from projection.checkpoint "
        "where name = 'webhook_board'");
}

std::int64_t open_webhook_books(pqxx::transaction_base& tx) {
    tx.exec(R"sql(
        insert into feed.webhook (tenant, webhook, read_position)
        select w.tenant, w.webhook, w.created_position from board.webhook w
         where not w.deleted
           and not exists (select from feed.webhook b
                            where b.tenant = w.tenant and b.webhook = w.webhook)
            on conflict do nothing)sql");
    return tx.query_value<std::int64_t>("select count(*) from feed.webhook");
}

bool drop_webhook_books(pqxx::transaction_base& tx) {
    const auto deleted = tx.exec(R"sql(
        delete from feed.webhook_delivery where ctid = any (array(
            select d.ctid from feed.webhook b
              join board.webhook w on w.tenant = b.tenant and w.webhook = b.webhook
                                  and w.deleted
              join feed.webhook_delivery d on d.tenant = b.tenant and d.webhook = b.webhook
             limit $1 for update of d skip locked)))sql",
                                 pqxx::params{portion})
                             .affected_rows();
    tx.exec(R"sql(
        delete from feed.webhook b using board.webhook w
         where w.tenant = b.tenant and w.webhook = b.webhook and w.deleted
           and not exists (select from feed.webhook_delivery d
                            where d.tenant = b.tenant and d.webhook = b.webhook))sql");
    return deleted == portion;
}

bool queue_webhook_deliveries(pqxx::transaction_base& tx) {
    constexpr int webhooks_max = 200, events_max = 1000, pending_max = 10'000;
    // The rows of the books are locked first, and skipped where another process has them: what is
    // read and how far the place moves are one statement, so nothing is queued twice or left out.
    return tx.query_value<bool>(R"sql(
        with due as materialized (
            select b.tenant, b.webhook, b.read_position, b.room, w.types, w.streams
              from feed.webhook b
              join board.webhook w on w.tenant = b.tenant and w.webhook = b.webhook
             cross join lateral (select from log.event e
                                  where e.tenant = b.tenant and e.position > b.read_position
                                  order by e.position limit 1) newer
             where w.enabled and not w.deleted
               and (b.room > 0 or b.counted_at is null
                    or b.counted_at <= clock_timestamp() - interval '5 seconds')
             order by b.read_position limit $1 for update of b skip locked),
        counted as materialized (
            select d.*, case when d.room > 0 then d.room else $3 - p.pending end as has_room
              from due d
             cross join lateral (
                 select count(*)::int as pending
                   from (select from feed.webhook_delivery w
                          where w.tenant = d.tenant and w.webhook = d.webhook
                            and w.status = 'pending' and d.room <= 0 limit $3) w) p),
        found as materialized (
            select d.tenant, d.webhook, d.types, d.streams, e.position, e.id, e.type, e.category,
                   e.stream
              from counted d
             cross join lateral (select e.position, e.id, e.type, e.category, e.stream
                                   from log.event e
                                  where e.tenant = d.tenant and e.position > d.read_position
                                  order by e.position
                                  limit case when d.has_room > 0 then $2::int else 0 end) e),
        queued as (
            insert into feed.webhook_delivery (tenant, webhook, position, event, status, type,
                                               next_attempt_at, queued_at)
            select f.tenant, f.webhook, f.position, f.id, 'pending', f.type, clock_timestamp(),
                   clock_timestamp()
              from found f
             where (cardinality(f.types) = 0
                    or exists (select from unnest(f.types) as t (pattern)
                                where f.type = t.pattern
                                   or (t.pattern like '%.*'
                                       and starts_with(f.type, left(t.pattern, -1)))))
               and (cardinality(f.streams) = 0 or f.category = any (f.streams)
                    or f.category || '-' || f.stream = any (f.streams))
            returning tenant, webhook),
        reached as (
            select d.tenant, d.webhook, d.has_room, s.seen, s.last, q.queued
              from counted d
             cross join lateral (select count(*) as seen, max(f.position) as last from found f
                                  where f.tenant = d.tenant and f.webhook = d.webhook) s
             cross join lateral (select count(*) as queued from queued q
                                  where q.tenant = d.tenant and q.webhook = d.webhook) q),
        moved as (
            update feed.webhook b
               set read_position = coalesce(r.last, b.read_position), room = r.has_room - r.queued,
                   counted_at = case when r.has_room <= 0 then clock_timestamp() end
              from reached r
             where b.tenant = r.tenant and b.webhook = r.webhook
            returning r.seen = $2 as more)
        select (select count(*) from moved) >= $1
                   or coalesce((select bool_or(more) from moved), false))sql",
                                pqxx::params{webhooks_max, events_max, pending_max});
}

namespace {

/// The next webhooks with deliveries that are due: one step of an index for each that has some
/// waiting, however many those are.
std::vector<WebhookPlace> walk_due(pqxx::transaction_base& tx, int max, WebhookPlace& place) {
    constexpr int steps_max = 500;
    std::vector<WebhookPlace> due;
    WebhookPlace last;
    int rows_left = max;
    for (const auto& row : tx.exec(R"sql(
        with recursive walk as (
            (select d.tenant, d.webhook, d.next_attempt_at, 1 as step
               from feed.webhook_delivery d
              where d.status = 'pending' and (d.tenant, d.webhook) > ($1, $2)
              order by d.tenant, d.webhook, d.next_attempt_at limit 1)
            union all
            select n.tenant, n.webhook, n.next_attempt_at, w.step + 1
              from walk w
             cross join lateral (
                 select d.tenant, d.webhook, d.next_attempt_at from feed.webhook_delivery d
                  where d.status = 'pending' and (d.tenant, d.webhook) > (w.tenant, w.webhook)
                  order by d.tenant, d.webhook, d.next_attempt_at limit 1) n
             where w.step < $3)
        select tenant, webhook, next_attempt_at <= clock_timestamp(), step = $3 from walk
         where next_attempt_at <= clock_timestamp() or step = $3 limit $4)sql",
                                   pqxx::params{domain::to_text(place.tenant),
                                                domain::to_text(place.webhook), steps_max, max})) {
        const WebhookPlace here{projections::uuid_of(row[0]), projections::uuid_of(row[1])};
        if (row[2].as<bool>()) due.push_back(here);
        if (row[3].as<bool>() || --rows_left == 0) last = here;
    }
    place = last;
    return due;
}

/// An event's columns with its data left out where that is large.
std::string bounded_event_columns() {
    std::string columns{event_columns};
    columns.resize(columns.rfind("e.data"));
    return columns + "case when s.too_large then '{}' else e.data end";
}

}  // namespace

std::vector<WebhookDelivery> lease_webhook_deliveries(pqxx::transaction_base& tx,
                                                      const WebhookLease& lease,
                                                      WebhookPlace& place) {
    projections::Uuids tenant, webhook;
    for (const auto& due : walk_due(tx, lease.max, place)) {
        tenant.push_back(due.tenant);
        webhook.push_back(due.webhook);
    }
    std::vector<WebhookDelivery> leased;
    if (tenant.size() == 0) return leased;
    for (const auto& row :
         tx.exec(std::string{R"sql(
        with leases as materialized (
            select d.tenant, d.webhook from feed.webhook_delivery d
             where d.lease is not null and d.next_attempt_at > clock_timestamp()),
        offered as materialized (
            select w.tenant, w.webhook, w.url, w.secret, d.position, d.next_attempt_at,
                   t.room as tenant_room,
                   case when w.previous_until > clock_timestamp() then w.previous_secret end
                       as previous_secret
              from unnest($7::uuid[], $8::uuid[]) as a (tenant, webhook)
              join board.webhook w on w.tenant = a.tenant and w.webhook = a.webhook
                                  and w.enabled and not w.deleted
             cross join lateral (select $4::int - count(*) as room from leases l
                                  where l.tenant = a.tenant and l.webhook = a.webhook) o
             cross join lateral (select $5::int - count(*) as room from leases l
                                  where l.tenant = a.tenant) t
             cross join lateral (
                 select d.position, d.next_attempt_at from feed.webhook_delivery d
                  where d.tenant = w.tenant and d.webhook = w.webhook and d.status = 'pending'
                    and d.next_attempt_at <= clock_timestamp()
                  order by d.next_attempt_at, d.position
                  limit greatest(least(o.room, t.room), 0)
                    for update of d skip locked) d),
        in_turn as (
            select o.*, row_number() over (partition by o.tenant
                                           order by o.next_attempt_at, o.position) as turn
              from offered o),
        chosen as materialized (
            select * from in_turn where turn <= tenant_room order by turn limit $3),
        leased as (
            update feed.webhook_delivery d
               set lease = $1, next_attempt_at = clock_timestamp() + $2::int * interval '1 second'
              from chosen c
             where d.tenant = c.tenant and d.webhook = c.webhook and d.position = c.position
            returning d.tenant, d.webhook, d.position, d.attempts)
        select )sql"} +
                     bounded_event_columns() +
                     R"sql(, c.tenant, c.webhook, c.url, c.secret, c.previous_secret, l.attempts,
               s.too_large
          from leased l
          join chosen c on c.tenant = l.tenant and c.webhook = l.webhook
                       and c.position = l.position
          join log.event e on e.tenant = l.tenant and e.position = l.position
         cross join lateral (select octet_length(e.data::text) > $6 as too_large) s)sql",
                 pqxx::params{domain::to_text(lease.holder), lease.seconds, lease.max,
                              lease.each_max, lease.tenant_max, lease.data_bytes_max,
                              tenant.bound(), webhook.bound()})) {
        constexpr pqxx::row::size_type target_columns = 7;
        const auto at = row.size() - target_columns;
        leased.push_back({recorded_from(row), target_from(row, at), row[at + 5].as<int>(),
                          row[at + 6].as<bool>()});
    }
    return leased;
}

void release_webhook_deliveries(pqxx::transaction_base& tx, const domain::Uuid& holder,
                                const std::vector<WebhookLeased>& leased, int seconds) {
    projections::Uuids tenant, webhook;
    projections::BigInts position;
    for (const auto& one : leased) {
        tenant.push_back(one.tenant);
        webhook.push_back(one.webhook);
        position.push_back(one.position);
    }
    tx.exec(R"sql(
        update feed.webhook_delivery d
           set lease = null, next_attempt_at = clock_timestamp() + $2::int * interval '1 second'
          from unnest($3::uuid[], $4::uuid[], $5::bigint[]) as g (tenant, webhook, position)
         where d.tenant = g.tenant and d.webhook = g.webhook and d.position = g.position
           and d.lease = $1)sql",
            pqxx::params{domain::to_text(holder), seconds, tenant.bound(), webhook.bound(),
                         position.bound()});
}

void release_webhook_lease(pqxx::transaction_base& tx, const domain::Uuid& holder) {
    tx.exec(
        "update feed.webhook_delivery set lease = null, next_attempt_at = clock_timestamp() "
        "where lease is not null and lease = $1",
        pqxx::params{domain::to_text(holder)});
}

std::vector<FailingWebhook> note_webhook_attempts(pqxx::transaction_base& tx,
                                                  const domain::Uuid& lease,
                                                  const std::vector<WebhookAttempt>& attempts,
                                                  std::int64_t failing_seconds) {
    projections::Uuids tenant, webhook;
    projections::BigInts position, micros, pause;
    projections::Bools delivered;
    projections::SmallInts status;
    projections::Texts failure, excerpt;
    for (const auto& attempt : attempts) {
        tenant.push_back(attempt.tenant);
        webhook.push_back(attempt.webhook);
        position.push_back(attempt.position);
        delivered.push_back(attempt.delivered);
        status.push_back(static_cast<std::int16_t>(attempt.status));
        failure.push_back(projections::unless_empty(attempt.failure));
        excerpt.push_back(projections::unless_empty(attempt.excerpt));
        micros.push_back(attempt.micros);
        pause.push_back(attempt.pause_micros);
    }
    std::vector<FailingWebhook> failing;
    for (const auto& row :
         tx.exec(R"sql(
        with given as (
            select * from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bool[], $6::smallint[],
                                 $7::text[], $8::text[], $9::bigint[], $10::bigint[])
                     as g (tenant, webhook, position, delivered, answer, failure, excerpt, micros,
                           pause)),
        locked as materialized (
            select b.tenant, b.webhook from feed.webhook b
             where (b.tenant, b.webhook) in (select g.tenant, g.webhook from given g)
             order by b.tenant, b.webhook for update),
        noted as (
            update feed.webhook_delivery d
               set lease = null, attempts = d.attempts + 1,
                   attempted_at = clock_timestamp(), answer_status = nullif(g.answer, 0),
                   failure = g.failure, excerpt = g.excerpt, took_micros = g.micros,
                   status = case when g.delivered then 'delivered'
                                 when g.pause is null then 'dead' else 'pending' end,
                   next_attempt_at = clock_timestamp() + g.pause * interval '1 microsecond',
                   finished_at = case when g.delivered or g.pause is null
                                      then clock_timestamp() end
              from given g
              join locked l on l.tenant = g.tenant and l.webhook = g.webhook
             where d.tenant = g.tenant and d.webhook = g.webhook and d.position = g.position
               and d.lease = $1
            returning d.tenant, d.webhook, g.delivered),
        by_webhook as (
            select tenant, webhook, bool_or(delivered) as delivered from noted
             group by tenant, webhook),
        judged as (
            update feed.webhook b
               set failing_since = case when n.delivered then null
                                        when b.failing_since > w.tried_since then b.failing_since
                                        else clock_timestamp() end
              from by_webhook n
              join board.webhook w on w.tenant = n.tenant and w.webhook = n.webhook
             where b.tenant = n.tenant and b.webhook = n.webhook
               and (b.failing_since is not null or not n.delivered)
            returning b.tenant, b.webhook, b.failing_since)
        select tenant, webhook from judged
         where failing_since <= clock_timestamp() - $11::bigint * interval '1 second')sql",
                 pqxx::params{domain::to_text(lease), tenant.bound(), webhook.bound(),
                              position.bound(), delivered.bound(), status.bound(), failure.bound(),
                              excerpt.bound(), micros.bound(), pause.bound(), failing_seconds}))
        failing.push_back({{projections::uuid_of(row[0])}, {projections::uuid_of(row[1])}});
    return failing;
}

bool retire_webhook_deliveries(pqxx::transaction_base& tx, int days) {
    return tx.exec(R"sql(
        delete from feed.webhook_delivery where ctid = any (array(
            select ctid from feed.webhook_delivery
             where status <> 'pending' and finished_at < now() - $1::int * interval '1 day'
             order by finished_at limit $2 for update skip locked)))sql",
                   pqxx::params{days, portion})
               .affected_rows() == portion;
}

double webhook_overdue_seconds(pqxx::transaction_base& tx) {
    return tx.query_value<double>(R"sql(
        select coalesce(extract(epoch from clock_timestamp() - min(d.next_attempt_at)), 0)::float8
          from board.webhook w
         cross join lateral (select d.next_attempt_at from feed.webhook_delivery d
                              where d.tenant = w.tenant and d.webhook = w.webhook
                                and d.status = 'pending'
                              order by d.next_attempt_at limit 1) d
         where w.enabled and not w.deleted and d.next_attempt_at <= clock_timestamp())sql");
}

namespace {

constexpr const char* put_back = R"sql(
    update feed.webhook_delivery d
       set status = 'pending', attempts_before = d.attempts_before + d.attempts, attempts = 0,
           next_attempt_at = clock_timestamp(), queued_at = clock_timestamp(), finished_at = null
     where d.tenant = $1 and d.webhook = $2 and )sql";

}  // namespace

std::optional<std::int64_t> redeliver(pqxx::transaction_base& tx, domain::TenantId tenant,
                                      domain::Uuid webhook, domain::Uuid event) {
    const pqxx::params delivery{domain::to_text(tenant), domain::to_text(webhook),
                                domain::to_text(event)};
    const auto known = tx.exec(
        "select from feed.webhook_delivery where tenant = $1 and webhook = $2 and event = $3",
        delivery);
    if (known.empty()) return std::nullopt;
    return tx
        .exec(std::string{put_back} +
                  "d.event = $3 and (d.lease is null or d.next_attempt_at <= clock_timestamp())",
              delivery)
        .affected_rows();
}

std::int64_t redeliver_dead(pqxx::transaction_base& tx, domain::TenantId tenant,
                            domain::Uuid webhook, domain::Instant since) {
    return tx
        .exec(
            std::string{put_back} + R"sql(d.position in (
            select position from feed.webhook_delivery
             where tenant = $1 and webhook = $2 and status = 'dead' and queued_at >= $3::timestamptz
             order by position limit 10000))sql",
            pqxx::params{domain::to_text(tenant), domain::to_text(webhook), domain::to_text(since)})
        .affected_rows();
}

}  // namespace postgres
