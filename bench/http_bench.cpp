// How many goals a second can 32 connections create over HTTP, durably, on the cores that the load
// generator (wrk) uses too? Beside it: the same server's answer to a request that touches nothing,
// and a bare durable insert of one row a transaction on 32 connections. Then the reads: one goal by
// its id and a page of 20, beside reading one row by its key on as many connections.
// Sketch: 24 us of PostgreSQL, 20 of HTTP on both sides, 40 of our own threads and JSON of 2 cores:
// some 20,000 a second. --check makes the run fail where a limit is missed.
#include "bench/check.hpp"
#include "events/document.hpp"
#include "tests/support/server.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <pqxx/pqxx>
#include <sodium.h>
#include <sstream>
#include <thread>
#include <unistd.h>

#include "src/runtime/clock.hpp"

namespace {

constexpr int rounds = 5;
constexpr int seconds = 3;

struct Load {
    double per_second{}, p50_ms{}, p99_ms{};
    int errors{};
};

Load run_wrk(const std::string& arguments) {
    const auto command = "wrk -t1 -c32 -d" + std::to_string(seconds) + "s " + arguments;
    Load load;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return load;
    char line[512];
    while (std::fgets(line, sizeof line, pipe) != nullptr) {
        std::istringstream text{line};
        std::string first;
        text >> first;
        if (first == "RESULT") text >> load.per_second >> load.p50_ms >> load.p99_ms >> load.errors;
        if (first == "Requests/sec:") text >> load.per_second;
    }
    ::pclose(pipe);
    return load;
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// One prepared statement again and again on 32 connections.
double bare_per_second(const char* sql, const std::function<pqxx::params()>& params) {
    std::atomic<std::int64_t> rows{0};
    std::vector<std::thread> threads;
    const auto start = runtime::steady_micros();
    for (int t = 0; t < 32; ++t) {
        threads.emplace_back([&] {
            pqxx::connection connection{support::admin_database().url};
            connection.prepare("one", sql);
            while (runtime::steady_micros() - start < seconds * 1'000'000LL) {
                pqxx::nontransaction tx{connection};
                tx.exec(pqxx::prepped{"one"}, params());
                ++rows;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    return static_cast<double>(rows) * 1e6 / static_cast<double>(runtime::steady_micros() - start);
}

double bare_inserts_per_second() {
    return bare_per_second(
        "insert into bench.event (stream, version, data) values ($1, 1, $2)",
        [] { return pqxx::params{domain::to_text(runtime::uuid_v7()), support::goal_body()}; });
}

/// A log that has run for a while writes into segments that are there already; a new one has to
/// make each of them, 16 MB of zeros that everybody waits for.
void make_wal_segments() {
    constexpr int segments = 64;  // 1 GB, more than the rounds write
    pqxx::connection connection{support::admin_database().url};
    pqxx::nontransaction tx{connection};
    for (int i = 0; i < segments; ++i)
        tx.exec("select pg_logical_emit_message(true, 'bench', 'x'), pg_switch_wal()");
    tx.exec("checkpoint");
}

/// Goals read by their ids, and pages of 20.
void measure_reads(const support::Tenant& tenant, const std::string& url) {
    support::HttpClient client{support::app().port()};
    const auto made =
        client.send("POST", "/v1/goals", support::write_headers(tenant), support::goal_body());
    const auto document = events::Document::parse(made.body);
    const std::string goal{document.value().root().find("id").value().text().value()};
    std::vector<double> goals, pages, bare;
    for (int round = 0; round < rounds; ++round) {
        const auto header = "-H 'Authorization: Bearer " + tenant.token + "' ";
        goals.push_back(run_wrk(header + url + "/v1/goals/" + goal).per_second);
        pages.push_back(run_wrk(header + "'" + url + "/v1/goals?limit=20'").per_second);
        bare.push_back(
            bare_per_second("select * from board.smart_goals where tenant = $1 and goal = $2",
                            [&] { return pqxx::params{tenant.id, goal}; }));
    }
    std::printf(
        "http: median %.0f goals read/s, %.0f pages of 20/s; bare rows by their key %.0f/s; "
        "ratios %.2f and %.2f\n",
        median(goals), median(pages), median(bare), median(goals) / median(bare),
        median(pages) / median(bare));
}

}  // namespace

int main(int count, char** arguments) {
    bench::Check check{count, arguments};
    if (sodium_init() < 0) return 1;
    support::start_cluster(true);
    make_wal_segments();
    {
        pqxx::connection connection{support::admin_database().url};
        pqxx::nontransaction tx{connection};
        tx.exec(
            "create schema bench; create table bench.event (position bigint generated always "
            "as identity primary key, stream uuid not null, version bigint not null, "
            "data json not null, unique (stream, version))");
    }
    const auto url = "http://127.0.0.1:" + std::to_string(support::app().port());
    support::HttpClient client{support::app().port()};
    const auto tenant = support::register_tenant(client);
    std::vector<double> created, bare, hello;
    for (int round = 0; round < rounds; ++round) {
        const auto load = run_wrk("-s " REPOSITORY "/bench/goal_create.lua " + url +
                                  "/v1/goals -- " + tenant.token + " run" + std::to_string(round));
        created.push_back(load.per_second);
        hello.push_back(run_wrk(url + "/problems/not-found").per_second);
        bare.push_back(bare_inserts_per_second());
        std::printf(
            "round %d: %.0f goals/s (p50 %.2f ms, p99 %.2f ms, %d errors); nothing but HTTP "
            "%.0f/s; bare insert %.0f rows/s\n",
            round + 1, created.back(), load.p50_ms, load.p99_ms, load.errors, hello.back(),
            bare.back());
    }
    std::printf(
        "http: median %.0f goals/s; HTTP alone %.0f/s; bare one-row inserts %.0f/s; ratio "
        "to the bare insert %.2f\n",
        median(created), median(hello), median(bare), median(created) / median(bare));
    check.at_least("goals created a second", median(created), 8'000);
    measure_reads(tenant, url);
    support::stop_app();
    support::stop_cluster();
    return check.exit_status();
}
