// Everything is rebuilt, switched and switched back while clients write and read: no request fails
// or waits long, and nothing is compared that differs.
#include "src/runtime/beside.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/together.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fcntl.h>
#include <pqxx/pqxx>
#include <thread>
#include <unistd.h>

namespace http_rebuild_test {
namespace {

using support::HttpClient;

constexpr std::int64_t wait_micros_max = 100'000;
constexpr std::size_t switches_max = 6;

/// How many switches have begun and how many are over.
std::atomic<int> begun{0}, over{0};

double milliseconds(std::int64_t micros) { return static_cast<double>(micros) / 1000; }

void keep_largest(std::atomic<std::int64_t>& largest, std::int64_t value) {
    auto before = largest.load();
    while (value > before && !largest.compare_exchange_weak(before, value)) {}
}

/// The slowest of what overlapped each switch.
class Slowest {
public:
    /// `over_before` of them were over when it began; it ends now.
    void keep(int over_before, std::int64_t micros) {
        for (int i = over_before; i < begun; ++i)
            keep_largest(micros_[static_cast<std::size_t>(i)], micros);
    }
    std::int64_t in(std::size_t one) const { return micros_[one]; }

private:
    std::array<std::atomic<std::int64_t>, switches_max> micros_{};
};

/// What clients met, from all of their threads.
struct Met {
    std::atomic<int> requests{0}, failed{0};
    std::atomic<std::int64_t> slowest_micros{0};
    Slowest in_switch;
    std::mutex mutex;
    std::string first_failure;

    void count(const support::Response& response, int over_before, std::int64_t micros,
               const std::string& what) {
        ++requests;
        keep_largest(slowest_micros, micros);
        in_switch.keep(over_before, micros);
        if (response.status >= 200 && response.status < 300) return;
        if (failed++ > 0) return;
        const std::lock_guard lock{mutex};
        first_failure = what + " " + std::to_string(response.status) + " " + response.body;
    }
};

void timed(HttpClient& client, Met& met, const std::string& method, const std::string& path,
           const support::Headers& headers, const std::string& body) {
    const int over_before = over;
    const auto started = runtime::steady_micros();
    const auto response = client.send(method, path, headers, body);
    met.count(response, over_before, runtime::steady_micros() - started, method + " " + path);
}

void write_goals(const support::Tenant& tenant, std::atomic<bool>& stop, Met& met) {
    HttpClient client{support::app().port()};
    for (int i = 0; !stop; ++i) {
        auto headers = support::write_headers(tenant);
        timed(client, met, "POST", "/v1/goals", headers, support::goal_body());
        const auto at = "2026-01-" + std::to_string(10 + i % 20) + "T12:00:00Z";
        headers = support::write_headers(tenant);
        timed(client, met, "POST", "/v1/metrics/points", headers,
              R"({"series":[{"metric":"walk_ins","points":[[")" + at + R"(",")" +
                  std::to_string(i) + R"("]]}]})");
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
}

void read_boards(const support::Tenant& tenant, std::atomic<bool>& stop, Met& met) {
    HttpClient client{support::app().port()};
    const auto headers = support::read_headers(tenant);
    while (!stop) {
        timed(client, met, "GET", "/v1/goals?limit=5", headers, "");
        timed(client, met, "GET", "/v1/metrics/walk_ins/series?from=2026-01-10&to=2026-01-31",
              headers, "");
        timed(client, met, "GET", "/v1/tenant", headers, "");
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

/// What this machine makes anybody wait while a switch goes on, whatever it locks: some questions
/// to PostgreSQL, and a page that its disk has to keep.
void look_at_machine(std::atomic<bool>& stop, Slowest& slowest) {
    const auto connection = postgres::connect(support::database(), postgres::As::reader);
    const auto path = support::directory() / "machine";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    ASSERT_GE(file, 0);
    const std::array<char, 8192> page{};
    while (!stop) {
        const int over_before = over;
        const auto started = runtime::steady_micros();
        pqxx::nontransaction tx{*connection};
        for (int i = 0; i < 5; ++i) tx.exec("select 1").one_row();
        EXPECT_EQ(::pwrite(file, page.data(), page.size(), 0), 8192);
        EXPECT_EQ(::fdatasync(file), 0);
        slowest.keep(over_before, runtime::steady_micros() - started);
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    ::close(file);
}

/// Counts as over also when it fails.
domain::Result<runtime::Switched> switch_over(runtime::Beside& beside) {
    ++begun;
    auto switched = beside.switch_over([](std::int64_t) { return true; });
    ++over;
    return switched;
}

bool go_on(std::int64_t) { return true; }

using Projections = std::vector<const projections::Projection*>;

void expect_same(runtime::Together& together, const Projections& all) {
    for (const auto* projection : all) {
        for (const auto& one : together.tallies(*projection)) {
            EXPECT_TRUE(one.same())
                << one.table << ": " << one.rows << " and " << one.rows_beside << " rows";
            if (one.same()) continue;
            for (const auto& found : together.differences(one.table, 3))
                ADD_FAILURE() << found.table << " " << found.key << " " << found.column << " "
                              << found.live << " | " << found.beside;
        }
    }
}

/// Folds everything beside what serves, compares and switches; the milliseconds of the switch.
std::int64_t rebuild(const Projections& all) {
    auto held = runtime::Beside::hold(support::database(), all, runtime::Place::next, {});
    if (!held) throw std::runtime_error{held.error().detail};
    auto& beside = **held;
    EXPECT_TRUE(beside.begin());
    const auto folded = beside.catch_up(go_on);
    EXPECT_TRUE(folded) << folded.error().detail;
    beside.make_indexes();
    {
        auto together = beside.together(go_on);
        if (!together) throw std::runtime_error{together.error().detail};
        expect_same(**together, all);
    }
    const auto switched = switch_over(beside);
    if (!switched) throw std::runtime_error{switched.error().detail};
    return switched->millis;
}

/// To the revision before; the milliseconds of the switch.
std::int64_t switch_back(const Projections& all) {
    auto back = runtime::Beside::hold(support::database(), all, runtime::Place::previous, {});
    if (!back) throw std::runtime_error{back.error().detail};
    EXPECT_TRUE((*back)->begin());
    const auto switched = switch_over(**back);
    if (!switched) throw std::runtime_error{switched.error().detail};
    return switched->millis;
}

/// Ends the clients before they are waited for.
struct Stop {
    std::atomic<bool>& flag;
    ~Stop() { flag = true; }
};

/// What each switch made wait, in the order of the switches.
struct Waits {
    std::vector<std::int64_t> switched, written, read, machine;  ///< microseconds

    /// A switch or a request takes several turns at processors that others use as well.
    static std::int64_t limit(std::int64_t machine) { return wait_micros_max + 4 * machine; }
    bool within(std::size_t i) const {
        return std::max({switched[i], written[i], read[i]}) < limit(machine[i]);
    }
};

TEST(RebuildUnderLoad, NoRequestFailsWhileEverythingIsRebuiltAndSwitched) {
    HttpClient client{support::app().port()};
    const auto tenant = support::register_tenant(client);
    const auto defined = client.send("POST", "/v1/metrics", support::write_headers(tenant),
                                     R"({"key":"walk_ins","name":"Walk-ins","unit":"count"})");
    ASSERT_EQ(defined.status, 201);
    auto after = support::read_headers(tenant);
    after.emplace_back("Consistency-Token", defined.header("consistency-token"));
    ASSERT_EQ(client.send("GET", "/v1/metrics/walk_ins", after, "").status, 200);
    ASSERT_EQ(client.send("GET", "/v1/tenant", after, "").status, 200);
    Projections all;
    for (const auto& projection : projections::catalog()) all.push_back(&projection);
    Met written, read;
    Slowest machine;
    Waits waits;
    std::atomic<bool> stop{false};
    const auto met = [&](std::int64_t millis) {
        // What is under way at the end of a switch is a part of it.
        std::this_thread::sleep_for(std::chrono::milliseconds{300});
        const auto i = waits.switched.size();
        waits.switched.push_back(millis * 1000);
        waits.written.push_back(written.in_switch.in(i));
        waits.read.push_back(read.in_switch.in(i));
        waits.machine.push_back(machine.in(i));
        std::printf("switch %zu in %lld ms; slowest write %.1f ms, read %.1f, machine %.1f\n",
                    i + 1, static_cast<long long>(millis), milliseconds(waits.written[i]),
                    milliseconds(waits.read[i]), milliseconds(waits.machine[i]));
        return waits.within(i);
    };
    {
        std::vector<std::jthread> clients;
        for (int i = 0; i < 2; ++i)
            clients.emplace_back([&] { write_goals(tenant, stop, written); });
        for (int i = 0; i < 2; ++i) clients.emplace_back([&] { read_boards(tenant, stop, read); });
        clients.emplace_back([&] { look_at_machine(stop, machine); });
        const Stop at_end{stop};
        // The kernel takes one thread or another away for long now and then, so that each kind of
        // switch may try again: what takes long by itself does so every time.
        EXPECT_TRUE(met(rebuild(all)) || met(rebuild(all)) || met(rebuild(all)));
        EXPECT_TRUE(met(switch_back(all)) || met(switch_back(all)) || met(switch_back(all)));
    }
    std::printf("%d writes, slowest %.1f ms; %d reads, %.1f ms\n", written.requests.load(),
                milliseconds(written.slowest_micros), read.requests.load(),
                milliseconds(read.slowest_micros));
    EXPECT_EQ(written.failed, 0) << written.first_failure;
    EXPECT_EQ(read.failed, 0) << read.first_failure;
    EXPECT_GT(written.requests, 20);
    EXPECT_GT(read.requests, 20);
    // Read-your-writes holds on the tables that serve now.
    HttpClient later{support::app().port()};
    const auto made =
        later.send("POST", "/v1/goals", support::write_headers(tenant), support::goal_body());
    ASSERT_EQ(made.status, 201);
    auto headers = support::read_headers(tenant);
    headers.emplace_back("Consistency-Token", made.header("consistency-token"));
    EXPECT_EQ(later.send("GET", made.header("location"), headers, "").status, 200);
}

}  // namespace
}  // namespace http_rebuild_test
