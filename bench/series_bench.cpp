// How fast does a year of days of one metric answer with many points in the table, alone and at 32
// connections? Beside it: the same rows asked of PostgreSQL by one prepared statement in a
// transaction of the tenant, alone and on as many connections. Sketch: 365 rows of an index range,
// 0.3 ms in PostgreSQL, 14 KB of JSON.
// CAIRN_SERIES_POINTS=50000000 is the whole programme; the everyday one has two million. --check
// makes the run fail where a limit is missed.
#include "bench/check.hpp"
#include "src/postgres/connect.hpp"
#include "src/runtime/clock.hpp"
#include "tests/support/server.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <pqxx/pqxx>
#include <sodium.h>
#include <thread>

namespace {

constexpr std::int64_t points_default = 2'000'000;
constexpr int days_count = 365;
constexpr int minutes_of_day = 1'440;
constexpr int connections_count = 32;
constexpr int fillers = 2;
constexpr int alone_count = 500;
constexpr int some_count = 10;  ///< between two looks at the clock
constexpr int rounds = 3;
constexpr double seconds_each = 4;

std::int64_t points_wanted() {
    const auto* given = std::getenv("CAIRN_SERIES_POINTS");
    return given == nullptr ? points_default : std::atoll(given);
}

std::int64_t micros_of(std::vector<std::int64_t> times, double quantile) {
    std::ranges::sort(times);
    const auto at = static_cast<std::size_t>(quantile * static_cast<double>(times.size() - 1));
    return times[at];
}

double milliseconds(std::int64_t micros) { return static_cast<double>(micros) / 1000; }

support::Tenant tenant_with(int metrics) {
    support::HttpClient client{support::app().port()};
    const auto tenant = support::register_tenant(client);
    for (int i = 0; i < metrics; ++i)
        client.send("POST", "/v1/metrics", support::write_headers(tenant),
                    R"({"key":"m)" + std::to_string(i) + R"(","name":"M","unit":"USD"})");
    // The definitions must be on the board before points refer to them.
    const auto last = "/v1/metrics/m" + std::to_string(metrics - 1);
    for (int i = 0; i < 600; ++i) {
        if (client.send("GET", last, support::read_headers(tenant), "").status == 200) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    return tenant;
}

/// A year of minutes of the metrics `first`, `first` + fillers and so on, with their roll-ups,
/// written by SQL alone: what the projection would have written, in a fraction of the time.
void fill_some(const support::Tenant& tenant, int first, int metrics) {
    pqxx::connection admin{support::admin_database().url};
    for (int m = first; m < metrics; m += fillers) {
        pqxx::work tx{admin};
        tx.exec("set local synchronous_commit = off");
        tx.exec(R"sql(
            insert into board.business_metrics
                (tenant, metric, location, variant, at, day, value, position, unit)
            select m.tenant, m.metric, '', 0, at, (at at time zone 'UTC')::date,
                   (extract(epoch from at)::bigint / 60 * 37 % 1000) + 0.25, 1, m.unit
              from board.metric m,
                   generate_series(timestamptz '2024-01-01Z',
                                   timestamptz '2024-01-01Z' + ($3 - 1) * interval '1 minute',
                                   interval '1 minute') at
             where m.tenant = $1 and m.key = $2)sql",
                pqxx::params{tenant.id, "m" + std::to_string(m), days_count * minutes_of_day});
        for (const auto* grain : {"hour", "day", "week", "month", "quarter"})
            tx.exec(std::string{R"sql(
            insert into board.metric_rollup
                (tenant, metric, grain, bucket, location, variant, count, sum, min, max, first,
                 first_at, last, last_at)
            select p.tenant, p.metric,
                   array_position(array['hour', 'day', 'week', 'month', 'quarter'], $3) - 1,
                   date_trunc($3, p.at, 'UTC'), '', 0, count(*), sum(p.value), min(p.value),
                   max(p.value), min(p.value), min(p.at), max(p.value), max(p.at)
              from board.business_metrics p
              join board.metric m on m.tenant = p.tenant and m.metric = p.metric
             where m.tenant = $1 and m.key = $2
             group by p.tenant, p.metric, date_trunc($3, p.at, 'UTC'))sql"},
                    pqxx::params{tenant.id, "m" + std::to_string(m), grain});
        tx.commit();
        if ((m + 1) % 10 == 0) std::fprintf(stderr, "%d of %d metrics\n", m + 1, metrics);
    }
}

void fill(const support::Tenant& tenant, int metrics) {
    std::vector<std::jthread> threads;
    for (int first = 0; first < fillers; ++first)
        threads.emplace_back([&, first] { fill_some(tenant, first, metrics); });
    threads.clear();
    pqxx::connection admin{support::admin_database().url};
    pqxx::nontransaction tx{admin};
    tx.exec("vacuum analyze board.metric_rollup");
    tx.exec("analyze board.business_metrics");
    tx.exec("analyze board.metric");
}

std::string address(int metric) {
    return "/v1/metrics/m" + std::to_string(metric) + "/series?from=2024-01-01&to=2024-12-31";
}

/// One connection to the server.
class Asker {
public:
    explicit Asker(const support::Tenant& tenant) : tenant_{&tenant} {}

    /// Times of `count` questions, one after the other.
    std::vector<std::int64_t> ask(int metrics, int count) {
        std::vector<std::int64_t> times;
        for (int i = 0; i < count; ++i) {
            const auto start = runtime::steady_micros();
            const auto answer =
                client_->send("GET", address(i % metrics), support::read_headers(*tenant_), "");
            times.push_back(runtime::steady_micros() - start);
            if (answer.status != 200) std::printf("asking: %d\n", answer.status);
        }
        return times;
    }

private:
    const support::Tenant* tenant_;
    std::unique_ptr<support::HttpClient> client_ =
        std::make_unique<support::HttpClient>(support::app().port());
};

/// The limit: the rows alone, prepared, in the role, the transaction and under the policies of
/// requests.
class Bare {
public:
    explicit Bare(const support::Tenant& tenant)
        : tenant_{&tenant},
          connection_{postgres::connect(support::database(), postgres::As::reader)} {
        connection_->prepare("rows", R"sql(
            select r.bucket, sum(r.sum) from board.metric_rollup r
              join board.metric m on m.tenant = r.tenant and m.metric = r.metric
             where r.tenant = $1 and m.tenant = $1 and m.key = $2 and r.grain = 1
               and r.bucket >= '2024-01-01Z' and r.bucket < '2024-12-31Z'
             group by r.bucket order by 1)sql");
    }

    std::vector<std::int64_t> ask(int metrics, int count) {
        std::vector<std::int64_t> times;
        for (int i = 0; i < count; ++i) {
            const auto start = runtime::steady_micros();
            pqxx::nontransaction tx{*connection_};
            tx.exec("begin; set local cairn.tenant = '" + tenant_->id + "'");
            tx.exec(pqxx::prepped{"rows"},
                    pqxx::params{tenant_->id, "m" + std::to_string(i % metrics)});
            tx.exec("commit");
            times.push_back(runtime::steady_micros() - start);
        }
        return times;
    }

private:
    const support::Tenant* tenant_;
    std::unique_ptr<pqxx::connection> connection_;
};

/// Times of everything that `askers`, each on a connection that is warm, ask at once.
template <class Asker>
std::vector<std::int64_t> together(std::vector<Asker>& askers, int metrics) {
    std::vector<std::vector<std::int64_t>> times(askers.size());
    for (auto& asker : askers) asker.ask(metrics, some_count);
    std::vector<std::thread> threads;
    const auto until = runtime::steady_micros() + static_cast<std::int64_t>(seconds_each * 1e6);
    for (std::size_t i = 0; i < askers.size(); ++i) {
        threads.emplace_back([&, i] {
            while (runtime::steady_micros() < until) {
                const auto some = askers[i].ask(metrics, some_count);
                times[i].insert(times[i].end(), some.begin(), some.end());
            }
        });
    }
    for (auto& thread : threads) thread.join();
    std::vector<std::int64_t> all;
    for (const auto& mine : times) all.insert(all.end(), mine.begin(), mine.end());
    return all;
}

void print(const std::string& what, const std::vector<std::int64_t>& ours,
           const std::vector<std::int64_t>& bare) {
    const auto p50 = micros_of(ours, 0.5), p99 = micros_of(ours, 0.99);
    const auto bare_p50 = micros_of(bare, 0.5), bare_p99 = micros_of(bare, 0.99);
    std::printf(
        "%s: p50 %.2f ms, p99 %.2f ms; PostgreSQL alone %.2f and %.2f ms; ratios %.2f and %.2f\n",
        what.c_str(), milliseconds(p50), milliseconds(p99), milliseconds(bare_p50),
        milliseconds(bare_p99), static_cast<double>(p50) / static_cast<double>(bare_p50),
        static_cast<double>(p99) / static_cast<double>(bare_p99));
}

double per_second(const std::vector<std::int64_t>& times) {
    return static_cast<double>(times.size()) / (rounds * seconds_each);
}

}  // namespace

int main(int count, char** arguments) {
    bench::Check check{count, arguments};
    if (sodium_init() < 0) return 1;
    support::start_cluster(true);
    const int metrics = static_cast<int>(
        std::max<std::int64_t>(1, points_wanted() / (days_count * minutes_of_day)));
    const auto tenant = tenant_with(metrics);
    fill(tenant, metrics);
    const auto points = std::int64_t{metrics} * days_count * minutes_of_day;
    std::vector<Asker> askers;
    std::vector<Bare> bares;
    for (int i = 0; i < connections_count; ++i) {
        askers.emplace_back(tenant);
        bares.emplace_back(tenant);
    }
    std::vector<std::int64_t> alone, crowd, bare, bare_crowd;
    for (int round = 0; round < rounds; ++round) {
        for (auto [into, times] : {std::pair{&alone, askers.front().ask(metrics, alone_count)},
                                   std::pair{&bare, bares.front().ask(metrics, alone_count)},
                                   std::pair{&crowd, together(askers, metrics)},
                                   std::pair{&bare_crowd, together(bares, metrics)}})
            into->insert(into->end(), times.begin(), times.end());
    }
    std::printf("series: a year of days with %lld points in the table\n",
                static_cast<long long>(points));
    print("alone", alone, bare);
    print(std::to_string(connections_count) + " connections", crowd, bare_crowd);
    std::printf("%.0f questions/s, of PostgreSQL alone %.0f/s\n", per_second(crowd),
                per_second(bare_crowd));
    check.below("alone, median in ms", milliseconds(micros_of(alone, 0.5)), 3);
    check.below("32 connections, p99 in ms", milliseconds(micros_of(crowd, 0.99)), 20);
    support::stop_app();
    support::stop_cluster();
    return check.exit_status();
}
