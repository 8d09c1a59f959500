#include "src/postgres/cluster.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <pqxx/pqxx>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace postgres {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t socket_path_max = 80;  // of 107, leaving room for the socket's own name
constexpr int start_seconds_max = 60;

domain::Refusal failed(std::string detail) { return {cluster_failed, std::move(detail)}; }

fs::path program(const char* name) {
    for (const auto* directory : {"/usr/lib/postgresql/17/bin", "/usr/pgsql-17/bin"}) {
        if (fs::exists(fs::path{directory} / name)) return fs::path{directory} / name;
    }
    return name;
}

/// Starts `arguments` with its output in `log`; the child gets SIGINT when this process dies.
pid_t spawn(const std::vector<std::string>& arguments, const fs::path& log) {
    std::vector<char*> argv;
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const auto parent = ::getpid();
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGINT);
    if (::getppid() != parent) ::_exit(1);
    ::setpgid(0, 0);  // Ctrl-C on the terminal is for the program, which then stops us in order
    // Started again under a running server, it must not keep the server's sockets open.
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
}

bool wait_exit(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void write_settings(const fs::path& data, const fs::path& socket, bool durable,
                    const std::string& user) {
    std::ofstream conf{data / "postgresql.auto.conf", std::ios::trunc};
    conf << "listen_addresses = ''\n"
         << "unix_socket_directories = '" << socket.string() << "'\n"
         << "shared_preload_libraries = 'timescaledb,pg_cron'\n"
         << "cron.database_name = 'cairn'\ncron.use_background_workers = on\n"
         << "timescaledb.telemetry_level = off\n"
         << "max_connections = 100\nmax_worker_processes = 24\nshared_buffers = '512MB'\n"
         << "max_wal_size = '4GB'\nmin_wal_size = '512MB'\ncheckpoint_timeout = '15min'\n"
         << "wal_compression = off\njit = off\nhuge_pages = off\nmax_prepared_transactions = 0\n"
         << "log_error_verbosity = terse\nlog_min_error_statement = panic\n"
         << "log_parameter_max_length = 0\nlog_parameter_max_length_on_error = 0\n"
         << "log_statement = none\ntimezone = 'UTC'\nlog_timezone = 'UTC'\n"
         << "autovacuum_naptime = '15s'\n";
    if (!durable) conf << "fsync = off\nfull_page_writes = off\n";
    std::ofstream{data / "pg_hba.conf", std::ios::trunc} << "local all all peer map=cairn\n";
    std::ofstream ident{data / "pg_ident.conf", std::ios::trunc};
    // The user who runs the cluster and root may connect as any role; nobody else at all.
    ident << "cairn root all\n";
    if (!user.empty()) ident << "cairn " << user << " all\n";
}

std::string own_name() {
    std::ifstream passwd{"/etc/passwd"};
    const auto id = std::to_string(::geteuid());
    for (std::string line; std::getline(passwd, line);) {
        const auto name_end = line.find(':');
        const auto id_start = line.find(':', name_end + 1) + 1;
        if (line.substr(id_start, line.find(':', id_start) - id_start) == id)
            return line.substr(0, name_end);
    }
    return {};
}

domain::Result<void> initialise(const fs::path& data, const fs::path& log) {
    // initdb into a temporary name, so that a crash in the middle leaves no half cluster.
    const fs::path making = data.string() + ".making";
    std::error_code ignored;
    fs::remove_all(making, ignored);
    const auto child = spawn({program("initdb").string(), "-D", making.string(), "-U", "postgres",
                              "--auth=peer", "--encoding=UTF8", "--locale-provider=builtin",
                              "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums"},
                             log);
    if (child < 0 || !wait_exit(child))
        return std::unexpected(failed("initdb failed; see " + log.string()));
    fs::rename(making, data);
    return {};
}

bool answers(const Database& admin) {
    try {
        pqxx::connection connection{admin.url + " connect_timeout=2"};
        return true;
    } catch (const pqxx::failure&) {
        return false;
    }
}

void make_database(const fs::path& directory) {
    pqxx::connection connection{"host=" + (directory / "socket").string() +
                                " dbname=postgres user=postgres"};
    pqxx::nontransaction tx{connection};
    if (tx.exec("select 1 from pg_database where datname = 'cairn'").empty())
        tx.exec("create database cairn template template0");
}

}  // namespace

struct Cluster::Body {
    fs::path directory;
    pid_t child = -1;

    explicit Body(fs::path where) : directory{std::move(where)} {}
    ~Body() {
        if (child < 0) return;
        ::kill(child, SIGINT);
        wait_exit(child);
    }
};

Cluster::Cluster(std::unique_ptr<Body> body) : body_{std::move(body)} {}

domain::Result<std::unique_ptr<Cluster>> Cluster::start(const ClusterOptions& options) {
    if (::geteuid() == 0) return std::unexpected(failed("PostgreSQL refuses to run as root"));
    const auto directory = fs::absolute(options.directory);
    const auto socket = directory / "socket";
    const auto data = directory / "pg";
    const auto log = directory / "postgres.log";
    if (socket.string().size() > socket_path_max)
        return std::unexpected(failed("the path " + socket.string() +
                                      " is too long for a socket; use a shorter "
                                      "--data-dir"));
    fs::create_directories(socket);
    if (!fs::exists(data)) {
        if (auto made = initialise(data, log); !made) return std::unexpected(made.error());
    }
    std::string version;
    std::ifstream{data / "PG_VERSION"} >> version;
    if (version != "17")
        return std::unexpected(failed("the data in " + data.string() + " is PostgreSQL " + version +
                                      "'s; this program runs 17. Upgrade it with pg_upgrade"));
    write_settings(data, socket, options.durable, own_name());
    auto body = std::make_unique<Body>(directory);
    // A cluster that was killed a moment ago may still be stopping: its lock file goes with it.
    for (int tenths = 0; tenths < start_seconds_max * 10; ++tenths) {
        if (body->child < 0)
            body->child = spawn({program("postgres").string(), "-D", data.string()}, log);
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
        int status = 0;
        if (::waitpid(body->child, &status, WNOHANG) == body->child) {
            body->child = -1;
            continue;
        }
        if (!answers({"host=" + socket.string() + " dbname=postgres user=postgres"})) continue;
        make_database(directory);
        return std::unique_ptr<Cluster>{new Cluster{std::move(body)}};
    }
    return std::unexpected(failed("it did not answer in time; see " + log.string()));
}

Cluster::~Cluster() = default;

Database Cluster::database() const { return private_database(body_->directory); }
Database Cluster::admin_database() const { return private_admin_database(body_->directory); }
int Cluster::pid() const { return body_->child; }

bool Cluster::revive() {
    int status = 0;
    if (body_->child >= 0 && ::waitpid(body_->child, &status, WNOHANG) != body_->child)
        return false;
    body_->child = spawn({program("postgres").string(), "-D", (body_->directory / "pg").string()},
                         body_->directory / "postgres.log");
    return true;
}

Database private_database(const fs::path& directory) {
    return {"host=" + (fs::absolute(directory) / "socket").string() + " dbname=cairn"};
}

Database private_admin_database(const fs::path& directory) {
    return {private_database(directory).url + " user=postgres"};
}

}  // namespace postgres
