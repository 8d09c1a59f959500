#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "src/http/message.hpp"

/// The HTTP/1.1 edge: sockets in, checked requests out. TLS ends in front of it.
namespace http {

/// Everything a client may use up. Each answer is named; the connection closes after it.
struct Limits {
    std::size_t target_bytes_max = 4 * 1024;        // 414
    std::size_t header_bytes_max = 8 * 1024;        // 431; request line and all headers
    std::size_t header_count_max = 64;              // 431
    std::size_t header_value_bytes_max = 4 * 1024;  // 431
    std::size_t body_bytes_max = 1024 * 1024;       // 413
    std::size_t connections_max = 2048;             // 503
    std::size_t requests_per_connection_max = 100'000;

    double header_seconds = 5;       // from the first byte to the whole header: 408
    double body_seconds = 15;        // for the whole body: 408
    double write_seconds = 15;       // for a client to take one answer: closed
    double idle_seconds = 30;        // between requests: closed
    double stream_tick_seconds = 1;  // between two looks at a stream that has nothing to say
    double stream_slow_seconds = 5;  // for one piece of a stream: told to come back, and cut
    double stream_share = 0.5;       // of an I/O thread's time, for streams that events wake
    double linger_seconds = 2;  // for a refused client to read why: unread bytes would reset it

    std::size_t body_bytes_per_second_min = 4 * 1024;  // 408, once the grace is over
    double body_grace_seconds = 2;
};

/// Where to listen, with how many I/O threads. Port 0 takes a free one.
struct Options {
    std::string address = "127.0.0.1";
    unsigned short port = 8080;
    int threads = 1;
    Limits limits;
    /// Whose bodies come in pieces: they may be of any length, and the handler is called before
    /// they are there. Sees everything but the body.
    std::function<bool(const Request&)> in_pieces = [](const Request&) { return false; };
};

/// Renders a refusal of the edge itself; called on I/O threads, must not block or throw.
using ProblemOf = std::function<Reply(int status, std::string_view code, std::string_view detail,
                                      const std::string& request_id)>;

/// One listening address. Create a second one for the admin listener.
class Server {
public:
    /// Binds and listens; throws std::exception when the address is wrong or taken.
    Server(Options options, Handler handler, ProblemOf problem_of);
    /// Cuts what is still open, as `drain(0)` does.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// The port that is listened on, also when a free one was asked for. Any thread.
    unsigned short port() const;

    /// Starts the I/O threads and returns. Call once.
    void start();

    /// Stops accepting, closes idle connections, lets requests in flight finish for at most this
    /// long, cuts the rest and stops the threads. Answers after that are dropped. Not on an I/O
    /// thread; again is harmless.
    void drain(double seconds);

    /// Connections open now. Any thread.
    std::size_t connections() const;
    /// Requests given to the handler and not yet answered. Any thread.
    std::size_t in_flight() const;

private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace http
