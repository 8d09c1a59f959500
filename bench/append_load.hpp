#pragma once
#include "src/postgres/appender.hpp"
#include "tests/support/appends.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <vector>

/// The load that benches of the log share: commands of one event on new streams of eight tenants.
namespace bench {

inline constexpr std::int64_t round_micros = 4'000'000;
inline constexpr int tenants_count = 8;
inline constexpr int in_flight_max = 256;

inline const std::string payload(330, 'p');

inline double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

inline double appended_per_second(postgres::Appender& appender) {
    std::mutex mutex;
    std::condition_variable changed;
    int in_flight = 0;
    std::int64_t done = 0, failed = 0;
    std::vector<domain::TenantId> tenants;
    for (int i = 0; i < tenants_count; ++i) tenants.push_back({support::new_id()});
    const auto start = runtime::steady_micros();
    std::uint64_t i = 0;
    while (runtime::steady_micros() - start < round_micros) {
        {
            std::unique_lock lock{mutex};
            changed.wait(lock, [&] { return in_flight < in_flight_max; });
            ++in_flight;
        }
        appender.submit(
            support::append_of(tenants[i++ % tenants.size()], support::new_id(), 0, payload),
            [&](const domain::Result<events::Outcome>& outcome) {
                const std::lock_guard lock{mutex};
                --in_flight;
                ++(outcome ? done : failed);
                changed.notify_one();
            });
    }
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return in_flight == 0; });
    if (failed > 0) std::printf("FAILED: %ld commands\n", static_cast<long>(failed));
    return static_cast<double>(done) * 1e6 / static_cast<double>(runtime::steady_micros() - start);
}

}  // namespace bench
