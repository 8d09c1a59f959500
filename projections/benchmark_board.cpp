#include "projections/benchmark_board.hpp"

#include "domain/benchmark.hpp"
#include "domain/cohort.hpp"
#include "events/codec.hpp"
#include "projections/columns.hpp"
#include "projections/prepared.hpp"

#include <map>
#include <pqxx/pqxx>

namespace projections::benchmark {
namespace {

using namespace domain::benchmark;
namespace cohort = domain::cohort;

constexpr std::string_view categories[]{"benchmark", "cohort"};
constexpr std::string_view tables[]{"board.benchmark",         "board.benchmark_observation",
                                    "board.benchmark_import",  "board.benchmark_reject",
                                    "board.benchmark_mapping", "board.cohort_member"};
/// An event can hold ten thousand observations.
constexpr int batch_events = 64;

struct SeriesRow {
    std::optional<Definition> definition;  ///< empty: as it is
    std::optional<domain::Date> retired_on;
    std::int64_t version{};
    domain::Instant updated_at;
};
struct ImportRow {
    RowKey benchmark;
    std::int64_t version{};
    domain::Instant recorded_at;
    ObservationsImported fact;
};
struct MappingRow {
    std::optional<Mapping> mapping;  ///< empty: there is none any more
    std::int64_t version{};
};
struct MemberRow {
    std::optional<cohort::Group> group;  ///< empty: it does not share
    std::int64_t version{};
    domain::Instant since;
};
using Place = std::pair<RowKey, domain::MetricId>;

/// What a batch of events changes.
class Changes {
public:
    void apply(const events::Recorded& event, const Event& fact) {
        const RowKey key{event.tenant, event.stream.id};
        auto& row = series_[key];
        row.version = event.version;
        row.updated_at = event.recorded_at;
        std::visit(
            domain::Match{
                [&](const Registered& e) { row.definition = e.definition; },
                [&](const ObservationsImported& e) {
                    imports_.push_back({key, event.version, event.recorded_at, e});
                },
                [&](const Mapped& e) { mappings_[{key, e.metric}] = {e.mapping, event.version}; },
                [&](const Unmapped& e) { mappings_[{key, e.metric}] = {{}, event.version}; },
                [&](const Retired& e) { row.retired_on = e.on; },
            },
            fact);
    }

    void apply(const events::Recorded& event, const cohort::Event& fact) {
        auto& row = members_[event.tenant];
        row.version = event.version;
        row.since = event.recorded_at;
        std::visit(domain::Match{[&](const cohort::Joined& e) { row.group = e.group; },
                                 [&](const cohort::Left&) { row.group.reset(); }},
                   fact);
    }

    void save(pqxx::transaction_base& tx) const {
        if (!series_.empty()) save_series(tx);
        if (!imports_.empty()) save_observations(tx);
        if (!imports_.empty()) save_imports(tx);
        if (!series_.empty()) save_standing(tx);
        if (!mappings_.empty()) save_mappings(tx);
        if (!members_.empty()) save_members(tx);
    }

private:
    void save_series(pqxx::transaction_base& tx) const;
    void save_observations(pqxx::transaction_base& tx) const;
    void save_imports(pqxx::transaction_base& tx) const;
    void save_standing(pqxx::transaction_base& tx) const;
    void save_mappings(pqxx::transaction_base& tx) const;
    void save_members(pqxx::transaction_base& tx) const;

    std::map<RowKey, SeriesRow> series_;
    std::vector<ImportRow> imports_;
    std::map<Place, MappingRow> mappings_;
    std::map<domain::TenantId, MemberRow> members_;
};

void Changes::save_series(pqxx::transaction_base& tx) const {
    Uuids tenant, id;
    BigInts version;
    Texts provider, external_id, title, unit, frequency, naics, geo, attribution;
    Bools redistribute, cloud_model_use;
    Instants updated;
    for (const auto& [key, row] : series_) {
        if (!row.definition) continue;
        const auto& d = *row.definition;
        tenant.push_back(key.tenant);
        id.push_back(key.id);
        version.push_back(row.version);
        provider.push_back(to_text(d.provider));
        external_id.push_back(d.external_id);
        title.push_back(d.title);
        unit.push_back(d.unit);
        frequency.push_back(to_text(d.frequency));
        naics.push_back(d.naics);
        geo.push_back(d.geo);
        redistribute.push_back(d.licence.redistribute);
        cloud_model_use.push_back(d.licence.cloud_model_use);
        attribution.push_back(d.licence.attribution);
        updated.push_back(row.updated_at);
    }
    tx.exec(prepared(tx, "benchmark_series", R"sql(
        insert into board.benchmark
            (tenant, benchmark, version, provider, external_id, title, unit, frequency, naics, geo,
             redistribute, cloud_model_use, attribution, updated_at, observations)
        select r.*, 0
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                      $7::text[], $8::text[], $9::text[], $10::text[], $11::bool[], $12::bool[],
                      $13::text[], $14::timestamptz[]) as r
            on conflict (tenant, benchmark) do nothing)sql"),
            as_params(tenant, id, version, provider, external_id, title, unit, frequency, naics,
                      geo, redistribute, cloud_model_use, attribution, updated))
        .no_rows();
}

void Changes::save_observations(pqxx::transaction_base& tx) const {
    Uuids tenant, id;
    Dates period, vintage;
    Decimals value;
    std::array<Decimals, percents.size()> percentiles;
    for (const auto& row : imports_) {
        for (const auto& one : row.fact.observations) {
            tenant.push_back(row.benchmark.tenant);
            id.push_back(row.benchmark.id);
            period.push_back(one.period);
            vintage.push_back(one.vintage);
            value.push_back(one.figures.value);
            for (std::size_t i = 0; i < percentiles.size(); ++i)
                percentiles[i].push_back(one.figures.percentiles[i]);
        }
    }
    auto& [p10, p25, p50, p75, p90] = percentiles;
    tx.exec(prepared(tx, "benchmark_observations", R"sql(
        insert into board.benchmark_observation
            (tenant, benchmark, period, vintage, value, p10, p25, p50, p75, p90)
        select * from unnest($1::uuid[], $2::uuid[], $3::date[], $4::date[], $5::numeric[],
                             $6::numeric[], $7::numeric[], $8::numeric[], $9::numeric[],
                             $10::numeric[])
            on conflict (tenant, benchmark, period, vintage) do nothing)sql"),
            as_params(tenant, id, period, vintage, value, p10, p25, p50, p75, p90))
        .no_rows();
}

void Changes::save_imports(pqxx::transaction_base& tx) const {
    Uuids tenant, id, import, reject_tenant, reject_id, reject_import;
    BigInts version;
    Texts format, code, detail;
    Ints received, accepted, known, missing, rejected, place, line;
    Instants recorded;
    for (const auto& row : imports_) {
        tenant.push_back(row.benchmark.tenant);
        id.push_back(row.benchmark.id);
        import.push_back(row.fact.import);
        version.push_back(row.version);
        format.push_back(row.fact.format);
        received.push_back(row.fact.received);
        accepted.push_back(static_cast<int>(row.fact.observations.size()));
        known.push_back(row.fact.known);
        missing.push_back(row.fact.missing);
        rejected.push_back(row.fact.rejected);
        recorded.push_back(row.recorded_at);
        int at = 0;
        for (const auto& reject : row.fact.rejects) {
            reject_tenant.push_back(row.benchmark.tenant);
            reject_id.push_back(row.benchmark.id);
            reject_import.push_back(row.fact.import);
            place.push_back(at++);
            line.push_back(reject.line);
            code.push_back(reject.code);
            detail.push_back(reject.detail);
        }
    }
    tx.exec(prepared(tx, "benchmark_imports", R"sql(
        insert into board.benchmark_import
            (tenant, benchmark, import, version, format, received, accepted, known, missing,
             rejected, recorded_at)
        select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[],
                             $6::int[], $7::int[], $8::int[], $9::int[], $10::int[],
                             $11::timestamptz[])
            on conflict (tenant, benchmark, import) do nothing)sql"),
            as_params(tenant, id, import, version, format, received, accepted, known, missing,
                      rejected, recorded))
        .no_rows();
    tx.exec(prepared(tx, "benchmark_rejects", R"sql(
        insert into board.benchmark_reject (tenant, benchmark, import, place, line, code, detail)
        select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::int[], $6::text[],
                             $7::text[])
            on conflict (tenant, benchmark, import, place) do nothing)sql"),
            as_params(reject_tenant, reject_id, reject_import, place, line, code, detail))
        .no_rows();
}

/// Where each touched series stands, counted from its rows: the same in whatever batches they came.
void Changes::save_standing(pqxx::transaction_base& tx) const {
    Uuids tenant, id;
    BigInts version;
    Dates retired;
    Instants updated;
    for (const auto& [key, row] : series_) {
        tenant.push_back(key.tenant);
        id.push_back(key.id);
        version.push_back(row.version);
        retired.push_back(row.retired_on);
        updated.push_back(row.updated_at);
    }
    tx.exec(prepared(tx, "benchmark_standing", R"sql(
        update board.benchmark b
           set (version, updated_at, retired_on, observations, first_period, last_period,
                last_vintage)
             = (select r.version, r.updated_at, coalesce(r.retired_on, b.retired_on), count(*),
                       min(o.period), max(o.period), max(o.vintage)
                  from board.benchmark_observation o
                 where o.tenant = b.tenant and o.benchmark = b.benchmark)
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::date[], $5::timestamptz[])
               as r (tenant, benchmark, version, retired_on, updated_at)
         where b.tenant = r.tenant and b.benchmark = r.benchmark)sql"),
            as_params(tenant, id, version, retired, updated))
        .no_rows();
}

void Changes::save_mappings(pqxx::transaction_base& tx) const {
    Uuids tenant, metric, id, deflator, gone_tenant, gone_metric, gone_id;
    BigInts version;
    Texts transform, adjustment, factor_unit;
    Decimals factor;
    for (const auto& [place, row] : mappings_) {
        const auto& [key, of] = place;
        if (!row.mapping) {
            gone_tenant.push_back(key.tenant);
            gone_metric.push_back(of);
            gone_id.push_back(key.id);
            continue;
        }
        tenant.push_back(key.tenant);
        metric.push_back(of);
        id.push_back(key.id);
        version.push_back(row.version);
        transform.push_back(to_text(row.mapping->transform));
        adjustment.push_back(to_text(row.mapping->adjustment));
        deflator.push_back(row.mapping->deflator ? std::optional{row.mapping->deflator->value}
                                                 : std::nullopt);
        factor.push_back(row.mapping->factor);
        factor_unit.push_back(row.mapping->factor_unit);
    }
    tx.exec(prepared(tx, "benchmark_mappings", R"sql(
        insert into board.benchmark_mapping
            (tenant, metric, benchmark, version, transform, adjustment, deflator, factor,
             factor_unit)
        select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[],
                             $6::text[], $7::uuid[], $8::numeric[], $9::text[])
            on conflict (tenant, metric, benchmark) do update
           set (version, transform, adjustment, deflator, factor, factor_unit)
             = (excluded.version, excluded.transform, excluded.adjustment, excluded.deflator,
                excluded.factor, excluded.factor_unit))sql"),
            as_params(tenant, metric, id, version, transform, adjustment, deflator, factor,
                      factor_unit))
        .no_rows();
    tx.exec(prepared(tx, "benchmark_mappings_gone", R"sql(
        delete from board.benchmark_mapping m
         using unnest($1::uuid[], $2::uuid[], $3::uuid[]) as r (tenant, metric, benchmark)
         where m.tenant = r.tenant and m.metric = r.metric and m.benchmark = r.benchmark)sql"),
            as_params(gone_tenant, gone_metric, gone_id))
        .no_rows();
}

void Changes::save_members(pqxx::transaction_base& tx) const {
    Uuids tenant, gone;
    BigInts version;
    Texts naics, country;
    Instants since;
    for (const auto& [id, row] : members_) {
        if (!row.group) {
            gone.push_back(id);
            continue;
        }
        tenant.push_back(id);
        version.push_back(row.version);
        naics.push_back(row.group->naics);
        country.push_back(row.group->country);
        since.push_back(row.since);
    }
    tx.exec(prepared(tx, "cohort_members", R"sql(
        insert into board.cohort_member (tenant, version, naics, country, since)
        select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::timestamptz[])
            on conflict (tenant) do update
           set (version, naics, country, since)
             = (excluded.version, excluded.naics, excluded.country, excluded.since))sql"),
            as_params(tenant, version, naics, country, since))
        .no_rows();
    tx.exec(prepared(tx, "cohort_members_gone",
                     "delete from board.cohort_member where tenant = any ($1::uuid[])"),
            as_params(gone))
        .no_rows();
}

template <class AnyEvent>
Applied apply_one(Changes& changes, const events::Recorded& event, std::size_t index) {
    const auto fact = events::codec<AnyEvent>().decode(event, nullptr);
    if (!fact) return std::unexpected(Poison{index, fact.error()});
    changes.apply(event, *fact);
    return {};
}

Applied apply(pqxx::transaction_base& tx, std::span<const events::Recorded> batch) {
    Changes changes;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto run =
            batch[i].stream.category == "cohort" ? &apply_one<cohort::Event> : &apply_one<Event>;
        if (auto applied = run(changes, batch[i], i); !applied) return applied;
    }
    changes.save(tx);
    return {};
}

}  // namespace

const Projection projection{"benchmark_board", categories, "", tables, &apply, batch_events};

}  // namespace projections::benchmark
