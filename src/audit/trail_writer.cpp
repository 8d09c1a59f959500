#include "src/audit/trail_writer.hpp"

#include "projections/columns.hpp"
#include "projections/fields.hpp"
#include "projections/prepared.hpp"
#include "src/postgres/refusing.hpp"
#include "src/runtime/uuid.hpp"

#include <map>
#include <pqxx/pqxx>
#include <set>

namespace audit {
namespace {

constexpr int tenants_at_once = 100;
constexpr std::int64_t dropped_at_once = 10'000;

using projections::prepared;
using Heads = std::map<domain::TenantId, Link>;
using Tenants = std::set<domain::TenantId>;

/// Of so many tenants it is remembered how their trails were left; then it begins anew.
constexpr std::size_t remembered_max = 100'000;

std::string_view view(const events::Hash& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

domain::TenantId tenant_of(const pqxx::field& field) { return {projections::uuid_of(field)}; }

Link link_of(const pqxx::field& sequence, const pqxx::field& hash) {
    Link link{sequence.as<std::int64_t>(), {}};
    const auto bytes = hash.as<pqxx::bytes>();
    for (std::size_t i = 0; i < link.hash.size() && i < bytes.size(); ++i)
        link.hash[i] = static_cast<std::uint8_t>(bytes[i]);
    return link;
}

struct LockedHeads {
    Heads heads;
    Tenants broken;  ///< whose end is not what was left there
};

void insert_heads(pqxx::transaction_base& tx,
                  const std::map<domain::TenantId, domain::Instant>& missing, Tenants& made) {
    projections::Uuids ids;
    projections::Instants oldest;
    for (const auto& [tenant, at] : missing) {
        ids.push_back(tenant);
        oldest.push_back(at);
    }
    // Entries without a head are what is left when somebody has taken it away.
    for (const auto& row : tx.exec(R"sql(
             insert into audit.head (tenant, sequence, oldest_at, hash, seal)
             select k.tenant, 0, k.at, decode(repeat('00', 32), 'hex'),
                    decode(repeat('00', 32), 'hex')
               from unnest($1::uuid[], $2::timestamptz[]) as k (tenant, at)
              where not exists (select from audit.access a where a.tenant = k.tenant)
              order by k.tenant on conflict do nothing returning tenant)sql",
                                   projections::as_params(ids, oldest)))
        made.insert(tenant_of(row[0]));
}

enum class Missing { made, broken };

/// Locks the heads of the tenants in the order of their ids; those of new tenants may be made.
/// `left` is how this writer has left some of them: others may have gone on, but not back.
LockedHeads lock_heads(pqxx::transaction_base& tx, const security::Key& key, const Heads& left,
                       std::map<domain::TenantId, domain::Instant> tenants, Missing missing) {
    LockedHeads locked;
    Tenants made;
    const auto is_ours = [&](domain::TenantId tenant, const Link& head, const events::Hash& seal) {
        if (made.contains(tenant)) return true;
        const auto known = left.find(tenant);
        if (known != left.end() && head.sequence < known->second.sequence) return false;
        return seal == seal_of(key, tenant, head);
    };
    const auto lock = [&] {
        projections::Uuids ids;
        for (const auto& [tenant, at] : tenants) ids.push_back(tenant);
        for (const auto& row : tx.exec(prepared(tx, "trail_heads", R"sql(
                 select h.tenant, h.sequence, h.hash, h.seal
                   from unnest($1::uuid[]) as k (tenant) join audit.head h on h.tenant = k.tenant
                  order by h.tenant for no key update of h)sql"),
                                       projections::as_params(ids))) {
            const auto tenant = tenant_of(row[0]);
            const auto head = link_of(row[1], row[2]);
            if (is_ours(tenant, head, link_of(row[1], row[3]).hash)) locked.heads[tenant] = head;
            else locked.broken.insert(tenant);
            tenants.erase(tenant);
        }
    };
    lock();
    if (tenants.empty()) return locked;
    std::erase_if(tenants, [&](const auto& one) {
        if (left.contains(one.first)) locked.broken.insert(one.first);
        return left.contains(one.first);
    });
    if (missing == Missing::made) {
        insert_heads(tx, tenants, made);
        lock();
    }
    for (const auto& [tenant, at] : tenants) locked.broken.insert(tenant);
    return locked;
}

/// Adds entries behind `heads`, which move on.
void add(pqxx::transaction_base& tx, std::span<const Entry> batch, Heads& heads) {
    projections::Uuids tenant, request, command, actor, resource;
    projections::BigInts sequence, cut_sequence;
    projections::Instants at;
    projections::SmallInts status;
    projections::Texts role, action, outcome, code, purpose, subjects, fields;
    projections::Byteas source, cut_hash, hash;
    for (const auto& entry : batch) {
        auto& head = heads[entry.tenant];
        head = {head.sequence + 1, hash_of(entry, head)};
        tenant.push_back(entry.tenant);
        sequence.push_back(head.sequence);
        at.push_back(entry.at);
        request.push_back(entry.request);
        command.push_back(entry.command);
        actor.push_back(entry.actor);
        resource.push_back(entry.resource);
        status.push_back(static_cast<std::int16_t>(entry.status));
        role.push_back(entry.role);
        action.push_back(entry.action);
        outcome.push_back(outcome_of(entry));
        code.push_back(entry.code);
        purpose.push_back(entry.purpose);
        subjects.push_back(entry.subjects);
        fields.push_back(entry.fields);
        source.push_back(projections::Bytea{entry.source});
        cut_sequence.push_back(entry.cut ? std::optional{entry.cut->sequence} : std::nullopt);
        cut_hash.push_back(entry.cut ? std::optional{projections::Bytea{view(entry.cut->hash)}}
                                     : std::nullopt);
        hash.push_back(projections::Bytea{view(head.hash)});
    }
    tx.exec(prepared(tx, "trail_add", R"sql(
        with entry as (
            select * from unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::uuid[],
                                 $5::uuid[], $6::uuid[], $7::uuid[], $8::smallint[], $9::text[],
                                 $10::text[], $11::text[], $12::text[], $13::text[], $14::text[],
                                 $15::text[], $16::bytea[], $17::bigint[], $18::bytea[],
                                 $19::bytea[])
                as e (tenant, sequence, at, request, command, actor, resource, status, role,
                      action, outcome, code, purpose, subjects, fields, source, cut_sequence,
                      cut_hash, hash)
        ), place as (
            insert into audit.access_subject (tenant, subject, sequence)
            select e.tenant, s.subject, e.sequence
              from entry e cross join unnest(e.subjects::uuid[]) as s (subject)
        )
        insert into audit.access (tenant, sequence, at, request, command, actor, resource, status,
                                  role, action, outcome, code, purpose, subjects, fields, source,
                                  cut_sequence, cut_hash, hash)
        select e.tenant, e.sequence, e.at, e.request, e.command, e.actor, e.resource, e.status,
               e.role, e.action, e.outcome, e.code, e.purpose, e.subjects::uuid[],
               e.fields::text[], e.source, e.cut_sequence, e.cut_hash, e.hash
          from entry e)sql"),
            projections::as_params(tenant, sequence, at, request, command, actor, resource, status,
                                   role, action, outcome, code, purpose, subjects, fields, source,
                                   cut_sequence, cut_hash, hash));
}

void save_heads(pqxx::transaction_base& tx, const security::Key& key, const Heads& heads) {
    projections::Uuids tenant;
    projections::BigInts sequence;
    projections::Byteas hash, seal;
    for (const auto& [id, head] : heads) {
        tenant.push_back(id);
        sequence.push_back(head.sequence);
        hash.push_back(projections::Bytea{view(head.hash)});
        const auto sealed = seal_of(key, id, head);
        seal.push_back(projections::Bytea{view(sealed)});
    }
    tx.exec(prepared(tx, "trail_save_heads", R"sql(
        update audit.head h set sequence = n.sequence, hash = n.hash, seal = n.seal
          from unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::bytea[])
               as n (tenant, sequence, hash, seal)
         where h.tenant = n.tenant)sql"),
            projections::as_params(tenant, sequence, hash, seal));
}

/// Requests of the batch that have their entry already.
std::set<domain::Uuid> known_requests(pqxx::transaction_base& tx, std::span<const Entry> batch) {
    projections::Uuids tenant, request;
    for (const auto& entry : batch) {
        tenant.push_back(entry.tenant);
        request.push_back(entry.request);
    }
    std::set<domain::Uuid> known;
    for (const auto& row : tx.exec(R"sql(
             select k.request from unnest($1::uuid[], $2::uuid[]) as k (tenant, request)
              where exists (select from audit.access a
                             where a.tenant = k.tenant and a.request = k.request))sql",
                                   projections::as_params(tenant, request)))
        known.insert(projections::uuid_of(row[0]));
    return known;
}

/// The last entry that may go: all up to it are older than `until`, and they are not too many.
std::optional<Link> last_to_go(pqxx::transaction_base& tx, const std::string& tenant,
                               const std::string& until) {
    const auto rows = tx.exec(R"sql(
        select a.sequence, a.hash
          from (select a.sequence, a.hash, a.at, min(a.sequence) filter (where a.at >= $2) over ()
                       as first_to_stay
                  from (select a.sequence, a.hash, a.at from audit.access a where a.tenant = $1
                         order by a.sequence limit $3) a) a
         where a.first_to_stay is null or a.sequence < a.first_to_stay
         order by a.sequence desc limit 1)sql",
                              pqxx::params{tenant, until, dropped_at_once});
    if (rows.empty()) return std::nullopt;
    return link_of(rows[0][0], rows[0][1]);
}

}  // namespace

security::Key seal_key_of(const security::Secrets& secrets) { return secrets.derive("audithed"); }

events::Hash seal_of(const security::Key& key, domain::TenantId tenant, const Link& head) {
    return security::mac(key, "head1" + domain::to_text(tenant) + std::to_string(head.sequence) +
                                  "\n" + std::string{view(head.hash)});
}

struct TrailWriter::Body {
    postgres::Database database;
    security::Key seal_key{};
    std::unique_ptr<pqxx::connection> connection;
    bool unsure = false;  ///< whether the last batch arrived
    Heads left;           ///< as the last transactions have left them
    Tenants stuck;        ///< broken trails that retention has passed over

    /// Runs `work` in a transaction on a connection that is made anew after a failure.
    domain::Result<void> within(const std::function<void(pqxx::transaction_base&)>& work) {
        auto done = postgres::refusing([&]() -> domain::Result<void> {
            if (!connection) {
                connection = postgres::connect(database, postgres::As::appender);
                // A plan that is made while few tenants are there would scan them all for ever.
                pqxx::nontransaction{*connection}.exec(
                    "set enable_seqscan = off; set enable_hashjoin = off; "
                    "set enable_mergejoin = off");
            }
            pqxx::work tx{*connection};
            work(tx);
            tx.commit();
            return {};
        });
        if (!done) connection.reset();
        return done;
    }

    void remember(const Heads& heads) {
        if (left.size() + heads.size() > remembered_max) left.clear();
        for (const auto& [tenant, head] : heads) left.insert_or_assign(tenant, head);
    }

    /// How many went; none of a trail that is broken, which is marked.
    std::int64_t cut(pqxx::transaction_base& tx, domain::TenantId tenant, domain::Instant until,
                     domain::Instant now) {
        const auto id = domain::to_text(tenant);
        auto [heads, broken] = lock_heads(tx, seal_key, left, {{tenant, now}}, Missing::broken);
        stuck.insert(broken.begin(), broken.end());
        if (!broken.empty()) return 0;
        const auto last = last_to_go(tx, id, domain::to_text(until));
        std::int64_t dropped = 0;
        if (last) {
            Entry entry{.tenant = tenant, .at = now, .request = runtime::uuid_v7(), .status = 200};
            entry.role = "system";
            entry.action = "audit.retention";
            entry.purpose = "retention";
            entry.cut = Cut{last->sequence, last->hash};
            add(tx, {&entry, 1}, heads);
            save_heads(tx, seal_key, heads);
            dropped = tx.exec("select audit.drop_through($1, $2)", pqxx::params{id, last->sequence})
                          .one_field()
                          .as<std::int64_t>();
        }
        tx.exec(R"sql(
            update audit.head h
               set oldest_at = coalesce((select a.at from audit.access a where a.tenant = $1
                                          order by a.sequence limit 1), $2::timestamptz)
             where h.tenant = $1)sql",
                pqxx::params{id, domain::to_text(now)});
        return dropped;
    }
};

TrailWriter::TrailWriter(postgres::Database database, security::Key seal_key)
    : body_{new Body{std::move(database), seal_key, {}, false}} {}
TrailWriter::~TrailWriter() = default;

domain::Result<std::vector<domain::TenantId>> TrailWriter::write(std::span<const Entry> batch) {
    std::map<domain::TenantId, domain::Instant> tenants;
    for (const auto& entry : batch) tenants.emplace(entry.tenant, entry.at);
    LockedHeads locked;
    auto written = body_->within([&](pqxx::transaction_base& tx) {
        locked = lock_heads(tx, body_->seal_key, body_->left, tenants, Missing::made);
        const auto known = body_->unsure ? known_requests(tx, batch) : std::set<domain::Uuid>{};
        std::vector<Entry> some;
        const bool all = known.empty() && locked.broken.empty();
        for (const auto& entry : all ? std::span<const Entry>{} : batch) {
            if (!known.contains(entry.request) && !locked.broken.contains(entry.tenant))
                some.push_back(entry);
        }
        if (!all && some.empty()) return;
        add(tx, all ? batch : std::span<const Entry>{some}, locked.heads);
        save_heads(tx, body_->seal_key, locked.heads);
    });
    body_->unsure = !written;
    if (!written) return std::unexpected(std::move(written.error()));
    body_->remember(locked.heads);
    return std::vector(locked.broken.begin(), locked.broken.end());
}

domain::Result<std::vector<domain::TenantId>> TrailWriter::broken_of(
    std::span<const domain::TenantId> tenants) {
    std::map<domain::TenantId, domain::Instant> asked;
    for (const auto tenant : tenants) asked.emplace(tenant, domain::Instant{});
    LockedHeads locked;
    auto looked = body_->within([&](pqxx::transaction_base& tx) {
        locked = lock_heads(tx, body_->seal_key, body_->left, asked, Missing::broken);
    });
    if (!looked) return std::unexpected(std::move(looked.error()));
    return std::vector(locked.broken.begin(), locked.broken.end());
}

domain::Result<void> TrailWriter::resume(domain::TenantId tenant, domain::Instant now) {
    return body_->within([&](pqxx::transaction_base& tx) {
        const auto id = domain::to_text(tenant);
        tx.exec(R"sql(
            insert into audit.head (tenant, sequence, oldest_at, hash, seal)
            values ($1, 0, $2, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'))
                on conflict do nothing)sql",
                pqxx::params{id, domain::to_text(now)});
        tx.exec("select 1 from audit.head where tenant = $1 for no key update", pqxx::params{id});
        const auto rows = tx.exec(
            "select sequence, hash from audit.access where tenant = $1 "
            "order by sequence desc limit 1",
            pqxx::params{id});
        Heads heads{{tenant, rows.empty() ? Link{} : link_of(rows[0][0], rows[0][1])}};
        Entry entry{.tenant = tenant, .at = now, .request = runtime::uuid_v7(), .status = 200};
        entry.role = "system";
        entry.action = "audit.resumed";
        entry.purpose = "the trail was not as it had been left";
        add(tx, {&entry, 1}, heads);
        save_heads(tx, body_->seal_key, heads);
    });
}

domain::Result<Retired> TrailWriter::retain(int days, domain::Instant now) {
    const auto until = midnight(utc_day(now) + -days);
    std::vector<domain::TenantId> tenants;
    Retired retired;
    projections::Uuids passed_over;
    for (const auto tenant : body_->stuck) passed_over.push_back(tenant);
    auto looked = body_->within([&](pqxx::transaction_base& tx) {
        for (const auto& row :
             tx.exec("select h.tenant, extract(epoch from $1 - h.oldest_at)::bigint "
                     "from audit.head h where h.oldest_at < $1 and h.tenant <> all ($3::uuid[]) "
                     "order by h.oldest_at limit $2",
                     pqxx::params{domain::to_text(until), tenants_at_once, passed_over.bound()})) {
            tenants.push_back(tenant_of(row[0]));
            retired.overdue_seconds = std::max(retired.overdue_seconds, row[1].as<std::int64_t>());
        }
    });
    if (!looked) return std::unexpected(std::move(looked.error()));
    retired.more = std::ssize(tenants) == tenants_at_once;
    for (const auto tenant : tenants) {
        auto done = body_->within([&](pqxx::transaction_base& tx) {
            retired.entries += body_->cut(tx, tenant, until, now);
        });
        if (!done) return std::unexpected(std::move(done.error()));
        if (retired.entries < dropped_at_once) continue;
        retired.more = true;
        break;
    }
    // The next run looks at them again.
    if (!retired.more) body_->stuck.clear();
    return retired;
}

}  // namespace audit
