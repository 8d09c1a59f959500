// How many commands a second does the log take in process: batched, with idempotency, version
// check and content hash, durable? The limit beside it is a bare INSERT … SELECT unnest of the same
// events in batches of 100 into a table with the same two keys, on as many connections.
// Sketch: 60,000 bare rows a second and connection at batches of 100; the command row, the stream
// row and the hash should cost half of that.
#include "bench/append_load.hpp"
#include "tests/support/cluster.hpp"

#include <atomic>
#include <cstdio>
#include <pqxx/pqxx>
#include <sodium.h>
#include <thread>

namespace {

constexpr int rounds = 3;
using bench::appended_per_second;
using bench::median;
using bench::payload;
using bench::round_micros;

double bare_rows_per_second(int connections, int batch) {
    std::atomic<std::int64_t> rows{0};
    std::vector<std::thread> threads;
    const auto start = runtime::steady_micros();
    for (int t = 0; t < connections; ++t) {
        threads.emplace_back([&, t] {
            pqxx::connection connection{support::admin_database().url};
            std::int64_t position = std::int64_t{t} << 40;
            {
                pqxx::nontransaction tx{connection};
                position +=
                    tx.exec("select count(*) from bench.event").one_field().as<long>() + start;
            }
            const std::string data = R"({"text":")" + payload + R"("})";
            while (runtime::steady_micros() - start < round_micros) {
                std::vector<std::string> ids, texts;
                std::vector<std::int64_t> positions;
                for (int i = 0; i < batch; ++i) {
                    ids.push_back(domain::to_text(support::new_id()));
                    texts.push_back(data);
                    positions.push_back(position++);
                }
                pqxx::nontransaction tx{connection};
                tx.exec(
                    "insert into bench.event select p, s, 1, d from "
                    "unnest($1::bigint[], $2::uuid[], $3::json[]) as e (p, s, d)",
                    pqxx::params{positions, ids, texts});
                rows += batch;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    return static_cast<double>(rows) * 1e6 / static_cast<double>(runtime::steady_micros() - start);
}

}  // namespace

int main() {
    if (sodium_init() < 0) return 1;
    support::start_cluster(true);
    {
        pqxx::connection connection{support::admin_database().url};
        pqxx::nontransaction tx{connection};
        tx.exec(
            "create schema bench; create table bench.event (position bigint primary key, "
            "stream uuid not null, version bigint not null, data json not null, "
            "unique (stream, version))");
    }
    {
        postgres::Appender appender{support::database(), {}, [](const postgres::Commit&) {}};
        appended_per_second(appender);
        std::vector<double> ours, bare, ratios;
        for (int round = 0; round < rounds; ++round) {
            ours.push_back(appended_per_second(appender));
            bare.push_back(bare_rows_per_second(2, 100));
            ratios.push_back(ours.back() / bare.back());
            std::printf(
                "round %d: %.0f commands/s, bare unnest of 100 on 2 connections %.0f "
                "rows/s, ratio %.2f\n",
                round + 1, ours.back(), bare.back(), ratios.back());
        }
        const auto counters = appender.counters();
        std::printf(
            "append: median %.0f commands/s; bare insert median %.0f rows/s; median ratio "
            "%.2f; %.1f commands a batch\n",
            median(ours), median(bare), median(ratios),
            static_cast<double>(counters.commands) / static_cast<double>(counters.batches));
    }
    support::stop_cluster();
}
