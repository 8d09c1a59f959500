#include "src/audit/trail_check.hpp"

#include "projections/fields.hpp"

#include <algorithm>
#include <pqxx/pqxx>

namespace audit {
namespace {

constexpr int page = 2000;

std::optional<domain::Uuid> maybe_uuid(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return projections::uuid_of(field);
}

std::string bytes_of(const pqxx::field& field) {
    const auto bytes = field.as<pqxx::bytes>();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

events::Hash hash_from(const pqxx::field& field) {
    events::Hash hash{};
    if (field.is_null()) return hash;
    const auto bytes = bytes_of(field);
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    return hash;
}

struct Stored {
    Entry entry;
    std::int64_t sequence{};
    events::Hash hash{};
    bool found{};  ///< under each of its subjects
};

Stored stored_from(const pqxx::row& row, domain::TenantId tenant) {
    Stored stored;
    stored.sequence = row[0].as<std::int64_t>();
    auto& entry = stored.entry;
    entry.tenant = tenant;
    entry.at = {row[1].as<std::int64_t>()};
    entry.request = projections::uuid_of(row[2]);
    entry.command = maybe_uuid(row[3]);
    entry.actor = {projections::uuid_of(row[4])};
    entry.resource = maybe_uuid(row[5]);
    entry.status = row[6].as<int>();
    entry.role = row[7].as<std::string>();
    entry.action = row[8].as<std::string>();
    entry.refused = row[9].view() == "refused";
    entry.code = row[10].as<std::string>();
    entry.purpose = row[11].as<std::string>();
    entry.subjects = row[12].as<std::string>();
    entry.fields = row[13].as<std::string>();
    entry.source = bytes_of(row[14]);
    if (!row[15].is_null() || !row[16].is_null())
        entry.cut = Cut{row[15].is_null() ? 0 : row[15].as<std::int64_t>(), hash_from(row[16])};
    stored.hash = hash_from(row[17]);
    stored.found = row[18].as<bool>();
    return stored;
}

pqxx::result read_page(pqxx::transaction_base& tx, const std::string& tenant, std::int64_t after) {
    return tx.exec(R"sql(
        select a.sequence,
               case when isfinite(a.at) then (extract(epoch from a.at) * 1000000)::bigint
                    else 0 end,
               a.request, a.command, a.actor, a.resource, a.status, a.role, a.action, a.outcome,
               a.code, a.purpose, a.subjects::text, a.fields::text, a.source, a.cut_sequence,
               a.cut_hash, a.hash,
               not exists (select from unnest(a.subjects) as k (subject)
                            where not exists (select from audit.access_subject s
                                               where s.tenant = a.tenant
                                                 and s.subject = k.subject
                                                 and s.sequence = a.sequence))
          from audit.access a where a.tenant = $1 and a.sequence > $2
         order by a.sequence limit $3)sql",
                   pqxx::params{tenant, after, page});
}

/// Where the entries that are left begin: behind what the newest cut tells of.
Link start_of(pqxx::transaction_base& tx, const std::string& tenant) {
    const auto rows = tx.exec(R"sql(
        select a.cut_sequence, a.cut_hash from audit.access a
         where a.tenant = $1 and a.cut_sequence is not null
         order by a.sequence desc limit 1)sql",
                              pqxx::params{tenant});
    if (rows.empty()) return {};
    return {rows[0][0].as<std::int64_t>(), hash_from(rows[0][1])};
}

std::optional<TrailFault> fault_of(const Stored& stored, const Link& before) {
    const auto expected = before.sequence + 1;
    if (stored.sequence > expected) return TrailFault{expected, "is missing"};
    if (hash_of(stored.entry, before) != stored.hash)
        return TrailFault{stored.sequence, "is not what was recorded"};
    if (!stored.found) return TrailFault{stored.sequence, "cannot be found by its subjects"};
    return std::nullopt;
}

std::optional<TrailFault> fault_of_head(pqxx::transaction_base& tx, domain::TenantId tenant,
                                        const Link& last,
                                        const std::optional<security::Key>& seal_key) {
    const auto rows = tx.exec("select sequence, hash, seal from audit.head where tenant = $1",
                              pqxx::params{domain::to_text(tenant)});
    if (rows.empty() && last.sequence == 0) return std::nullopt;
    if (rows.empty()) return TrailFault{last.sequence, "ends in no head"};
    const Link head{rows[0][0].as<std::int64_t>(), hash_from(rows[0][1])};
    if (head.sequence > last.sequence) return TrailFault{last.sequence + 1, "is missing"};
    if (head.sequence < last.sequence) return TrailFault{head.sequence + 1, "was put in"};
    if (head.hash != last.hash) return TrailFault{last.sequence, "is not the head of the chain"};
    if (seal_key && seal_of(*seal_key, tenant, head) != hash_from(rows[0][2]))
        return TrailFault{last.sequence, "ends a chain that this installation did not make"};
    return std::nullopt;
}

/// A place among the entries about somebody that no entry has.
std::optional<TrailFault> fault_of_places(pqxx::transaction_base& tx, const std::string& tenant) {
    const auto rows = tx.exec(R"sql(
        select s.sequence from audit.access_subject s
         where s.tenant = $1
           and not exists (select from audit.access a
                            where a.tenant = s.tenant and a.sequence = s.sequence
                              and s.subject = any (a.subjects))
         order by s.sequence limit 1)sql",
                              pqxx::params{tenant});
    if (rows.empty()) return std::nullopt;
    return TrailFault{rows[0][0].as<std::int64_t>(), "is told of somebody whom it is not about"};
}

}  // namespace

std::vector<domain::TenantId> tenants_with_trail(pqxx::connection& connection,
                                                 domain::TenantId after) {
    pqxx::nontransaction tx{connection};
    std::vector<domain::TenantId> tenants;
    // A head may be gone where entries are left, and the other way round; or both are.
    for (const auto& row : tx.exec(R"sql(
             with recursive present as (
                 (select a.tenant from audit.access a where a.tenant > $1
                   order by a.tenant limit 1)
                 union all
                 select (select a.tenant from audit.access a where a.tenant > p.tenant
                          order by a.tenant limit 1)
                   from present p where p.tenant is not null
             )
             select tenant from present where tenant is not null
              union
             (select h.tenant from audit.head h where h.tenant > $1 order by 1 limit 1000)
              union
             (select l.tenant from log.tenant_lane l where l.tenant > $1 order by 1 limit 1000)
              order by tenant limit 1000)sql",
                                   pqxx::params{domain::to_text(after)}))
        tenants.push_back({projections::uuid_of(row[0])});
    return tenants;
}

TrailReport check_trail(pqxx::connection& connection, domain::TenantId tenant,
                        const std::optional<security::Key>& seal_key) {
    pqxx::transaction<pqxx::isolation_level::repeatable_read, pqxx::write_policy::read_only> tx{
        connection};
    const auto id = domain::to_text(tenant);
    TrailReport report{.tenant = tenant};
    auto link = start_of(tx, id);
    while (!report.fault) {
        const auto rows = read_page(tx, id, report.last);
        for (const auto& row : rows) {
            const auto stored = stored_from(row, tenant);
            if (report.first == 0) report.first = stored.sequence;
            report.last = stored.sequence;
            ++report.entries;
            report.fault = fault_of(stored, link);
            if (report.fault) return report;
            link = {stored.sequence, stored.hash};
        }
        if (rows.size() < page) break;
    }
    report.fault = fault_of_head(tx, tenant, link, seal_key);
    if (!report.fault) report.fault = fault_of_places(tx, id);
    return report;
}

}  // namespace audit
