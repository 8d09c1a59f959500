// What does sealing cost the log? The same load as in append_bench, with a sealer beside it and
// without, in turn; and how fast a sealer takes in a log that was never sealed.
// Sketch: a command costs 120 us of two cores; reading a header, two hashes and 32 bytes of a
// packed row should be less than 5 % of that. --check makes the run fail where it is not.
#include "bench/append_load.hpp"
#include "bench/check.hpp"
#include "src/postgres/sealing.hpp"
#include "src/runtime/sealer.hpp"
#include "tests/support/cluster.hpp"

#include <sodium.h>

namespace {

constexpr int rounds = 7;

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
    run(nullptr);
    std::printf("sealing alone: %.0f events/s\n", sealed_per_second());
    support::stop_cluster();
    return check.exit_status();
}
