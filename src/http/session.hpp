#pragma once
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <ctime>
#include <string>
#include <thread>
#include <unordered_set>

#include "src/http/server.hpp"

/// Inside the server: what its connections share. Only server.cpp and session.cpp include this.
namespace http {

namespace net = boost::asio;
using Error = boost::system::error_code;
using Clock = std::chrono::steady_clock;

// Named executors instead of any_io_executor: no virtual call on the I/O path.
using Executor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;
using Timer = net::basic_waitable_timer<Clock, net::wait_traits<Clock>, Executor>;
template <class T>
using Awaitable = net::awaitable<T, Executor>;
constexpr net::use_awaitable_t<Executor> use_awaitable;

inline auto into(Error& error) { return net::redirect_error(use_awaitable, error); }

inline Clock::duration duration_of(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{seconds});
}

/// What all connections of a server share. Everything that changes is atomic.
struct Edge {
    const Options options;
    const Handler handler;
    const ProblemOf problem_of;
    std::atomic<std::size_t> connections = 0;
    std::atomic<std::size_t> in_flight = 0;
    std::atomic<bool> draining = false;

    const Limits& limits() const { return options.limits; }
};

/// What the server does to a connection from outside. On the thread of its loop only.
class Connection {
public:
    /// Ends the wait for a client that is too slow.
    virtual void check(Clock::time_point now) = 0;
    /// Closes the connection if no request has begun.
    virtual void close_if_idle() = 0;
    /// Closes the connection whatever it does.
    virtual void cut() = 0;

protected:
    ~Connection() = default;
};

/// One I/O thread with its connections. A connection never leaves its loop: nothing here locks.
struct Loop {
    net::io_context context{1};
    Timer sweep{context};  // one timer for the deadlines of all connections
    std::unordered_set<Connection*> open;
    std::thread thread;
    bool stopping = false;
    std::time_t date_second = 0;
    std::string date;

    /// The value of a Date header; made once a second.
    const std::string& date_now();
};

std::string make_request_id();

/// One connection, from its first byte to its last. On the thread of the loop.
Awaitable<void> serve(Edge& edge, Loop& loop, Socket socket);

}  // namespace http
