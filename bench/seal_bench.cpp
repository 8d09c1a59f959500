// What does sealing cost the log? The same load as in append_bench, with a sealer beside it and
// without, in turn; and how fast a sealer takes in a log that was never sealed.
// Rates say it only roughly, because the machine's own speed changes by more; what the sealer's
// thread and its backend ran, of all that ran, says it to a hundredth. That is counted with one
// sealer throughout: a new backend first maps the shared buffers page by page, which one that seals
// for days has behind it.
// Sketch: a command costs 60 us of two cores; reading a header, two hashes and 32 bytes of a
// packed row should be less than 5 % of that. --check makes the run fail where it is not.
#include "bench/append_load.hpp"
#include "bench/check.hpp"
#include "bench/cpu_time.hpp"
#include "src/postgres/sealing.hpp"
#include "src/runtime/sealer.hpp"
#include "tests/support/cluster.hpp"

#include <pqxx/pqxx>
#include <sodium.h>

namespace {

constexpr int rounds = 8;

struct Pair {
    double with{}, without{};
};

double run(runtime::Sealer* sealer) {
    postgres::Appender appender{support::database(), {}, [&](const postgres::Commit& commit) {
                                    if (sealer != nullptr)
                                        sealer->tell(commit.lane, commit.position);
                                }};
    return bench::appended_per_second(appender);
}

/// What sealing and everything together ran while both were under way.
struct Ran {
    std::int64_t sealing{}, all{};
};

Ran ran_until_now() {
    pqxx::connection connection{support::admin_database().url};
    pqxx::nontransaction tx{connection};
    Ran ran{bench::threads_nanoseconds("cairn-seal"), bench::machine_nanoseconds()};
    for (const auto& [backend] :
         tx.query<int>("select pid from pg_stat_activity where usename = 'cairn_sealer'"))
        ran.sealing += bench::ran_nanoseconds(std::to_string(backend));
    return ran;
}

/// Seals what is there; events a second.
double sealed_per_second() {
    postgres::Sealing sealing{support::database(), [] {
                                  return security::load_sealing(support::directory() / "secrets");
                              }};
    const auto start = runtime::steady_micros();
    const auto done = sealing.round(runtime::now());
    const auto micros = static_cast<double>(runtime::steady_micros() - start);
    return done ? static_cast<double>(done->sealed) * 1e6 / micros : 0;
}

/// What the first half of a round does, the second half of the next one does.
Pair one_round(bool sealed_first) {
    Pair pair;
    for (const bool sealed : {sealed_first, !sealed_first}) {
        // What was left unsealed is no load of the next half.
        sealed_per_second();
        if (!sealed) {
            pair.without = run(nullptr);
            continue;
        }
        runtime::Sealer sealer{support::database(), support::directory() / "secrets"};
        pair.with = run(&sealer);
    }
    return pair;
}

/// Of what ran, the sealer's, in rounds beside one sealer; the first of them warms it.
std::vector<double> sealing_shares() {
    sealed_per_second();
    runtime::Sealer sealer{support::database(), support::directory() / "secrets"};
    run(&sealer);
    std::vector<double> shares;
    for (int round = 0; round < rounds; ++round) {
        const auto before = ran_until_now();
        const auto rate = run(&sealer);
        const auto after = ran_until_now();
        shares.push_back(static_cast<double>(after.sealing - before.sealing) /
                         static_cast<double>(after.all - before.all));
        std::printf("round %d: sealed %.0f commands/s, sealing %.2f %% of what ran\n", round + 1,
                    rate, 100 * shares.back());
    }
    return shares;
}

}  // namespace

int main(int count, char** arguments) {
    bench::Check check{count, arguments};
    if (sodium_init() < 0) return 1;
    support::start_cluster(true);
    if (!security::load_secrets(support::directory() / "secrets")) return 1;
    run(nullptr);
    std::vector<double> with, without, ratios;
    for (int round = 0; round < rounds; ++round) {
        const auto pair = one_round(round % 2 == 0);
        with.push_back(pair.with);
        without.push_back(pair.without);
        ratios.push_back(pair.with / pair.without);
        std::printf("round %d: sealed %.0f commands/s, unsealed %.0f, ratio %.3f\n", round + 1,
                    pair.with, pair.without, ratios.back());
    }
    std::printf("append beside a sealer: median %.0f commands/s, alone %.0f; median ratio %.3f\n",
                bench::median(with), bench::median(without), bench::median(ratios));
    check.at_least("appends beside a sealer, of those alone", bench::median(ratios), 0.95);
    check.below("what the sealer runs, of all that runs", bench::median(sealing_shares()), 0.05);
    run(nullptr);
    std::printf("sealing alone: %.0f events/s\n", sealed_per_second());
    support::stop_cluster();
    return check.exit_status();
}
