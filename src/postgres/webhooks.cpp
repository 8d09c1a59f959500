#include "src/postgres/webhooks.hpp"

#include "projections/columns.hpp"
#include "src/postgres/event_store.hpp"

#include <pqxx/pqxx>

namespace postgres {
namespace {

domain::Uuid uuid_of(const pqxx::field& field) {
    return field.is_null() ? domain::Uuid{}
                           : domain::uuid_from(field.view()).value_or(domain::Uuid{});
}

/// The columns of a target behind those of an event.
projections::webhooks::Target target_from(const pqxx::row& row, pqxx::row::size_type at) {
    projections::webhooks::Target to{{uuid_of(row[at])},
                                     {uuid_of(row[at + 1])},
                                     row[at + 2].as<std::string>(),
                                     {uuid_of(row[at + 3])},
                                     {},
                                     {}};
    if (!row[at + 4].is_null()) to.previous_secret = {uuid_of(row[at + 4])};
    return to;
}

}  // namespace

std::int64_t keep_webhook_books(pqxx::transaction_base& tx) {
    tx.exec(R"sql(
        insert into feed.webhook (tenant, webhook, read_position)
        select w.tenant, w.webhook, w.created_position from board.webhook w
         where not w.deleted
           and not exists (select from feed.webhook b
                            where b.tenant = w.tenant and b.webhook = w.webhook)
            on conflict do nothing)sql");
    tx.exec(R"sql(
        delete from feed.webhook b using board.webhook w
         where w.tenant = b.tenant and w.webhook = b.webhook and w.deleted)sql");
    return tx.query_value<std::int64_t>("select count(*) from feed.webhook");
}

bool queue_webhook_deliveries(pqxx::transaction_base& tx) {
    constexpr int webhooks_max = 200, events_max = 1000, pending_max = 10'000;
    // The rows of the books are locked first, and skipped where another process has them: what is
    // read and how far the place moves are one statement, so nothing is queued twice or left out.
    return tx.query_value<bool>(R"sql(
        with due as materialized (
            select b.tenant, b.webhook, b.read_position, h.position as head, w.types, w.streams
              from feed.webhook b
              join board.webhook w on w.tenant = b.tenant and w.webhook = b.webhook
              join log.tenant_lane l on l.tenant = b.tenant
              join log.lane_head h on h.lane = l.lane
             where w.enabled and not w.deleted and b.read_position < h.position
               and (select count(*) from (select from feed.webhook_delivery d
                                           where d.tenant = b.tenant and d.webhook = b.webhook
                                             and d.status = 'pending' limit $3) p) < $3
             order by b.read_position limit $1 for update of b skip locked),
        found as materialized (
            select d.tenant, d.webhook, d.types, d.streams, e.position, e.id, e.type, e.category,
                   e.stream
              from due d
             cross join lateral (select e.position, e.id, e.type, e.category, e.stream
                                   from log.event e
                                  where e.tenant = d.tenant and e.position > d.read_position
                                    and e.position <= d.head
                                  order by e.position limit $2) e),
        reached as (
            select d.tenant, d.webhook, d.head,
                   case when f.seen < $2 then d.head else f.last end as position
              from due d
             cross join lateral (select count(*) as seen, max(f.position) as last from found f
                                  where f.tenant = d.tenant and f.webhook = d.webhook) f),
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
            returning 1),
        moved as (
            update feed.webhook b set read_position = r.position from reached r
             where b.tenant = r.tenant and b.webhook = r.webhook
            returning r.position < r.head as more)
        select (select count(*) from moved) >= $1
                   or coalesce((select bool_or(more) from moved), false))sql",
                                pqxx::params{webhooks_max, events_max, pending_max});
}

std::vector<WebhookDelivery> lease_webhook_deliveries(pqxx::transaction_base& tx,
                                                      const domain::Uuid& lease, int seconds,
                                                      int max, int each_max) {
    // Webhooks come in any order, so that none is always the last to find room.
    std::vector<WebhookDelivery> leased;
    for (const auto& row :
         tx.exec(std::string{R"sql(
        with chosen as materialized (
            select w.tenant, w.webhook, w.url, w.secret, d.position,
                   case when w.previous_until > clock_timestamp() then w.previous_secret end
                       as previous_secret
              from (select * from board.webhook where enabled and not deleted
                     order by random()) w
             cross join lateral (
                 select count(*) as out from feed.webhook_delivery d
                  where d.tenant = w.tenant and d.webhook = w.webhook and d.status = 'pending'
                    and d.leased_until > clock_timestamp()) o
             cross join lateral (
                 select d.position from feed.webhook_delivery d
                  where d.tenant = w.tenant and d.webhook = w.webhook and d.status = 'pending'
                    and d.next_attempt_at <= clock_timestamp()
                    and (d.leased_until is null or d.leased_until <= clock_timestamp())
                  order by d.next_attempt_at, d.position limit greatest($4 - o.out, 0)
                    for update of d skip locked) d
             limit $3),
        leased as (
            update feed.webhook_delivery d
               set lease = $1, leased_until = clock_timestamp() + $2::int * interval '1 second'
              from chosen c
             where d.tenant = c.tenant and d.webhook = c.webhook and d.position = c.position
            returning d.tenant, d.webhook, d.position, d.attempts)
        select )sql"} +
                     event_columns +
                     R"sql(, c.tenant, c.webhook, c.url, c.secret, c.previous_secret, l.attempts
          from leased l
          join chosen c on c.tenant = l.tenant and c.webhook = l.webhook
                       and c.position = l.position
          join log.event e on e.tenant = l.tenant and e.position = l.position)sql",
                 pqxx::params{domain::to_text(lease), seconds, max, each_max})) {
        constexpr pqxx::row::size_type target_columns = 6;
        const auto at = row.size() - target_columns;
        leased.push_back({recorded_from(row), target_from(row, at), row[at + 5].as<int>()});
    }
    return leased;
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
        noted as (
            update feed.webhook_delivery d
               set lease = null, leased_until = null, attempts = d.attempts + 1,
                   attempted_at = clock_timestamp(), answer_status = nullif(g.answer, 0),
                   failure = g.failure, excerpt = g.excerpt, took_micros = g.micros,
                   status = case when g.delivered then 'delivered'
                                 when g.pause is null then 'dead' else 'pending' end,
                   next_attempt_at = case when not g.delivered
                       then clock_timestamp() + g.pause * interval '1 microsecond' end,
                   finished_at = case when g.delivered or g.pause is null
                                      then clock_timestamp() end
              from given g
             where d.tenant = g.tenant and d.webhook = g.webhook and d.position = g.position
               and d.lease = $1
            returning d.tenant, d.webhook, g.delivered),
        by_webhook as (
            select tenant, webhook, bool_or(delivered) as delivered from noted
             group by tenant, webhook),
        judged as (
            update feed.webhook b
               set failing_since = case when n.delivered then null
                                        when b.failing_since > w.enabled_at then b.failing_since
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
        failing.push_back({{uuid_of(row[0])}, {uuid_of(row[1])}});
    return failing;
}

std::int64_t retire_webhook_deliveries(pqxx::transaction_base& tx, int days) {
    return tx
        .exec(R"sql(
        delete from feed.webhook_delivery d
         using (select tenant, webhook, position from feed.webhook_delivery
                 where status <> 'pending' and finished_at < now() - $1::int * interval '1 day'
                 order by finished_at limit 10000) o
         where d.tenant = o.tenant and d.webhook = o.webhook and d.position = o.position)sql",
              pqxx::params{days})
        .affected_rows();
}

double oldest_webhook_delivery_seconds(pqxx::transaction_base& tx) {
    return tx.query_value<double>(R"sql(
        select coalesce(extract(epoch from clock_timestamp() - min(d.queued_at)), 0)::float8
          from feed.webhook_delivery d
          join board.webhook w on w.tenant = d.tenant and w.webhook = d.webhook
         where d.status = 'pending' and w.enabled and not w.deleted)sql");
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
        .exec(
            std::string{put_back} +
                "d.event = $3 and (d.leased_until is null or d.leased_until <= clock_timestamp())",
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
