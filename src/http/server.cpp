#include "src/http/server.hpp"

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <vector>

#include "src/http/framing.hpp"
#include "src/http/session.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/thread_name.hpp"
#include "src/runtime/uuid.hpp"

namespace http {
namespace {

using asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

constexpr std::chrono::milliseconds sweep_interval{50};
/// After a failed accept: out of files or memory, until a connection ends.
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::size_t turned_away_read_bytes = 4 * 1024;

/// Whatever a coroutine throws ends here, and ends only that coroutine.
void log_failure(std::string_view where, const std::exception_ptr& failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& known) {
        runtime::log::error("http server failure",
                            {{"where", std::string{where}}, {"what", known.what()}});
    } catch (...) {
        runtime::log::error("http server failure", {{"where", std::string{where}}});
    }
}

std::vector<std::unique_ptr<Loop>> make_loops(const Options& options) {
    std::vector<std::unique_ptr<Loop>> loops;
    for (int i = 0; i < std::max(options.threads, 1); ++i)
        loops.push_back(std::make_unique<Loop>(options.limits));
    return loops;
}

/// Looks for slow clients until the loop ends.
Awaitable<void> sweep(Loop& loop) {
    Error ignored;
    while (!loop.stopping) {
        loop.sweep.expires_after(sweep_interval);
        co_await loop.sweep.async_wait(into(ignored));
        const auto now = Clock::now();
        for (Connection* connection : loop.open) connection->check(now);
    }
}

}  // namespace

std::string make_request_id() { return "req_" + domain::to_text(runtime::uuid_v7()); }

const std::string& Loop::date_now() {
    const std::time_t second = std::time(nullptr);
    if (second == date_second) return date;
    std::tm parts{};
    gmtime_r(&second, &parts);
    char text[32];
    const auto bytes = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    date.assign(text, bytes);
    date_second = second;
    return date;
}

class Server::Core {
public:
    Core(Options options, Handler handler, ProblemOf problem_of);
    ~Core() { drain(0); }

    unsigned short port() const { return port_; }
    void start();
    void drain(double seconds);

    Edge edge;

private:
    void listen();
    Awaitable<void> accept_connections();
    void admit(Socket socket, Loop& loop);
    void turn_away(Socket& socket);
    void connection_ended();
    void on_every_loop(void (*work)(Loop&));

    std::vector<std::unique_ptr<Loop>> loops_;
    Acceptor acceptor_;
    Timer accept_again_;
    unsigned short port_ = 0;
    std::mutex mutex_;
    std::condition_variable all_ended_;
};

Server::Core::Core(Options options, Handler handler, ProblemOf problem_of)
    : edge{std::move(options), std::move(handler), std::move(problem_of)},
      loops_{make_loops(edge.options)},
      acceptor_{loops_.front()->context},
      accept_again_{loops_.front()->context} {
    listen();
}

void Server::Core::listen() {
    const tcp::endpoint endpoint{asio::ip::make_address(edge.options.address), edge.options.port};
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(Acceptor::reuse_address{true});
    acceptor_.bind(endpoint);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
}

void Server::Core::start() {
    const auto failed = [](std::string_view where) {
        return [where](const std::exception_ptr& failure) { log_failure(where, failure); };
    };
    asio::co_spawn(loops_.front()->context, accept_connections(), failed("accept"));
    for (const auto& loop : loops_) {
        asio::co_spawn(loop->context, sweep(*loop), failed("sweep"));
        loop->thread = std::thread{[&context = loop->context] {
            runtime::name_thread("cairn-http");
            context.run();
        }};
    }
}

/// One loop accepts and deals the sockets out in turn: with few connections the kernel's own
/// balancing between listeners leaves threads without work.
Awaitable<void> Server::Core::accept_connections() {
    std::size_t turn = 0;
    while (!edge.draining) {
        Loop& loop = *loops_[turn++ % loops_.size()];
        Socket socket{loop.context};
        Error error;
        co_await acceptor_.async_accept(socket, into(error));
        if (edge.draining || error == asio::error::operation_aborted) break;
        if (!error) {
            admit(std::move(socket), loop);
            continue;
        }
        runtime::log::warn("http accept failed", {{"what", error.message()}});
        accept_again_.expires_after(accept_pause);
        co_await accept_again_.async_wait(into(error));
    }
}

/// Whatever fails here costs one connection, never the accept loop.
void Server::Core::admit(Socket socket, Loop& loop) {
    const bool full = ++edge.connections > edge.limits().connections_max;
    try {
        if (!full) {
            return asio::co_spawn(loop.context, serve(edge, loop, std::move(socket)),
                                  [this](const std::exception_ptr& failure) {
                                      log_failure("connection", failure);
                                      connection_ended();
                                  });
        }
        turn_away(socket);
    } catch (...) {
        log_failure("accept", std::current_exception());
    }
    connection_ended();
}

/// Tries to say why, without waiting: an overloaded server owes no more. Reading first keeps the
/// close from resetting the connection before the client has read the answer.
void Server::Core::turn_away(Socket& socket) {
    Error ignored;
    socket.non_blocking(true, ignored);
    char unread[turned_away_read_bytes];
    socket.read_some(asio::buffer(unread), ignored);
    const auto id = make_request_id();
    const auto reply = edge.problem_of(503, "overloaded", "There are too many connections.", id);
    std::string text;
    append_head(text, reply, {id, loops_.front()->date_now(), false});
    text += reply.body;
    socket.write_some(asio::buffer(text), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void Server::Core::connection_ended() {
    // Under the lock, or the last one could end between the check and the wait of drain().
    const std::scoped_lock lock{mutex_};
    if (--edge.connections == 0) all_ended_.notify_all();
}

void Server::Core::on_every_loop(void (*work)(Loop&)) {
    for (const auto& loop : loops_) asio::post(loop->context, [work, &loop] { work(*loop); });
}

void Server::Core::drain(double seconds) {
    edge.draining = true;
    const auto stop_listening = [this] {
        Error ignored;
        acceptor_.close(ignored);
        accept_again_.cancel();
    };
    if (!loops_.front()->thread.joinable()) return stop_listening();
    asio::post(loops_.front()->context, stop_listening);
    on_every_loop([](Loop& loop) {
        for (Connection* connection : loop.open) connection->close_if_idle();
    });

    std::unique_lock lock{mutex_};
    all_ended_.wait_for(lock, duration_of(seconds), [&] { return edge.connections == 0; });
    lock.unlock();
    on_every_loop([](Loop& loop) {
        loop.stopping = true;
        loop.sweep.cancel();
        for (Connection* connection : loop.open) connection->cut();
    });
    // A loop runs until its last coroutine has ended, so nothing outlives the threads.
    for (const auto& loop : loops_) loop->thread.join();
}

Server::Server(Options options, Handler handler, ProblemOf problem_of)
    : core_{std::make_unique<Core>(std::move(options), std::move(handler), std::move(problem_of))} {
}

Server::~Server() = default;

unsigned short Server::port() const { return core_->port(); }
void Server::start() { core_->start(); }
void Server::drain(double seconds) { core_->drain(seconds); }
std::size_t Server::connections() const { return core_->edge.connections; }
std::size_t Server::in_flight() const { return core_->edge.in_flight; }

}  // namespace http
