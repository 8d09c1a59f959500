#include "projections/webhook_board.hpp"

#include "domain/webhook.hpp"
#include "events/codec.hpp"
#include "projections/columns.hpp"
#include "projections/prepared.hpp"

#include <map>
#include <pqxx/pqxx>

namespace projections::webhook_board {
namespace {

using namespace domain::webhook;

constexpr std::string_view categories[]{"webhook"};
constexpr std::string_view tables[]{"board.webhook"};

/// What a batch says of one webhook; what is empty stays as it was.
struct Row {
    std::int64_t version{};
    domain::Instant at;
    std::optional<std::int64_t> created_position;
    std::optional<Definition> definition;
    std::optional<bool> enabled;
    std::optional<Cause> cause;
    std::optional<domain::Uuid> secret, previous_secret;
    std::optional<domain::Instant> created_at, previous_until, tried_since;
    std::optional<domain::Instant> url_since;  ///< of the first event that has its last address
    bool url_moved{};                          ///< an event before that had another one
    bool deleted{};
};
using Rows = std::map<RowKey, Row>;

void enable(Row& row, domain::Instant at) {
    row.enabled = true;
    row.tried_since = at;
    row.cause.reset();
}

/// Whether the first address of a batch is a new one, only the table knows.
void define(Row& row, const Definition& definition, domain::Instant at) {
    const bool known = row.definition.has_value();
    if (!known || row.definition->url != definition.url) {
        row.url_since = at;
        row.url_moved = known;
    }
    row.definition = definition;
}

void rotate(Row& row, const SecretRotated& fact, domain::Instant at) {
    constexpr std::int64_t micros = 1'000'000;
    row.previous_secret = row.secret;
    row.previous_until = domain::Instant{at.micros + overlap_seconds * micros};
    row.secret = fact.secret.value;
}

void fold(Row& row, const events::Recorded& event, const Event& fact) {
    row.version = event.version;
    row.at = event.recorded_at;
    std::visit(domain::Match{[&](const Created& e) {
                                 row.created_position = event.position;
                                 row.created_at = row.at;
                                 define(row, e.definition, row.at);
                                 row.secret = e.secret.value;
                                 enable(row, row.at);
                             },
                             [&](const Changed& e) { define(row, e.definition, row.at); },
                             [&](const Enabled&) { enable(row, row.at); },
                             [&](const Disabled& e) {
                                 row.enabled = false;
                                 row.cause = e.cause;
                             },
                             [&](const SecretRotated& e) { rotate(row, e, row.at); },
                             [&](const Deleted&) { row.deleted = true; }},
               fact);
}

/// Patterns have no spaces in them.
std::string joined(const std::vector<std::string>& patterns) {
    std::string text;
    for (const auto& pattern : patterns) text += (text.empty() ? "" : " ") + pattern;
    return text;
}

void save_new(pqxx::transaction_base& tx, const Rows& rows) {
    Uuids tenant, webhook, secret;
    BigInts position;
    Instants at;
    for (const auto& [key, row] : rows) {
        if (!row.created_position) continue;
        tenant.push_back(key.tenant);
        webhook.push_back(key.id);
        position.push_back(*row.created_position);
        secret.push_back(row.secret);
        at.push_back(row.created_at);
    }
    if (tenant.size() == 0) return;
    tx.exec(prepared(tx, "webhook_new", R"sql(
        insert into board.webhook (tenant, webhook, version, created_position, url, description,
                                   types, streams, enabled, deleted, secret, created_at,
                                   tried_since, updated_at)
        select r.tenant, r.webhook, 0, r.position, '', '', '{}', '{}', true, false, r.secret,
               r.at, r.at, r.at
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::timestamptz[])
               as r (tenant, webhook, position, secret, at))sql"),
            as_params(tenant, webhook, position, secret, at))
        .no_rows();
}

void save(pqxx::transaction_base& tx, const Rows& rows) {
    static const Definition unchanged;
    Uuids tenant, webhook, secret, previous_secret;
    BigInts version;
    Texts url, description, cause;
    Texts types, streams;
    Bools enabled, deleted, url_moved;
    Instants previous_until, tried_since, url_since, at;
    for (const auto& [key, row] : rows) {
        const auto& d = row.definition ? *row.definition : unchanged;
        const auto if_defined = [&](std::string_view text) {
            return row.definition ? std::optional{text} : std::nullopt;
        };
        tenant.push_back(key.tenant);
        webhook.push_back(key.id);
        version.push_back(row.version);
        url.push_back(if_defined(d.url));
        description.push_back(if_defined(d.description));
        types.push_back(if_defined(joined(d.filter.types)));
        streams.push_back(if_defined(joined(d.filter.streams)));
        enabled.push_back(row.enabled);
        cause.push_back(row.cause ? std::optional{to_text(*row.cause)} : std::nullopt);
        secret.push_back(row.secret);
        previous_secret.push_back(row.previous_secret);
        previous_until.push_back(row.previous_until);
        tried_since.push_back(row.tried_since);
        url_since.push_back(row.url_since);
        url_moved.push_back(row.url_moved);
        deleted.push_back(row.deleted);
        at.push_back(row.at);
    }
    tx.exec(prepared(tx, "webhook_changed", R"sql(
        update board.webhook w
           set version = r.version,
               url = case when r.deleted then '' else coalesce(r.url, w.url) end,
               description = coalesce(r.description, w.description),
               types = coalesce(string_to_array(r.types, ' '), w.types),
               streams = coalesce(string_to_array(r.streams, ' '), w.streams),
               enabled = coalesce(r.enabled, w.enabled),
               cause = case when r.enabled is null then w.cause else r.cause end,
               previous_secret = case when r.previous_until is null then w.previous_secret
                                      else coalesce(r.previous_secret, w.secret) end,
               previous_until = coalesce(r.previous_until, w.previous_until),
               secret = coalesce(r.secret, w.secret),
               tried_since = greatest(coalesce(r.tried_since, w.tried_since),
                   case when r.url_moved or r.url <> w.url then r.url_since end),
               deleted = w.deleted or r.deleted, updated_at = r.at
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                      $7::text[], $8::bool[], $9::text[], $10::uuid[], $11::uuid[],
                      $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::bool[],
                      $16::bool[], $17::timestamptz[])
               as r (tenant, webhook, version, url, description, types, streams, enabled, cause,
                     secret, previous_secret, previous_until, tried_since, url_since, url_moved,
                     deleted, at)
         where w.tenant = r.tenant and w.webhook = r.webhook)sql"),
            as_params(tenant, webhook, version, url, description, types, streams, enabled, cause,
                      secret, previous_secret, previous_until, tried_since, url_since, url_moved,
                      deleted, at))
        .no_rows();
}

Applied apply(pqxx::transaction_base& tx, std::span<const events::Recorded> batch) {
    Rows rows;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        auto fact = events::codec<Event>().decode(batch[i], nullptr);
        if (!fact) return std::unexpected(Poison{i, std::move(fact.error())});
        fold(rows[{batch[i].tenant, batch[i].stream.id}], batch[i], *fact);
    }
    if (rows.empty()) return {};
    save_new(tx, rows);
    save(tx, rows);
    return {};
}

}  // namespace

const Projection projection{"webhook_board", categories, "", tables, &apply};

}  // namespace projections::webhook_board
