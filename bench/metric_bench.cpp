// How many points a second are durably accepted over HTTP in batches of 5,000, and how fast do they
// become visible in the hypertable and its roll-ups? Beside it: a bare bulk upsert of the same
// points into the same hypertable in the same run.
// Sketch: 0.4 us of JSON a byte-pair, 3 us of index and row a point, roll-ups of minutes a
// sixtieth. --check makes the run fail where a limit is missed.
#include "bench/check.hpp"
#include "projections/metric_board.hpp"
#include "projections/metric_points.hpp"
#include "src/postgres/connect.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/replay.hpp"
#include "tests/support/server.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <pqxx/pqxx>
#include <sodium.h>
#include <thread>

namespace {

constexpr int batch_points = 5'000;
constexpr int batches_each = 40;
constexpr int metrics_count = 10;
constexpr int clients_count = 4;
constexpr int rounds = 3;
constexpr std::int64_t minute_micros = 60'000'000;
// 2024-01-01T00:00:00Z
constexpr std::int64_t start_micros = 1'704'067'200'000'000;

std::string body_of(int metric, std::int64_t first_minute) {
    std::string body = R"({"series":[{"metric":"m)" + std::to_string(metric) + R"(","points":[)";
    for (int i = 0; i < batch_points; ++i) {
        const domain::Instant at{start_micros + (first_minute + i) * minute_micros};
        body += i == 0 ? "[\"" : ",[\"";
        body += domain::to_text(at).substr(0, 19) + "Z\",\"" + std::to_string((i * 37) % 1000) +
                "." + std::to_string(10 + i % 90) + "\"]";
    }
    return body + "]}]}";
}

double seconds_since(std::int64_t start) {
    return static_cast<double>(runtime::steady_micros() - start) / 1e6;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

void define_metrics(const support::Tenant& tenant) {
    support::HttpClient client{support::app().port()};
    for (int i = 0; i < metrics_count; ++i) {
        const auto key = "m" + std::to_string(i);
        const auto answer = client.send("POST", "/v1/metrics", support::write_headers(tenant),
                                        R"({"key":")" + key + R"(","name":"M","unit":"USD"})");
        if (answer.status != 201)
            std::printf("defining: %d %s\n", answer.status, answer.body.c_str());
    }
}

/// Points a second.
struct Ingested {
    double accepted{};  ///< acknowledged
    double visible{};   ///< in the hypertable and its roll-ups, from the first post on
    int failed{};       ///< batches
};

Ingested ingest(const support::Tenant& tenant, int round) {
    std::vector<std::vector<std::string>> bodies(clients_count);
    for (int c = 0; c < clients_count; ++c) {
        for (int b = 0; b < batches_each / clients_count; ++b) {
            const int n = c * (batches_each / clients_count) + b;
            const auto first =
                std::int64_t{round} * batches_each / metrics_count + n / metrics_count;
            bodies[static_cast<std::size_t>(c)].push_back(
                body_of(n % metrics_count, first * batch_points));
        }
    }
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    const auto start = runtime::steady_micros();
    for (int c = 0; c < clients_count; ++c) {
        threads.emplace_back([&, c] {
            support::HttpClient client{support::app().port()};
            for (const auto& body : bodies[static_cast<std::size_t>(c)])
                failed +=
                    client.send("POST", "/v1/metrics/points", support::write_headers(tenant), body)
                        .status != 201;
        });
    }
    for (auto& thread : threads) thread.join();
    const double accepted = batches_each * batch_points / seconds_since(start);
    auto connection = postgres::connect(support::database(), postgres::As::projector);
    for (int i = 0; i < 6000; ++i) {
        pqxx::nontransaction tx{*connection};
        if (tx.exec("select bool_and(c.position = h.position) from projection.checkpoint c join "
                    "log.lane_head h using (lane) where c.name = 'metric_board'")
                .one_field()
                .as<bool>())
            break;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    const double visible = batches_each * batch_points / seconds_since(start);
    return {accepted, visible, failed};
}

void empty_read_model() {
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    for (const auto table : projections::metric::projection.tables)
        tx.exec("truncate " + std::string{table});
    tx.exec(
        "delete from projection.checkpoint where name = 'metric_board'; "
        "delete from projection.lease where name = 'metric_board'");
}

/// Points a second of the projection alone, on one connection.
double project(std::int64_t points) {
    const auto start = runtime::steady_micros();
    runtime::replay(support::database(), projections::metric::projection, {0, 1, 2, 3},
                    {.holder = {"bench", 60}, .threads = 1}, [](std::int64_t) { return true; });
    return static_cast<double>(points) / seconds_since(start);
}

/// Points a second of nothing but the upsert, in transactions of 50,000 as the projection's.
double bare_upsert() {
    auto connection = postgres::connect(support::database(), postgres::As::projector);
    std::int64_t points = 0;
    {
        pqxx::nontransaction tx{*connection};
        tx.exec("set synchronous_commit = off");
    }
    const domain::TenantId tenant{*domain::uuid_from("01a1fbf3-4a80-7736-b7bd-2fb5b811b5c9")};
    std::int64_t spent = 0;  // in statements: the columns are made before
    for (int n = 0; n < rounds * batches_each / 10; ++n) {
        projections::Uuids tenants, metrics;
        projections::Texts location, unit;
        projections::BigInts variant, position;
        projections::Instants at;
        projections::Dates day;
        projections::Decimals value;
        projections::Jsonbs metadata;
        for (int m = 0; m < metrics_count; ++m) {
            domain::Uuid metric{};
            metric.bytes[15] = static_cast<std::uint8_t>(m);
            for (int i = 0; i < batch_points; ++i) {
                const domain::Instant moment{start_micros +
                                             (std::int64_t{n} * batch_points + i) * minute_micros};
                tenants.push_back(tenant);
                metrics.push_back(metric);
                location.push_back("");
                variant.push_back(std::int64_t{0});
                at.push_back(moment);
                day.push_back(utc_day(moment));
                value.push_back(*domain::Decimal::from(std::to_string((i * 37) % 1000) + "." +
                                                       std::to_string(10 + i % 90)));
                position.push_back(std::int64_t{n});
                unit.push_back("USD");
                metadata.push_back(std::optional<projections::Jsonb>{});
            }
        }
        const auto start = runtime::steady_micros();
        pqxx::work tx{*connection};
        tx.exec(
            "insert into board.business_metrics (tenant, metric, location, variant, at, day, "
            "value, position, unit, metadata) select * from unnest($1::uuid[], $2::uuid[], "
            "$3::text[], $4::bigint[], "
            "$5::timestamptz[], $6::date[], $7::numeric[], $8::bigint[], $9::text[], "
            "$10::jsonb[]) on conflict (tenant, metric, location, variant, at) do update "
            "set value = excluded.value, position = excluded.position",
            projections::as_params(tenants, metrics, location, variant, at, day, value, position,
                                   unit, metadata));
        tx.commit();
        spent += runtime::steady_micros() - start;
        points += metrics_count * batch_points;
    }
    return static_cast<double>(points) * 1e6 / static_cast<double>(spent);
}

}  // namespace

int main(int count, char** arguments) {
    bench::Check check{count, arguments};
    if (sodium_init() < 0) return 1;
    support::start_cluster(true);
    support::Tenant tenant;
    {
        support::HttpClient client{support::app().port()};
        tenant = support::register_tenant(client);
    }
    define_metrics(tenant);
    std::vector<double> accepted, visible;
    for (int round = 0; round < rounds; ++round) {
        const auto ingested = ingest(tenant, round);
        accepted.push_back(ingested.accepted);
        visible.push_back(ingested.visible);
        check.holds("every batch is accepted", ingested.failed == 0);
        std::printf("round %d: %.0f points/s accepted, %.0f points/s visible\n", round + 1,
                    ingested.accepted, ingested.visible);
    }
    support::stop_app();
    std::vector<double> projected, bare, ratio;
    for (int round = 0; round < rounds; ++round) {
        empty_read_model();
        bare.push_back(bare_upsert());
        empty_read_model();
        projected.push_back(project(std::int64_t{rounds} * batches_each * batch_points));
        ratio.push_back(projected.back() / bare.back());
        std::printf("round %d: projection %.0f points/s, bare upsert %.0f points/s, ratio %.2f\n",
                    round + 1, projected.back(), bare.back(), ratio.back());
    }
    std::printf(
        "metrics: median %.0f points/s accepted over HTTP, %.0f visible; projection %.0f "
        "points/s beside a bare upsert of %.0f, median ratio %.2f\n",
        median(accepted), median(visible), median(projected), median(bare), median(ratio));
    check.at_least("points accepted a second", median(accepted), 150'000);
    check.at_least("visible through HTTP, of a bare upsert", median(visible) / median(bare), 0.5);
    check.at_least("the projection alone, of a bare upsert", median(ratio), 0.5);
    support::stop_cluster();
    return check.exit_status();
}
