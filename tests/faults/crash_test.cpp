// kill -9 at random instants, under load: what was acknowledged is there once, what was not
// answered is resolved by repeating its key, and the read models equal a clean replay.
// CAIRN_FAULT_ROUNDS says how often (4 by default; 100 in the whole programme), CAIRN_FAULT_SEED
// repeats a run.
#include "src/postgres/cluster.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/projection_batch.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <mutex>
#include <pqxx/pqxx>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace crash_test {
namespace {

namespace fs = std::filesystem;
using support::HttpClient;
using support::member;

constexpr int clients_count = 4;
constexpr unsigned short port = 18'431, admin_port = 18'432, projector_admin_port = 18'433;
constexpr int answer_seconds_max = 90;

int number_from_environment(const char* name, int fallback) {
    const char* text = std::getenv(name);
    return text == nullptr ? fallback : std::atoi(text);
}

/// The programs under test, each its own process.
class System {
public:
    explicit System(fs::path directory) : directory_{std::move(directory)} {
        fs::create_directories(directory_);
    }
    ~System() { stop(); }

    void start_server() {
        server_ = spawn({CAIRN_BINARY, "dev", "--data-dir", directory_.string(), "--port",
                         std::to_string(port), "--seed", "none"},
                        {{"CAIRN_HTTP__ADMIN_LISTEN", "127.0.0.1:" + std::to_string(admin_port)}});
    }
    void start_projector() {
        projector_ = spawn(
            {CAIRN_BINARY, "serve", "--roles", "projector", "--data-dir", directory_.string()},
            {{"CAIRN_HTTP__LISTEN", "127.0.0.1:0"},
             {"CAIRN_HTTP__ADMIN_LISTEN", "127.0.0.1:" + std::to_string(projector_admin_port)}});
    }
    bool wait_ready() {
        for (int i = 0; i < 600; ++i) {
            HttpClient admin{admin_port};
            if (admin.send("GET", "/readyz", {}, "").status == 200) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        }
        return false;
    }
    void kill_server() { kill_process(server_); }
    void kill_projector() { kill_process(projector_); }
    bool projector_runs() { return alive(projector_); }
    bool server_runs() { return alive(server_); }

    /// One backend of the cluster dies: PostgreSQL ends all others and recovers.
    void kill_backend(std::mt19937& random) {
        const auto pids = cluster_pids();
        if (pids.size() > 1) ::kill(pids[1 + random() % (pids.size() - 1)], SIGKILL);
    }
    /// The whole cluster dies at once; a server that lives on starts it again.
    void kill_cluster() {
        for (const auto pid : cluster_pids()) ::kill(pid, SIGKILL);
    }
    void stop() {
        for (auto* child : {&projector_, &server_}) {
            if (*child <= 0) continue;
            ::kill(*child, SIGTERM);
            ::waitpid(*child, nullptr, 0);
            *child = -1;
        }
    }
    const fs::path& directory() const { return directory_; }

private:
    using Variables = std::vector<std::pair<std::string, std::string>>;

    pid_t spawn(const std::vector<std::string>& arguments, const Variables& variables) {
        const auto log = directory_ / "out.log";
        const pid_t child = ::fork();
        if (child != 0) return child;
        const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
        for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
        std::vector<char*> argv;
        for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
        argv.push_back(nullptr);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    static void kill_process(pid_t& child) {
        if (child <= 0) return;
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        child = -1;
    }
    static bool alive(pid_t& child) {
        if (child <= 0) return false;
        if (::waitpid(child, nullptr, WNOHANG) == child) child = -1;
        return child > 0;
    }
    /// The postmaster, then its children.
    std::vector<pid_t> cluster_pids() const {
        std::ifstream file{directory_ / "pg" / "postmaster.pid"};
        pid_t postmaster = 0;
        if (!(file >> postmaster)) return {};
        std::vector<pid_t> pids{postmaster};
        for (const auto& entry : fs::directory_iterator("/proc")) {
            const auto name = entry.path().filename().string();
            if (name.find_first_not_of("0123456789") != std::string::npos) continue;
            std::ifstream stat{entry.path() / "stat"};
            std::string text;
            std::getline(stat, text);
            const auto after = text.rfind(')');
            if (after == std::string::npos) continue;
            if (std::atoi(text.c_str() + after + 4) == postmaster) pids.push_back(std::stoi(name));
        }
        return pids;
    }

    fs::path directory_;
    pid_t server_ = -1, projector_ = -1;
};

/// What one client was told.
struct Ledger {
    std::mutex mutex;
    std::map<std::string, std::string> event_of_key;  ///< acknowledged commands
    std::atomic<int> repeats{0}, replays{0}, given_up{0};
};

/// Sends until there is an answer that decides, always with the same key.
support::Response send_until_answered(const std::string& path, const support::Headers& headers,
                                      const std::string& body, Ledger& ledger) {
    const auto give_up = runtime::steady_micros() + answer_seconds_max * 1'000'000LL;
    HttpClient client{port};
    while (runtime::steady_micros() < give_up) {
        const auto answer = client.send("POST", path, headers, body);
        if (answer.status >= 200 && answer.status < 500) {
            ledger.replays += answer.header("idempotent-replayed") == "true";
            return answer;
        }
        ++ledger.repeats;
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    ++ledger.given_up;
    return {};
}

void run_client(const support::Tenant& tenant, std::atomic<bool>& stop, Ledger& ledger,
                unsigned seed) {
    std::mt19937 random{seed};
    std::string goal;
    int check_ins = 0;
    while (!stop) {
        const auto key = domain::to_text(runtime::uuid_v7());
        const auto headers = support::write_headers(tenant, key);
        if (goal.empty() || check_ins > 40) {
            const auto made =
                send_until_answered("/v1/goals", headers, support::goal_body(), ledger);
            if (made.status != 201) continue;
            goal = "/v1/goals/" + member(made.body, "id");
            check_ins = 0;
            const std::lock_guard lock{ledger.mutex};
            ledger.event_of_key[key] = member(made.body.substr(made.body.find("events")), "id");
            continue;
        }
        const auto path = goal + (check_ins++ == 0 ? "/activate" : "/check-ins");
        const std::string body = check_ins == 1 ? "{}" : R"({"value":"150","notes":"busy"})";
        const auto answer = send_until_answered(path, headers, body, ledger);
        if (answer.status == 200 || answer.status == 201) {
            const std::lock_guard lock{ledger.mutex};
            ledger.event_of_key[key] = member(answer.body.substr(answer.body.find("events")), "id");
        }
        std::this_thread::sleep_for(std::chrono::microseconds{random() % 4000});
    }
}

/// Everything the read models hold, but for when they were written.
std::string read_models(pqxx::connection& admin) {
    pqxx::nontransaction tx{admin};
    std::string all;
    for (const auto& projection : projections::catalog()) {
        for (const auto table : projection.tables)
            all += std::string{table} + " " +
                   tx.exec(
                         "select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' "
                         "order by t::text)), '') from " +
                         std::string{table} + " t")
                       .one_field()
                       .as<std::string>() +
                   "\n";
    }
    return all;
}

void catch_up(const postgres::Database& database) {
    auto connection = postgres::connect(database, postgres::As::projector);
    for (int lane = 0; lane < 4; ++lane) {
        for (const auto& projection : projections::catalog()) {
            for (int i = 0; i < 100'000; ++i) {
                const auto ran =
                    runtime::run_batch(*connection, projection, lane, 500, {"replay", 1});
                if (ran.ran == runtime::Ran::idle) break;
                ASSERT_NE(ran.ran, runtime::Ran::paused);
                if (ran.ran == runtime::Ran::held)
                    std::this_thread::sleep_for(std::chrono::milliseconds{200});
            }
        }
    }
}

void verify(const fs::path& directory, const Ledger& ledger) {
    auto cluster = postgres::Cluster::start({directory, true});
    ASSERT_TRUE(cluster) << cluster.error().detail;
    pqxx::connection admin{(*cluster)->admin_database().url};
    {
        pqxx::nontransaction tx{admin};
        tx.exec("create index event_by_id on log.event (id)");
        int lost = 0, doubled = 0;
        for (const auto& [key, event] : ledger.event_of_key) {
            const auto count =
                tx.exec("select count(*) from log.event where id = $1", pqxx::params{event})
                    .one_field()
                    .as<int>();
            lost += count == 0;
            doubled += count > 1;
        }
        EXPECT_EQ(lost, 0);
        EXPECT_EQ(doubled, 0);
        EXPECT_EQ(tx.exec("select count(*) from (select command from log.event where category = "
                          "'goal' group by command, type having count(*) > 1) twice")
                      .one_field()
                      .as<int>(),
                  0);
        EXPECT_TRUE(tx.exec("select bool_and(h.position = e.n and h.position = e.top) "
                            "from log.lane_head h join (select lane, count(*) n, max(position) top "
                            "from log.event group by lane) e using (lane)")
                        .one_field()
                        .as<bool>());
        EXPECT_EQ(tx.exec("select count(*) from (select version - row_number() over (partition by "
                          "tenant, category, stream order by version) as d from log.event) v "
                          "where d <> 0")
                      .one_field()
                      .as<int>(),
                  0);
    }
    catch_up((*cluster)->database());
    const auto live = read_models(admin);
    {
        pqxx::work tx{admin};
        for (const auto& projection : projections::catalog())
            for (const auto table : projection.tables) tx.exec("truncate " + std::string{table});
        tx.exec("update projection.checkpoint set position = 0");
        tx.commit();
    }
    catch_up((*cluster)->database());
    EXPECT_EQ(live, read_models(admin));
    EXPECT_GT(live.size(), 100u);
}

TEST(Crash, NothingAcknowledgedIsLostAndNothingHappensTwice) {
    const int rounds = number_from_environment("CAIRN_FAULT_ROUNDS", 5);
    const auto seed = static_cast<unsigned>(number_from_environment(
        "CAIRN_FAULT_SEED", static_cast<int>(runtime::steady_micros() % 1'000'000)));
    std::printf("seed %u, %d rounds\n", seed, rounds);
    std::mt19937 random{seed};
    System system{support::directory() / "crash"};
    system.start_server();
    ASSERT_TRUE(system.wait_ready());
    system.start_projector();
    HttpClient first{port};
    const auto tenant = support::register_tenant(first);
    ASSERT_FALSE(tenant.token.empty());
    Ledger ledger;
    std::atomic<bool> stop{false};
    std::vector<std::thread> clients;
    for (int c = 0; c < clients_count; ++c)
        clients.emplace_back(
            [&, c] { run_client(tenant, stop, ledger, seed + static_cast<unsigned>(c)); });
    for (int round = 0; round < rounds; ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds{200 + random() % 1500});
        switch (round % 5) {
            case 0: system.kill_server(); break;
            case 1: system.kill_projector(); break;
            case 2: system.kill_backend(random); break;
            case 3: system.kill_cluster(); break;
            case 4:
                system.kill_cluster();
                system.kill_server();
                break;
        }
        if (!system.server_runs()) system.start_server();
        EXPECT_TRUE(system.wait_ready()) << "round " << round;
        if (!system.projector_runs()) system.start_projector();
        if ((round + 1) % 10 == 0)
            std::printf("round %d: %zu acknowledged, %d repeats, %d replays\n", round + 1,
                        ledger.event_of_key.size(), ledger.repeats.load(), ledger.replays.load());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    stop = true;
    for (auto& client : clients) client.join();
    system.stop();
    std::printf("%d rounds: %zu commands acknowledged, %d repeats, %d found done already\n", rounds,
                ledger.event_of_key.size(), ledger.repeats.load(), ledger.replays.load());
    EXPECT_EQ(ledger.given_up, 0);
    EXPECT_GT(ledger.event_of_key.size(), static_cast<std::size_t>(rounds) * 10);
    verify(system.directory(), ledger);
}

}  // namespace
}  // namespace crash_test
