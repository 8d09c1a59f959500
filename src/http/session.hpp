#pragma once
#include <atomic>
#include <ctime>
#include <string>
#include <thread>
#include <unordered_set>

#include "src/http/asio.hpp"
#include "src/http/server.hpp"
#include "src/http/turns.hpp"

/// Inside the server: what its connections share.
namespace http {

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
    explicit Loop(const Limits& limits) : turns{context, {.share = limits.stream_share}} {}

    asio::io_context context{1};
    Timer sweep{context};  // one timer for the deadlines of all connections
    Turns turns;           // of the streams that other threads wake
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
