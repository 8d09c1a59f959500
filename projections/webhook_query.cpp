#include "projections/webhook_query.hpp"

#include "events/codec.hpp"
#include "projections/page.hpp"

#include <limits>
#include <pqxx/pqxx>

namespace projections::webhooks {
namespace {

constexpr const char* columns = R"sql(
    select w.created_position, row_to_json(j), w.version
      from board.webhook w
     cross join lateral (
         select (select count(*) from feed.webhook_delivery d
                  where d.tenant = $1 and d.webhook = w.webhook
                    and d.status = 'pending') as pending,
                (select count(*) from feed.webhook_delivery d
                  where d.tenant = $1 and d.webhook = w.webhook
                    and d.status = 'dead') as dead) d
     cross join lateral (select w.webhook as id, w.url, w.description,
            json_build_object('types', w.types, 'streams', w.streams) as filter,
            case when w.enabled then 'enabled' else 'disabled' end as status,
            w.cause as disabled_cause, d.pending, d.dead, w.version,
            (select to_char(b.failing_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
               from feed.webhook b
              where b.tenant = $1 and b.webhook = w.webhook
                and b.failing_since > w.tried_since) as failing_since,
            to_char(w.created_at at time zone 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at,
            to_char(w.updated_at at time zone 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as updated_at) j
     where w.tenant = $1 and not w.deleted)sql";

bool is_position(std::string_view text) {
    constexpr std::size_t digits_max = 18;
    return !text.empty() && text.size() <= digits_max &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

domain::Result<Answer> list(pqxx::transaction_base& tx, const Ask& ask) {
    const auto after = is_position(ask.cursor) ? ask.cursor : "0";
    return page(ask, tx.exec(std::string{columns} + R"sql(
           and w.created_position > $2::bigint order by w.created_position limit $3)sql",
                             pqxx::params{domain::to_text(ask.tenant), after, ask.limit + 1}));
}

domain::Result<Answer> one(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "webhook");
    if (!id) return std::unexpected(id.error());
    const auto rows = tx.exec(std::string{columns} + " and w.webhook = $2",
                              pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id)});
    if (rows.empty()) return domain::refuse(not_found);
    return Answer{rows[0][1].as<std::string>(), rows[0][2].as<std::int64_t>(), {}, false};
}

namespace {

/// Written into the statement, so that the planner knows the index of dead letters to hold them.
domain::Result<std::string> status_condition(const Ask& ask) {
    const auto status = first_filter(ask, "status");
    if (status.empty()) return std::string{};
    for (const std::string_view known : {"pending", "delivered", "dead"})
        if (status == known) return " and d.status = '" + std::string{known} + "'";
    return std::unexpected(wrong_parameter("status", "must be pending, delivered or dead"));
}

}  // namespace

domain::Result<Answer> deliveries(pqxx::transaction_base& tx, const Ask& ask) {
    const auto id = id_in_path(ask, "webhook");
    if (!id) return std::unexpected(id.error());
    if (!exists(tx, ask.tenant, *id)) return domain::refuse(not_found);
    const auto status = status_condition(ask);
    if (!status) return std::unexpected(status.error());
    const auto before = is_position(ask.cursor)
                            ? ask.cursor
                            : std::to_string(std::numeric_limits<std::int64_t>::max());
    return page(ask, tx.exec(std::string{R"sql(
        select d.position, row_to_json(j)
          from feed.webhook_delivery d
         cross join lateral (select d.event as id, d.type, d.position::text as position, d.status,
                d.attempts + d.attempts_before as attempts, d.answer_status, d.failure, d.excerpt,
                d.took_micros / 1000 as took_milliseconds,
                to_char(d.queued_at at time zone 'UTC',
                        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as queued_at,
                to_char(d.attempted_at at time zone 'UTC',
                        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as attempted_at,
                to_char(d.next_attempt_at at time zone 'UTC',
                        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as next_attempt_at) j
         where d.tenant = $1 and d.webhook = $2 and ($3 = '' or d.type = $3)
           and d.position < $4::bigint)sql"} +
                                 *status + " order by d.position desc limit $5",
                             pqxx::params{domain::to_text(ask.tenant), domain::to_text(*id),
                                          first_filter(ask, "type"), before, ask.limit + 1}));
}

domain::Result<std::optional<Target>> target(std::span<const events::Recorded> stream,
                                             domain::Instant now) {
    using namespace domain::webhook;
    State state;
    Target target;
    for (const auto& event : stream) {
        const auto fact = events::codec<Event>().decode(event, nullptr);
        if (!fact) return std::unexpected(fact.error());
        if (std::holds_alternative<SecretRotated>(*fact)) {
            target.previous_secret = state.secret;
            target.previous_until =
                domain::Instant{event.recorded_at.micros + overlap_seconds * domain::second_micros};
        }
        state = evolve(std::move(state), *fact);
        target.tenant = event.tenant;
    }
    if (!state.exists) return std::nullopt;
    target.webhook = state.webhook;
    target.url = state.definition.url;
    target.secret = state.secret;
    if (target.previous_until && *target.previous_until <= now) target.previous_secret.reset();
    return target;
}

bool exists(pqxx::transaction_base& tx, domain::TenantId tenant, domain::Uuid webhook) {
    return !tx.exec("select from board.webhook where tenant = $1 and webhook = $2 and not deleted",
                    pqxx::params{domain::to_text(tenant), domain::to_text(webhook)})
                .empty();
}

}  // namespace projections::webhooks
