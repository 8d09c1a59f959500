// Everything is rebuilt, switched and switched back while clients write and read: no request fails
// or waits long, and nothing is compared that differs.
#include "src/runtime/beside.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/together.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <pqxx/pqxx>
#include <thread>
#include <unistd.h>

namespace {

using support::HttpClient;

constexpr std::int64_t wait_micros_max = 100'000;
constexpr int switches = 6;

/// How many switches have begun and how many are over.
std::atomic<int> begun{0}, over{0};

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
    /// The processor takes one thread or another away for long now and then, but not in most of
    /// the switches.
    std::int64_t median() const {
        std::vector<std::int64_t> all{micros_.begin(), micros_.end()};
        std::ranges::sort(all);
        return all[all.size() / 2];
    }

private:
    std::array<std::atomic<std::int64_t>, switches> micros_{};
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
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::tmpfile(), std::fclose};
    const std::array<char, 8192> page{};
    while (!stop) {
        const int over_before = over;
        const auto started = runtime::steady_micros();
        pqxx::nontransaction tx{*connection};
        for (int i = 0; i < 5; ++i) tx.exec("select 1").one_row();
        EXPECT_EQ(::pwrite(::fileno(file.get()), page.data(), page.size(), 0), 8192);
        EXPECT_EQ(::fdatasync(::fileno(file.get())), 0);
        slowest.keep(over_before, runtime::steady_micros() - started);
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
}

/// Counts as over also when it fails.
domain::Result<runtime::Switched> switch_over(runtime::Beside& beside) {
    ++begun;
    auto switched = beside.switch_over([](std::int64_t) { return true; });
    ++over;
    return switched;
}

bool go_on(std::int64_t) { return true; }

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
    std::vector<const projections::Projection*> all;
    for (const auto& projection : projections::catalog()) all.push_back(&projection);
    Met written, read;
    Slowest machine;
    std::atomic<bool> stop{false};
    std::vector<std::jthread> clients;
    for (int i = 0; i < 2; ++i) clients.emplace_back([&] { write_goals(tenant, stop, written); });
    for (int i = 0; i < 2; ++i) clients.emplace_back([&] { read_boards(tenant, stop, read); });
    clients.emplace_back([&] { look_at_machine(stop, machine); });
    std::vector<std::int64_t> took;
    const auto ran = [&] {
        auto held = runtime::Beside::hold(support::database(), all, runtime::Place::next, {});
        ASSERT_TRUE(held) << held.error().detail;
        auto& beside = **held;
        ASSERT_TRUE(beside.begin());
        const auto folded = beside.catch_up(go_on);
        ASSERT_TRUE(folded) << folded.error().detail;
        beside.make_indexes();
        auto together = beside.together(go_on);
        ASSERT_TRUE(together) << together.error().detail;
        for (const auto* projection : all) {
            for (const auto& one : (*together)->tallies(*projection)) {
                EXPECT_TRUE(one.same())
                    << one.table << ": " << one.rows << " and " << one.rows_beside << " rows";
                if (one.same()) continue;
                for (const auto& found : (*together)->differences(one.table, 3))
                    ADD_FAILURE() << found.table << " " << found.key << " " << found.column << " "
                                  << found.live << " | " << found.beside;
            }
        }
        together->reset();
        const auto switched = switch_over(beside);
        ASSERT_TRUE(switched) << switched.error().detail;
        took.push_back(switched->millis);
        held->reset();
        // There and back again.
        while (took.size() < switches) {
            auto back =
                runtime::Beside::hold(support::database(), all, runtime::Place::previous, {});
            ASSERT_TRUE(back);
            ASSERT_TRUE((*back)->begin());
            const auto returned = switch_over(**back);
            ASSERT_TRUE(returned) << returned.error().detail;
            took.push_back(returned->millis);
        }
    };
    ran();
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    stop = true;
    clients.clear();
    const auto millis = [](std::int64_t micros) { return static_cast<double>(micros) / 1000; };
    std::ranges::sort(took);
    const auto typical = took[took.size() / 2];
    std::printf(
        "%d writes, slowest %.1f ms, in the median switch %.1f; %d reads, %.1f and %.1f ms; a "
        "switch takes %lld ms; the machine itself %.1f ms\n",
        written.requests.load(), millis(written.slowest_micros), millis(written.in_switch.median()),
        read.requests.load(), millis(read.slowest_micros), millis(read.in_switch.median()),
        static_cast<long long>(typical), millis(machine.median()));
    // A switch or a request takes several turns at processors that others use as well.
    const auto limit_micros = wait_micros_max + 4 * machine.median();
    EXPECT_LT(typical * 1000, limit_micros);
    EXPECT_LT(written.in_switch.median(), limit_micros);
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
