// How many goals a second can 32 connections create over HTTP, durably, on the cores that the load
// generator (wrk) uses too? Beside it: the same server's answer to a request that touches nothing,
// and a bare durable insert of one row a transaction on 32 connections.
// Sketch: 24 us of PostgreSQL, 20 of HTTP on both sides, 40 of our own threads and JSON of 2 cores:
// some 20,000 a second.
#include "tests/support/server.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <pqxx/pqxx>
#include <sodium.h>
#include <sstream>
#include <thread>
#include <unistd.h>

#include "src/runtime/clock.hpp"

namespace {

constexpr int rounds = 3;
constexpr int seconds = 5;

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

double bare_inserts_per_second() {
    std::atomic<std::int64_t> rows{0};
    std::vector<std::thread> threads;
    const auto start = runtime::steady_micros();
    for (int t = 0; t < 32; ++t) {
        threads.emplace_back([&] {
            pqxx::connection connection{support::admin_database().url};
            connection.prepare("one",
                               "insert into bench.event (stream, version, data) "
                               "values ($1, 1, $2)");
            while (runtime::steady_micros() - start < seconds * 1'000'000LL) {
                pqxx::nontransaction tx{connection};
                tx.exec(pqxx::prepped{"one"},
                        pqxx::params{domain::to_text(runtime::uuid_v7()), support::goal_body()});
                ++rows;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    return static_cast<double>(rows) * 1e6 / static_cast<double>(runtime::steady_micros() - start);
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

}  // namespace

int main() {
    if (sodium_init() < 0) return 1;
    support::start_cluster(true);
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
    support::stop_app();
    support::stop_cluster();
}
