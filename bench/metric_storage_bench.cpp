// Question: how much smaller are cold points packed, and what does it cost to read them, to take
// some out again for a correction, and to pack them?
// Method: three years of one business, hourly sales of 20 series, daily values of 20, and 20 of
// receipts at irregular moments, folded from the log. The size of the hypertable with its indexes,
// then that of the segments with theirs; the same questions before and after, in the same run. The
// peer is the plain form. Argument: days (default 1,095), and --check, which makes the run fail
// where a limit is missed.
#include "bench/check.hpp"
#include "domain/base/business_day.hpp"
#include "domain/metric.hpp"
#include "domain/metric_batch.hpp"
#include "events/codec.hpp"
#include "projections/metric_query.hpp"
#include "src/postgres/appender.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/metric_upkeep.hpp"
#include "src/runtime/replay.hpp"
#include "tests/support/appends.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/no_keys.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <pqxx/pqxx>
#include <random>

namespace {

namespace batch = domain::metric_batch;
using Clock = std::chrono::steady_clock;

constexpr int series_count = 20, rounds = 21;

double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Business {
    domain::TenantId tenant{support::new_id()};
    domain::MetricId hourly{support::new_id()}, daily{support::new_id()},
        receipts{support::new_id()};
    domain::Instant start = *domain::instant_from("2022-01-01T00:00:00Z");
};

class Load {
public:
    Load(const postgres::Database& database, const Business& business)
        : appender_{database, {}, [](const postgres::Commit&) {}}, business_{business} {}

    void define(domain::MetricId id, const std::string& key) {
        const domain::metric::Definition definition{.key = key,
                                                    .name = key,
                                                    .unit = "USD",
                                                    .dimensions = {},
                                                    .formula = {},
                                                    .minimum = {},
                                                    .maximum = {}};
        append<domain::metric::Event>({"metric", id.value},
                                      domain::metric::Defined{id, definition});
    }
    /// A day of all series, a batch a metric.
    void day(int day) {
        day_of(business_.hourly, day, domain::hour_micros, 0);
        day_of(business_.daily, day, domain::day_micros, 0);
        day_of(business_.receipts, day, domain::hour_micros, domain::hour_micros);
    }

private:
    void day_of(domain::MetricId metric, int day, std::int64_t step, std::int64_t jitter) {
        batch::Ingested fact;
        fact.metric = metric;
        fact.batch = {support::new_id()};
        fact.unit = "USD";
        const auto from = business_.start.micros + day * domain::day_micros;
        for (std::uint32_t series = 0; series < series_count; ++series) {
            fact.series.push_back({"place" + std::to_string(series), {}});
            for (auto at = from; at < from + domain::day_micros; at += step) {
                const domain::Instant moment{at + (jitter ? below(jitter) : 0)};
                fact.points.push_back({series, moment, days_.day_of(moment),
                                       *domain::Decimal::from(std::to_string(below(2000)) + "." +
                                                              std::to_string(10 + below(90)))});
            }
        }
        fact.received = static_cast<int>(fact.points.size());
        append<batch::Event>({"metric-batch", fact.batch.value}, fact);
    }
    template <class Event>
    void append(const events::StreamId& stream, Event fact) {
        auto append = support::append_of(business_.tenant, stream.id, 0);
        append.writes.front() = {stream, 0, {}};
        const events::Destination to{keys_, business_.tenant, stream, 1};
        append.writes.front().events.push_back(
            {{support::new_id()}, *events::codec<Event>().encode(fact, to)});
        if (const auto done = support::append_now(appender_, std::move(append)); !done)
            throw std::runtime_error{done.error().detail};
    }
    std::int64_t below(std::int64_t limit) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
    }

    postgres::Appender appender_;
    const Business& business_;
    support::NoKeys keys_;
    std::mt19937_64 random_{1};
    domain::BusinessDays days_ = *domain::BusinessDays::in("America/New_York", 240);
};

void project(const postgres::Database& database) {
    runtime::replay(database, *projections::find("metric_board"), {0, 1, 2, 3},
                    {.holder = {"bench", 60}}, [](std::int64_t) { return true; });
}

std::int64_t number(pqxx::connection& admin, const char* sql) {
    pqxx::nontransaction tx{admin};
    return tx.exec(sql).one_field().as<std::int64_t>();
}

struct Read {
    const char* name;
    std::string sql;
};

/// Medians of the same questions, as the request role asks them.
std::vector<double> timed(postgres::Reader& reader, const Business& business,
                          const std::vector<Read>& reads) {
    std::vector<double> medians;
    for (const auto& read : reads) {
        std::vector<double> all;
        for (int i = 0; i < rounds; ++i) {
            const auto start = Clock::now();
            const auto asked = reader.query<int>(business.tenant, [&](pqxx::transaction_base& tx) {
                return domain::Result<int>{static_cast<int>(tx.exec(read.sql).size())};
            });
            if (!asked) throw std::runtime_error{asked.error().detail};
            all.push_back(milliseconds_since(start));
        }
        std::ranges::nth_element(all, all.begin() + rounds / 2);
        medians.push_back(all[rounds / 2]);
    }
    return medians;
}

std::vector<Read> reads_of(const Business& business) {
    // As pages of points are read, all of them in one.
    const auto page = [](domain::MetricId metric, const std::string& place,
                         const std::string& until) {
        return "select count(*), sum(value) from board.metric_page('" +
               domain::to_text(metric.value) + "', " + place + ", '2023-01-01', '" + until +
               "', null, null, 2147483647)";
    };
    return {
        {"a year of one hourly series (8,760 points)",
         page(business.hourly, "'place7'", "2024-01-01")},
        {"a year of 20 hourly series (175,200 points)",
         page(business.hourly, "null", "2024-01-01")},
        {"a year of 20 daily series (7,300 points)", page(business.daily, "null", "2024-01-01")},
        {"a day of 20 hourly series (480 points)", page(business.hourly, "null", "2023-01-02")}};
}

void run(int days, bench::Check& check) {
    const auto database = support::fresh_database("metric_storage");
    pqxx::connection admin{support::admin_of(database).url};
    const Business business;
    Load load{database, business};
    load.define(business.hourly, "hourly");
    load.define(business.daily, "daily");
    load.define(business.receipts, "receipts");
    for (int day = 0; day < days; ++day) load.day(day);
    project(database);
    pqxx::nontransaction{admin}.exec("vacuum analyze");

    const auto points = number(admin, "select count(*) from board.business_metrics");
    const auto plain = number(admin, "select public.hypertable_size('board.business_metrics')");
    postgres::Reader reader{database};
    const auto reads = reads_of(business);
    const auto before = timed(reader, business, reads);

    const auto start = Clock::now();
    const auto packed = runtime::pack_cold_points(
        database, *domain::instant_from("2030-01-01T00:00:00Z"), [](auto, auto) { return true; });
    if (!packed) throw std::runtime_error{packed.error().detail};
    const auto packing = milliseconds_since(start);
    pqxx::nontransaction{admin}.exec("vacuum analyze");
    // Segments are rewritten as they fill: autovacuum gives the holes to the next ones. What is
    // promised is the size with the holes.
    const auto with_holes = number(admin, "select pg_total_relation_size('board.metric_segment')");
    pqxx::nontransaction{admin}.exec("vacuum full board.metric_segment");
    const auto small = number(admin, "select pg_total_relation_size('board.metric_segment')");
    const auto after = timed(reader, business, reads);

    const auto per_point = [&](std::int64_t bytes) {
        return static_cast<double>(bytes) / static_cast<double>(points);
    };
    std::printf("points                 %10lld\n", static_cast<long long>(points));
    std::printf("plain, bytes a point   %10.1f\n", per_point(plain));
    std::printf("packed, bytes a point  %10.1f   %.1f %% of plain\n", per_point(small),
                100 * per_point(small) / per_point(plain));
    std::printf("with holes             %10.1f   %.1f %% of plain\n", per_point(with_holes),
                100 * per_point(with_holes) / per_point(plain));
    check.below("packed, of plain", per_point(with_holes) / per_point(plain), 0.1);
    std::printf("packing                %10.0f points/s, half of it waiting for the projection\n",
                static_cast<double>(points) / packing * 1000);
    std::printf("%-46s %10s %10s\n", "median of 21, ms", "plain", "packed");
    for (std::size_t i = 0; i < reads.size(); ++i)
        std::printf("%-46s %10.2f %10.2f\n", reads[i].name, before[i], after[i]);

    const auto late = Clock::now();
    load.day(364);  // the same moments again with other values, and all of them packed
    project(database);
    std::printf("a corrected day of 60 series, taken out and folded: %.0f ms\n",
                milliseconds_since(late));
}

}  // namespace

int main(int count, char** arguments) {
    support::start_cluster(false);
    bench::Check check{count, arguments};
    const int days = count > 1 ? std::atoi(arguments[1]) : 0;
    run(days > 0 ? days : 1095, check);
    support::stop_cluster();
    return check.exit_status();
}
