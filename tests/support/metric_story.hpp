#pragma once
#include "domain/base/business_day.hpp"
#include "domain/metric_batch.hpp"
#include "events/codec.hpp"
#include "projections/metric_points.hpp"
#include "src/postgres/appender.hpp"
#include "src/runtime/replay.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/no_keys.hpp"

#include <gtest/gtest.h>

#include <map>
#include <pqxx/pqxx>
#include <random>

/// Random stories of tenants: batches, corrections, reverts and late data across both clock
/// changes. The oracle is SQL over a model's own points: it shares no code with the projection, and
/// not even the business day.
namespace support {

namespace batch = domain::metric_batch;

inline constexpr int cutoff_minutes = 240;
inline constexpr const char* zone = "America/New_York";

struct Place {
    domain::MetricId metric;
    std::string location;
    std::map<std::string, std::string> dimensions;
    domain::Instant at;
    auto operator<=>(const Place&) const = default;
};

/// What one tenant did: every batch in order, and whether it still counts.
struct Story {
    domain::TenantId tenant{support::new_id()};
    std::vector<domain::MetricId> metrics{{support::new_id()}, {support::new_id()}};
    struct Sent {
        domain::BatchId id;
        std::vector<batch::Ingested> parts;
        bool reverted{};
    };
    std::vector<Sent> sent;

    std::map<Place, domain::Decimal> present() const {
        std::map<Place, domain::Decimal> values;
        for (const auto& one : sent) {
            if (one.reverted) continue;
            for (const auto& part : one.parts) {
                for (const auto& point : part.points) {
                    const auto& series = part.series[point.series];
                    values[{part.metric, series.location, series.dimensions, point.at}] =
                        point.value;
                }
            }
        }
        return values;
    }
};

class MetricStories : public testing::Test {
protected:
    explicit MetricStories(postgres::Database database) : database_{std::move(database)} {}

    postgres::Database database_;
    postgres::Appender appender{database_, {}, [](const postgres::Commit&) {}};
    std::mt19937_64 random{20251102};
    domain::BusinessDays days = *domain::BusinessDays::in(zone, cutoff_minutes);
    NoKeys keys;
    std::int64_t half_hours = 120;  ///< that a season has moments in

    std::int64_t below(std::int64_t limit) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
    }

    batch::Ingested part(const Story& run, domain::BatchId id) {
        batch::Ingested fact;
        fact.metric = run.metrics[static_cast<std::size_t>(below(2))];
        fact.batch = id;
        fact.unit = "USD";
        fact.series = {{"", {}}, {"main", {}}, {"main", {{"channel", "web"}}}};
        // Both clock changes of 2025, in steps that meet each other often.
        const auto first =
            domain::instant_from(below(2) == 0 ? "2025-03-08T12:00:00Z" : "2025-11-01T12:00:00Z")
                ->micros;
        const auto count = 1 + below(25);
        for (std::int64_t i = 0; i < count; ++i) {
            const domain::Instant at{first + below(half_hours) * domain::hour_micros / 2};
            fact.points.push_back({static_cast<std::uint32_t>(below(3)), at, days.day_of(at),
                                   *domain::Decimal::from(std::to_string(below(2000) - 500) + "." +
                                                          std::to_string(below(90) + 10))});
        }
        fact.received = static_cast<int>(count);
        fact.duplicate = batch::settle(fact.points);
        return fact;
    }

    void append(const Story& run, domain::BatchId id, std::int64_t expected,
                const std::vector<batch::Event>& facts) {
        auto append = append_of(run.tenant, id.value, expected);
        auto& write = append.writes.front();
        write = {{"metric-batch", id.value}, expected, {}};
        events::Destination to{keys, run.tenant, write.stream, expected};
        for (const auto& fact : facts) {
            ++to.version;
            write.events.push_back({{new_id()}, *events::codec<batch::Event>().encode(fact, to)});
        }
        ASSERT_TRUE(append_now(appender, std::move(append)));
    }

    void step(Story& run) {
        if (!run.sent.empty() && below(4) == 0) {
            auto& one = run.sent[static_cast<std::size_t>(
                below(static_cast<std::int64_t>(run.sent.size())))];
            if (one.reverted) return;
            one.reverted = true;
            append(run, one.id, static_cast<std::int64_t>(one.parts.size()),
                   {batch::Reverted{one.id, "test"}});
            return;
        }
        Story::Sent sent{{new_id()}, {}, false};
        std::vector<batch::Event> facts;
        for (auto left = 1 + below(2); left > 0; --left) {
            sent.parts.push_back(part(run, sent.id));
            facts.emplace_back(sent.parts.back());
        }
        append(run, sent.id, 0, facts);
        run.sent.push_back(std::move(sent));
    }

    void project() {
        runtime::replay(database_, *projections::find("metric_board"), {0, 1, 2, 3},
                        {.holder = {"test", 60}}, [](std::int64_t) { return true; });
    }

    /// Every point that counts, as the model has it.
    static void load_truth(pqxx::transaction_base& tx, const std::vector<Story>& all) {
        tx.exec(
            "drop table if exists pg_temp.truth; create temp table truth (tenant uuid, metric "
            "uuid, location text, variant bigint, at timestamptz, value numeric)");
        projections::Uuids tenant, metric;
        projections::Texts location;
        projections::BigInts variant;
        projections::Instants at;
        projections::Decimals value;
        for (const auto& run : all) {
            for (const auto& [place, present] : run.present()) {
                tenant.push_back(run.tenant);
                metric.push_back(place.metric);
                location.push_back(place.location);
                variant.push_back(projections::metric::variant_of(place.dimensions));
                at.push_back(place.at);
                value.push_back(present);
            }
        }
        tx.exec(
            "insert into truth select * from unnest($1::uuid[], $2::uuid[], $3::text[], "
            "$4::bigint[], $5::timestamptz[], $6::numeric[])",
            projections::as_params(tenant, metric, location, variant, at, value));
    }

    static int number(pqxx::transaction_base& tx, const std::string& sql) {
        return tx.exec(sql).one_field().as<int>();
    }
};

/// Points are either in the hypertable or packed.
inline constexpr const char* differing_points = R"sql(
    select count(*) from truth t full join (
           select tenant, metric, location, variant, at, value from board.business_metrics
            union all
           select s.tenant, s.metric, s.location, s.variant, u.at, u.value
             from board.metric_segment s
            cross join lateral cairn.unpacked(s.from_at, s.stride, s.drift, s.day_shift, s.value,
                                              s.position) u) p
     using (tenant, metric, location, variant, at)
     where t.value is distinct from p.value)sql";

inline constexpr const char* differing_buckets = R"sql(
    with days as (
        select *, (at at time zone 'America/New_York' - interval '4 hours')::date as day
          from truth),
    grains as (
        select d.*, g.grain,
               case g.grain when 0 then date_trunc('hour', at)
                            when 1 then day::timestamp at time zone 'UTC'
                            when 2 then date_trunc('week', day::timestamp) at time zone 'UTC'
                            when 3 then date_trunc('month', day::timestamp) at time zone 'UTC'
                            else date_trunc('quarter', day::timestamp) at time zone 'UTC'
               end as bucket
          from days d cross join generate_series(0, 4) as g (grain)),
    wanted as (
        select tenant, metric, grain, bucket, location, variant, count(*), sum(value), min(value),
               max(value), (array_agg(value order by at))[1] as first, min(at) as first_at,
               (array_agg(value order by at desc))[1] as last, max(at) as last_at
          from grains group by tenant, metric, grain, bucket, location, variant)
    select count(*) from wanted w full join board.metric_rollup r
     using (tenant, metric, grain, bucket, location, variant)
     where (w.count, w.sum, w.min, w.max, w.first, w.first_at, w.last, w.last_at)
        is distinct from
           (r.count, r.sum, r.min, r.max, r.first, r.first_at, r.last, r.last_at))sql";

}  // namespace support
