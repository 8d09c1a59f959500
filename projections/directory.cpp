#include "projections/directory.hpp"

#include "domain/tenant.hpp"
#include "domain/user.hpp"
#include "events/codec.hpp"
#include "projections/prepared.hpp"

#include <map>
#include <pqxx/pqxx>

namespace projections::directory {
namespace {

namespace tenant = domain::tenant;
namespace user = domain::user;

constexpr std::string_view categories[]{"tenant", "user"};
constexpr std::string_view tables[]{"board.tenant", "board.member", "board.person"};

struct TenantRow {
    tenant::Profile profile;
    std::string plan_tier;  ///< empty when the batch does not say
    std::int64_t version{};
    domain::Instant created_at, updated_at;
};
/// What follows for a tenant from a change of its plan, or of its history.
struct PlanRow {
    std::string plan_tier;  ///< empty: as it is
    std::int64_t version{};
    domain::Instant updated_at;
};
struct MemberRow {
    std::string role;  ///< empty when the batch only says that they left
    bool removed{};
    std::int64_t version{};
    domain::Instant joined_at;
};
/// What a batch says of a person; empty members leave the row as it is.
struct PersonRow {
    std::string email, name, name_type, locale, time_zone;
    bool deactivated{};
    std::int64_t name_version{}, version{};
    domain::Instant created_at, updated_at;
};
struct Changes {
    std::map<domain::TenantId, TenantRow> tenants;
    std::map<domain::TenantId, PlanRow> plans;
    std::map<RowKey, MemberRow> members;
    std::map<RowKey, PersonRow> people;
};

std::string envelope_of(const domain::Personal& value) {
    return value.sealed() == nullptr ? std::string{} : value.sealed()->envelope;
}

void change_tenant(Changes& changes, const events::Recorded& event, const tenant::Event& fact) {
    const auto profile = [&](const tenant::Profile& given, std::string_view tier) {
        auto& row = changes.tenants[event.tenant];
        row.profile = given;
        if (!tier.empty()) {
            row.plan_tier = tier;
            row.created_at = event.recorded_at;
        }
        row.version = event.version;
        row.updated_at = event.recorded_at;
    };
    const auto member = [&](domain::UserId who, std::string_view role, bool removed, bool joined) {
        auto& row = changes.members[{event.tenant, who.value}];
        if (!role.empty()) row.role = role;
        row.removed = removed;
        row.version = event.version;
        if (joined || row.joined_at.micros == 0) row.joined_at = event.recorded_at;
    };
    const auto plan = [&](std::string_view tier) {
        auto& row = changes.plans[event.tenant];
        if (!tier.empty()) row.plan_tier = tier;
        row.version = event.version;
        row.updated_at = event.recorded_at;
    };
    std::visit(
        domain::Match{
            [&](const tenant::Registered& e) { profile(e.profile, to_text(e.plan_tier)); },
            [&](const tenant::ProfileChanged& e) { profile(e.profile, {}); },
            [&](const tenant::MemberJoined& e) { member(e.user, to_text(e.role), false, true); },
            [&](const tenant::MemberRoleChanged& e) {
                member(e.user, to_text(e.role), false, false);
            },
            [&](const tenant::MemberRemoved& e) { member(e.user, {}, true, false); },
            [&](const tenant::PlanChanged& e) { plan(to_text(e.plan_tier)); },
            [&](const tenant::HistoryTrimmed&) { plan({}); },
        },
        fact);
}

void change_person(Changes& changes, const events::Recorded& event, const user::Event& fact) {
    auto& row = changes.people[{event.tenant, event.stream.id}];
    const auto name = [&](const domain::Personal& value) {
        row.name = envelope_of(value);
        row.name_version = event.version;
        row.name_type = event.type;
    };
    std::visit(domain::Match{
                   [&](const user::Registered& e) {
                       row.email = envelope_of(e.email);
                       name(e.display_name);
                       row.locale = e.locale;
                       row.time_zone = e.time_zone;
                       row.created_at = event.recorded_at;
                   },
                   [&](const user::ProfileChanged& e) {
                       if (e.display_name) name(*e.display_name);
                       if (e.locale) row.locale = *e.locale;
                       if (e.time_zone) row.time_zone = *e.time_zone;
                   },
                   [&](const user::Deactivated&) { row.deactivated = true; },
               },
               fact);
    row.version = event.version;
    row.updated_at = event.recorded_at;
}

void save_tenants(pqxx::transaction_base& tx, const Changes& changes) {
    Uuids id;
    Texts name, country, currency, zone, industry, tier;
    Instants created, updated;
    BigInts version;
    SmallInts week_start, cutoff;
    for (const auto& [tenant, row] : changes.tenants) {
        id.push_back(tenant);
        version.push_back(row.version);
        name.push_back(row.profile.name);
        country.push_back(row.profile.country);
        currency.push_back(row.profile.currency);
        zone.push_back(row.profile.time_zone);
        industry.push_back(row.profile.industry);
        week_start.push_back(static_cast<std::int16_t>(row.profile.week_start));
        cutoff.push_back(static_cast<std::int16_t>(row.profile.day_cutoff_minutes));
        tier.push_back(row.plan_tier);
        created.push_back(row.created_at);
        updated.push_back(row.updated_at);
    }
    tx.exec(prepared(tx, "directory_tenants", R"sql(
        insert into board.tenant as t
            (tenant, version, name, country, currency, time_zone, industry, week_start,
             day_cutoff_minutes, plan_tier, created_at, updated_at)
        select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[],
                             $6::text[], $7::text[], $8::smallint[], $9::smallint[], $10::text[],
                             $11::timestamptz[], $12::timestamptz[])
            on conflict (tenant) do update
           set (version, name, country, currency, time_zone, industry, week_start,
                day_cutoff_minutes, plan_tier, updated_at)
             = (excluded.version, excluded.name, excluded.country, excluded.currency,
                excluded.time_zone, excluded.industry, excluded.week_start,
                excluded.day_cutoff_minutes,
                coalesce(nullif(excluded.plan_tier, ''), t.plan_tier), excluded.updated_at)
         where t.version < excluded.version)sql"),
            as_params(id, version, name, country, currency, zone, industry, week_start, cutoff,
                      tier, created, updated))
        .no_rows();
}

/// After the tenants: their own rows may be of the same batch.
void save_plans(pqxx::transaction_base& tx, const Changes& changes) {
    Uuids id;
    Texts tier;
    BigInts version;
    Instants updated;
    for (const auto& [tenant, row] : changes.plans) {
        id.push_back(tenant);
        tier.push_back(row.plan_tier);
        version.push_back(row.version);
        updated.push_back(row.updated_at);
    }
    tx.exec(prepared(tx, "directory_plans", R"sql(
        update board.tenant t
           set plan_tier = coalesce(nullif(p.tier, ''), t.plan_tier),
               version = greatest(t.version, p.version),
               updated_at = greatest(t.updated_at, p.updated)
          from unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[])
               as p (tenant, tier, version, updated)
         where t.tenant = p.tenant)sql"),
            as_params(id, tier, version, updated))
        .no_rows();
}

void save_members(pqxx::transaction_base& tx, const Changes& changes) {
    Uuids tenant, member;
    Texts role;
    Instants joined;
    BigInts version;
    Bools removed;
    for (const auto& [key, row] : changes.members) {
        tenant.push_back(key.tenant);
        member.push_back(key.id);
        version.push_back(row.version);
        role.push_back(row.role);
        removed.push_back(row.removed);
        joined.push_back(row.joined_at);
    }
    tx.exec(prepared(tx, "directory_members", R"sql(
        insert into board.member as m (tenant, member, version, role, removed, joined_at)
        select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::bool[],
                             $6::timestamptz[])
            on conflict (tenant, member) do update
           set (version, role, removed)
             = (excluded.version, coalesce(nullif(excluded.role, ''), m.role), excluded.removed)
         where m.version < excluded.version)sql"),
            as_params(tenant, member, version, role, removed, joined))
        .no_rows();
}

void save_people(pqxx::transaction_base& tx, const Changes& changes) {
    Uuids tenant, person;
    Texts email, name, name_type, locale, zone;
    Instants created, updated;
    BigInts version, name_version;
    Bools active;
    for (const auto& [key, row] : changes.people) {
        tenant.push_back(key.tenant);
        person.push_back(key.id);
        version.push_back(row.version);
        email.push_back(row.email);
        name.push_back(row.name);
        name_version.push_back(row.name_version);
        name_type.push_back(row.name_type);
        locale.push_back(row.locale);
        zone.push_back(row.time_zone);
        active.push_back(!row.deactivated);
        created.push_back(row.created_at);
        updated.push_back(row.updated_at);
    }
    tx.exec(prepared(tx, "directory_people", R"sql(
        insert into board.person as p (tenant, person, version, email, name, name_version,
                                       name_type, locale, time_zone, active, created_at,
                                       updated_at)
        select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[],
                             $6::bigint[], $7::text[], $8::text[], $9::text[], $10::bool[],
                             $11::timestamptz[], $12::timestamptz[])
            on conflict (tenant, person) do update
           set (version, name, name_version, name_type, locale, time_zone, active, updated_at)
             = (excluded.version,
                case when excluded.name_version > 0 then excluded.name else p.name end,
                greatest(excluded.name_version, p.name_version),
                case when excluded.name_version > 0 then excluded.name_type else p.name_type end,
                coalesce(nullif(excluded.locale, ''), p.locale),
                coalesce(nullif(excluded.time_zone, ''), p.time_zone),
                p.active and excluded.active, excluded.updated_at)
         where p.version < excluded.version)sql"),
            as_params(tenant, person, version, email, name, name_version, name_type, locale, zone,
                      active, created, updated))
        .no_rows();
}

Applied apply(pqxx::transaction_base& tx, std::span<const events::Recorded> batch) {
    Changes changes;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto& event = batch[i];
        if (event.stream.category == "tenant") {
            auto fact = events::codec<tenant::Event>().decode(event, nullptr);
            if (!fact) return std::unexpected(Poison{i, std::move(fact.error())});
            change_tenant(changes, event, *fact);
        } else {
            auto fact = events::codec<user::Event>().decode(event, nullptr);
            if (!fact) return std::unexpected(Poison{i, std::move(fact.error())});
            change_person(changes, event, *fact);
        }
    }
    if (!changes.tenants.empty()) save_tenants(tx, changes);
    if (!changes.plans.empty()) save_plans(tx, changes);
    if (!changes.members.empty()) save_members(tx, changes);
    if (!changes.people.empty()) save_people(tx, changes);
    return {};
}

}  // namespace

const Projection projection{"directory", categories, "", tables, &apply};

}  // namespace projections::directory
