#include "tests/support/cluster.hpp"

#include "src/postgres/migrations.hpp"
#include "src/runtime/privileges.hpp"

#include <cstdio>
#include <cstdlib>
#include <pqxx/pqxx>
#include <unistd.h>

namespace support {
namespace {

std::filesystem::path home;
std::unique_ptr<postgres::Cluster> cluster;
postgres::Database serving, admin;

[[noreturn]] void give_up(const domain::Refusal& refusal) {
    std::fprintf(stderr, "%s: %s\n", std::string{refusal.why.title}.c_str(),
                 refusal.detail.c_str());
    std::exit(1);
}

void migrate(const postgres::Database& database) {
    auto up = postgres::migrate_up(database, [](const std::string&) {});
    if (!up) give_up(up.error());
}

}  // namespace

const postgres::Database& database() { return serving; }
const postgres::Database& admin_database() { return admin; }
const std::filesystem::path& directory() { return home; }
int cluster_pid() { return cluster->pid(); }

void start_cluster(bool durable) {
    home = std::filesystem::path{"/tmp"} / ("cairn-test-" + std::to_string(::getpid()));
    const std::filesystem::path directories[]{home};
    std::filesystem::create_directories(home);
    if (auto given = runtime::give_up_root(directories); !given) give_up(given.error());
    auto started = postgres::Cluster::start({home, durable});
    if (!started) give_up(started.error());
    cluster = *std::move(started);
    serving = cluster->database();
    admin = cluster->admin_database();
    migrate(admin);
}

void stop_cluster() {
    cluster.reset();
    std::error_code ignored;
    std::filesystem::remove_all(home, ignored);
}

postgres::Database fresh_database(const std::string& name) {
    {
        pqxx::connection connection{"host=" + (home / "socket").string() +
                                    " dbname=postgres user=postgres"};
        pqxx::nontransaction tx{connection};
        tx.exec("drop database if exists " + name + " with (force)");
        tx.exec("create database " + name + " template template0");
    }
    const postgres::Database made{"host=" + (home / "socket").string() + " dbname=" + name};
    migrate(admin_of(made));
    return made;
}

postgres::Database admin_of(const postgres::Database& database) {
    return {database.url + " user=postgres"};
}

}  // namespace support
