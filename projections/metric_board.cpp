#include "projections/metric_board.hpp"

#include "domain/location.hpp"
#include "domain/metric.hpp"
#include "domain/tenant.hpp"
#include "events/codec.hpp"
#include "events/writer.hpp"
#include "projections/fields.hpp"
#include "projections/metric_formula.hpp"
#include "projections/metric_points.hpp"
#include "projections/prepared.hpp"

#include <pqxx/pqxx>

namespace projections::metric {
namespace {

using domain::Match;
namespace batch = domain::metric_batch;

constexpr std::string_view categories[]{"location", "metric", "metric-batch", "tenant"};
constexpr std::string_view tables[]{
    "board.business_metrics", "board.location",         "board.metric",
    "board.metric_batch",     "board.metric_calendar",  "board.metric_formula",
    "board.metric_frozen",    "board.metric_late",      "board.metric_reject",
    "board.metric_retention", "board.metric_rollup",    "board.metric_segment",
    "board.metric_series",    "board.metric_superseded"};
/// An event can hold ten thousand points.
constexpr int batch_events = 64;

std::string json_of(const std::vector<std::string>& words) {
    events::Writer out;
    out.open_list();
    for (const auto& word : words) out.text(word);
    return out.close_list().take();
}

struct MetricRow {
    std::optional<domain::metric::Definition> definition;  ///< empty: as it is
    domain::MetricId metric;
    bool archived{};
    std::int64_t version{};
    domain::Instant created_at, updated_at;  ///< the first and the last event of the batch
};
struct LocationRow {
    std::optional<domain::location::Profile> profile;
    bool closed{};
    std::int64_t version{};
};
struct BatchRow {
    std::string source;
    int received{}, accepted{}, duplicate{}, rejected{};
    std::vector<batch::Reject> rejects;
    std::int64_t version{};
    domain::Instant recorded_at;
};

/// What a batch of events changes, besides points.
class Changes {
public:
    Changes(pqxx::transaction_base& tx, Points& points, Points::Weeks& weeks, Edges& edges)
        : tx_{tx}, points_{points}, weeks_{weeks}, edges_{edges} {}

    void apply(const events::Recorded& event, const domain::metric::Event& fact) {
        auto& row = metrics_[{event.tenant, event.stream.id}];
        std::visit(Match{[&](const domain::metric::Archived&) { row.archived = true; },
                         [&](const auto& e) { row.definition = e.definition; }},
                   fact);
        note_formula({event.tenant, event.stream.id}, fact);
        row.metric = {event.stream.id};
        if (row.version == 0) row.created_at = event.recorded_at;
        row.version = event.version;
        row.updated_at = event.recorded_at;
    }

    void apply(const events::Recorded& event, const domain::location::Event& fact) {
        auto& row = locations_[{event.tenant, event.stream.id}];
        std::visit(Match{[&](const domain::location::Closed&) { row.closed = true; },
                         [&](const auto& e) {
                             row.profile = e.profile;
                             row.closed = false;
                         }},
                   fact);
        row.version = event.version;
    }

    void apply(const events::Recorded& event, const domain::tenant::Event& fact) {
        std::visit(Match{[&](const domain::tenant::Registered& e) { week(event, e.profile); },
                         [&](const domain::tenant::ProfileChanged& e) { week(event, e.profile); },
                         [&](const domain::tenant::HistoryTrimmed& e) {
                             points_.flush();
                             trim(tx_, event.tenant, event.version, event.recorded_at, e.kept_from);
                             edges_[event.tenant].kept_from = e.kept_from.points;
                         },
                         [](const auto&) {}},
                   fact);
    }

    void apply(const events::Recorded& event, const batch::Event& fact) {
        auto& row = batches_[{event.tenant, event.stream.id}];
        if (row.version == 0) row.recorded_at = event.recorded_at;
        row.version = event.version;
        std::visit(Match{[&](const batch::Ingested& e) {
                             row.source = to_text(e.source);
                             row.received += e.received;
                             row.accepted += static_cast<int>(e.points.size());
                             row.duplicate += e.duplicate;
                             points_.ingest(event, e);
                         },
                         [&](const batch::RowsRejected& e) {
                             row.rejected += e.rejected;
                             row.rejects = e.rejects;  // A batch has them in one event.
                             if (e.source) row.source = to_text(*e.source);
                         },
                         [&](const batch::Reverted& e) { revert(event, e); }},
                   fact);
    }

    void save() {
        points_.flush();
        if (!metrics_.empty()) save_metrics();
        if (!locations_.empty()) save_locations();
        if (!batches_.empty()) save_batches();
        save_corrected();
        save_rejects();
        formulas_.save(tx_);
    }

private:
    void note_formula(const RowKey& key, const domain::metric::Event& fact) {
        std::visit(Match{[&](const domain::metric::Defined& e) {
                             formulas_.note(key, e.definition.formula, {});
                         },
                         [&](const domain::metric::Revised& e) {
                             formulas_.note(key, e.definition.formula, e.recompute_from);
                         },
                         [](const auto&) {}},
                   fact);
    }

    void week(const events::Recorded& event, const domain::tenant::Profile& profile) {
        const auto known = weeks_.find(event.tenant);
        if (known != weeks_.end() && known->second == profile.week_start) return;
        points_.flush();
        tx_.exec(prepared(tx_, "metric_calendar",
                          "insert into board.metric_calendar (tenant, week_start) values ($1, $2) "
                          "on conflict (tenant) do update set week_start = excluded.week_start"),
                 pqxx::params{domain::to_text(event.tenant), profile.week_start})
            .no_rows();
        if (known != weeks_.end()) recompute_weeks(tx_, event.tenant, profile.week_start);
        weeks_[event.tenant] = profile.week_start;
    }

    /// Reads the batch again: what it brought is in the log, and nowhere else by batch.
    void revert(const events::Recorded& event, const batch::Reverted& fact) {
        save_batches();
        const auto rows =
            tx_.exec(prepared(tx_, "metric_batch_events", R"sql(
            select e.position, e.schema, e.data from log.event e
             where e.tenant = $1 and e.category = 'metric-batch' and e.stream = $2
               and e.type = 'metric-batch.ingested' order by e.version desc)sql"),
                     pqxx::params{domain::to_text(event.tenant), domain::to_text(event.stream.id)});
        for (const auto& row : rows) {
            events::Recorded recorded = event;
            recorded.type = "metric-batch.ingested";
            recorded.schema = row[1].as<int>();
            recorded.data = row[2].as<std::string>();
            const auto brought = events::codec<batch::Event>().decode(recorded, nullptr);
            if (!brought) throw pqxx::data_exception{"a batch does not decode"};
            points_.revert(event.tenant, row[0].as<std::int64_t>(), event.position,
                           std::get<batch::Ingested>(*brought));
        }
        tx_.exec(prepared(tx_, "metric_batch_reverted",
                          "update board.metric_batch set reverted = true, reason = $3, "
                          "version = $4 where tenant = $1 and batch = $2"),
                 pqxx::params{domain::to_text(event.tenant), domain::to_text(event.stream.id),
                              fact.reason, event.version})
            .no_rows();
    }

    void save_metrics();
    void save_locations();
    void save_batches();
    void save_corrected();
    void save_rejects();

    pqxx::transaction_base& tx_;
    Points& points_;
    Points::Weeks& weeks_;
    FormulaChanges formulas_;
    Edges& edges_;
    std::map<RowKey, MetricRow> metrics_;
    std::map<RowKey, LocationRow> locations_;
    std::map<RowKey, BatchRow> batches_;
    std::vector<std::pair<RowKey, batch::Reject>> rejects_;
};

void Changes::save_metrics() {
    Uuids tenant, metric, archived_tenant, archived_metric;
    Texts key, name, kind, unit, additivity, aggregation, good_direction, gap_policy, formula;
    BigInts version, archived_version;
    Jsonbs dimensions;
    SmallInts precision;
    Decimals minimum, maximum;
    Instants created, updated, archived_at;
    for (const auto& [row_key, row] : metrics_) {
        if (row.archived) {
            archived_tenant.push_back(row_key.tenant);
            archived_metric.push_back(row.metric);
            archived_version.push_back(row.version);
            archived_at.push_back(row.updated_at);
        }
        if (!row.definition) continue;
        const auto& d = *row.definition;
        tenant.push_back(row_key.tenant);
        metric.push_back(row.metric);
        key.push_back(d.key);
        version.push_back(row.version);
        name.push_back(d.name);
        kind.push_back(to_text(d.kind));
        unit.push_back(d.unit);
        additivity.push_back(to_text(d.additivity));
        aggregation.push_back(to_text(d.aggregation));
        good_direction.push_back(to_text(d.good_direction));
        gap_policy.push_back(to_text(d.gap_policy));
        const auto words = json_of(d.dimensions);
        dimensions.push_back(Jsonb{words});
        precision.push_back(static_cast<std::int16_t>(d.precision));
        formula.push_back(d.formula);
        minimum.push_back(d.minimum);
        maximum.push_back(d.maximum);
        created.push_back(row.created_at);
        updated.push_back(row.updated_at);
    }
    tx_.exec(prepared(tx_, "metric_definitions", R"sql(
        insert into board.metric
            (tenant, metric, key, version, archived, name, kind, unit, additivity, aggregation,
             good_direction, gap_policy, dimensions, precision, formula, minimum, maximum,
             created_at, updated_at)
        select tenant, metric, key, version, false, name, kind, unit, additivity, aggregation,
               good_direction, gap_policy, dimensions, precision, formula, minimum, maximum,
               created_at, updated_at
          from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[],
                      $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::jsonb[],
                      $13::smallint[], $14::text[], $15::numeric[], $16::numeric[],
                      $17::timestamptz[], $18::timestamptz[])
               as r (tenant, metric, key, version, name, kind, unit, additivity, aggregation,
                     good_direction, gap_policy, dimensions, precision, formula, minimum, maximum,
                     created_at, updated_at)
            on conflict (tenant, key) do update
           set (version, name, kind, unit, additivity, aggregation, good_direction, gap_policy,
                dimensions, precision, formula, minimum, maximum, updated_at)
             = (excluded.version, excluded.name, excluded.kind, excluded.unit, excluded.additivity,
                excluded.aggregation, excluded.good_direction, excluded.gap_policy,
                excluded.dimensions, excluded.precision, excluded.formula, excluded.minimum,
                excluded.maximum, excluded.updated_at))sql"),
             as_params(tenant, metric, key, version, name, kind, unit, additivity, aggregation,
                       good_direction, gap_policy, dimensions, precision, formula, minimum, maximum,
                       created, updated))
        .no_rows();
    tx_.exec(prepared(tx_, "metric_archived", R"sql(
        update board.metric m set archived = true, version = r.version, updated_at = r.updated_at
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[])
               as r (tenant, metric, version, updated_at)
         where m.tenant = r.tenant and m.metric = r.metric)sql"),
             as_params(archived_tenant, archived_metric, archived_version, archived_at))
        .no_rows();
}

void Changes::save_locations() {
    Uuids tenant, location, closed_tenant, closed_location;
    Texts key, name, zone;
    SmallInts cutoff;
    BigInts version, closed_version;
    for (const auto& [row_key, row] : locations_) {
        if (row.closed) {
            closed_tenant.push_back(row_key.tenant);
            closed_location.push_back(row_key.id);
            closed_version.push_back(row.version);
        }
        if (!row.profile) continue;
        const auto& profile = *row.profile;
        tenant.push_back(row_key.tenant);
        location.push_back(row_key.id);
        key.push_back(profile.key);
        version.push_back(row.version);
        name.push_back(profile.name);
        zone.push_back(unless_empty(profile.time_zone.value_or("")));
        cutoff.push_back(profile.day_cutoff_minutes
                             ? std::optional{static_cast<std::int16_t>(*profile.day_cutoff_minutes)}
                             : std::nullopt);
    }
    tx_.exec(prepared(tx_, "location_rows", R"sql(
        insert into board.location (tenant, location, key, version, name, time_zone,
                                    day_cutoff_minutes, closed)
        select r.*, false
          from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[],
                      $7::smallint[]) as r
            on conflict (tenant, key) do update
           set (version, name, time_zone, day_cutoff_minutes, closed)
             = (excluded.version, excluded.name, excluded.time_zone, excluded.day_cutoff_minutes,
                false))sql"),
             as_params(tenant, location, key, version, name, zone, cutoff))
        .no_rows();
    tx_.exec(prepared(tx_, "location_closed", R"sql(
        update board.location l set closed = true, version = r.version
          from unnest($1::uuid[], $2::uuid[], $3::bigint[]) as r (tenant, location, version)
         where l.tenant = r.tenant and l.location = r.location)sql"),
             as_params(closed_tenant, closed_location, closed_version))
        .no_rows();
}

void Changes::save_batches() {
    Uuids tenant, id;
    BigInts version;
    Texts source;
    Ints received, accepted, duplicate, rejected;
    Instants recorded;
    for (auto& [key, row] : batches_) {
        for (auto& reject : row.rejects) rejects_.emplace_back(key, std::move(reject));
        if (row.source.empty() && row.rejected == 0) continue;  // only reverted here
        tenant.push_back(key.tenant);
        id.push_back(key.id);
        version.push_back(row.version);
        source.push_back(row.source.empty() ? std::string{to_text(batch::Source{})} : row.source);
        received.push_back(row.received + row.rejected);
        accepted.push_back(row.accepted);
        duplicate.push_back(row.duplicate);
        rejected.push_back(row.rejected);
        recorded.push_back(row.recorded_at);
    }
    // One batch's events can reach two runs: counts add up, and the row keeps its source.
    tx_.exec(prepared(tx_, "metric_batches", R"sql(
        insert into board.metric_batch as b
            (tenant, batch, version, source, received, accepted, duplicate, corrected, rejected,
             reverted, reason, recorded_at)
        select tenant, batch, version, source, received, accepted, duplicate, 0, rejected, false,
               '', recorded_at
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[], $5::int[], $6::int[],
                      $7::int[], $8::int[], $9::timestamptz[])
               as r (tenant, batch, version, source, received, accepted, duplicate, rejected,
                     recorded_at)
            on conflict (tenant, batch) do update
           set version = excluded.version, received = b.received + excluded.received,
               accepted = b.accepted + excluded.accepted,
               duplicate = b.duplicate + excluded.duplicate,
               rejected = b.rejected + excluded.rejected)sql"),
             as_params(tenant, id, version, source, received, accepted, duplicate, rejected,
                       recorded))
        .no_rows();
    batches_.clear();
}

void Changes::save_corrected() {
    if (points_.corrected().empty()) return;
    Uuids tenant, id;
    Ints corrected;
    for (const auto& [key, count] : points_.corrected()) {
        tenant.push_back(key.first);
        id.push_back(key.second);
        corrected.push_back(count);
    }
    tx_.exec(prepared(tx_, "metric_batches_corrected", R"sql(
        update board.metric_batch b set corrected = b.corrected + r.corrected
          from unnest($1::uuid[], $2::uuid[], $3::int[]) as r (tenant, batch, corrected)
         where b.tenant = r.tenant and b.batch = r.batch)sql"),
             as_params(tenant, id, corrected))
        .no_rows();
}

void Changes::save_rejects() {
    if (rejects_.empty()) return;
    Uuids tenant, id;
    Ints line, place;
    Texts metric, code, detail;
    // A batch has its rejects in one event, so its own count is the same in every replay.
    std::map<RowKey, int> at;
    for (const auto& [key, reject] : rejects_) {
        tenant.push_back(key.tenant);
        id.push_back(key.id);
        line.push_back(reject.line);
        place.push_back(at[key]++);
        metric.push_back(reject.metric);
        code.push_back(reject.code);
        detail.push_back(reject.detail);
    }
    tx_.exec(prepared(tx_, "metric_rejects", R"sql(
        insert into board.metric_reject (tenant, batch, line, place, metric, code, detail)
        select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::text[], $6::text[],
                             $7::text[]))sql"),
             as_params(tenant, id, line, place, metric, code, detail))
        .no_rows();
}

Points::Weeks known_weeks(pqxx::transaction_base& tx, const std::set<domain::TenantId>& tenants) {
    Uuids ids;
    for (const auto& tenant : tenants) ids.push_back(tenant);
    Points::Weeks weeks;
    for (const auto& row : tx.exec(prepared(tx, "metric_weeks",
                                            "select tenant, week_start from board.metric_calendar "
                                            "where tenant = any ($1::uuid[])"),
                                   as_params(ids)))
        weeks[{uuid_of(row[0])}] = row[1].as<int>();
    return weeks;
}

/// A damaged event parks its key like any other that does not decode.
template <class Event>
bool is_whole(const Event& fact) {
    if constexpr (std::is_same_v<Event, batch::Event>) {
        const auto* ingested = std::get_if<batch::Ingested>(&fact);
        return ingested == nullptr || batch::is_whole(*ingested);
    }
    return true;
}

template <class Event>
Applied apply_one(Changes& changes, const events::Recorded& event, std::size_t index) {
    auto fact = events::codec<Event>().decode(event, nullptr);
    if (!fact) return std::unexpected(Poison{index, std::move(fact.error())});
    if (!is_whole(*fact))
        return std::unexpected(Poison{index, {events::unreadable, "a point without a series"}});
    changes.apply(event, *fact);
    return {};
}

Applied apply(pqxx::transaction_base& tx, std::span<const events::Recorded> batch) {
    std::set<domain::TenantId> tenants;
    for (const auto& event : batch) tenants.insert(event.tenant);
    auto weeks = known_weeks(tx, tenants);
    auto edges = edges_of(tx, tenants);
    Points points{tx, weeks, edges};
    Changes changes{tx, points, weeks, edges};
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto& category = batch[i].stream.category;
        const auto run = category == "metric-batch" ? &apply_one<batch::Event>
                         : category == "metric"     ? &apply_one<domain::metric::Event>
                         : category == "location"   ? &apply_one<domain::location::Event>
                                                    : &apply_one<domain::tenant::Event>;
        if (auto applied = run(changes, batch[i], i); !applied) return applied;
    }
    changes.save();
    return {};
}

}  // namespace

const Projection projection{"metric_board", categories, "", tables, &apply, batch_events};

}  // namespace projections::metric
