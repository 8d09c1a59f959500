#include "src/http/web_socket.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket.hpp>

#include "src/http/signal.hpp"

namespace http {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

constexpr std::size_t message_bytes = 64 * 1024;
/// What clients say are grants of credit.
constexpr std::size_t heard_bytes_max = 4 * 1024;
constexpr std::chrono::seconds handshake_seconds{5};
/// After a silence of half of this the client is pinged.
constexpr std::chrono::seconds silence_seconds{40};

class WebSocket final : public Connection {
public:
    WebSocket(Edge& edge, Loop& loop, Socket socket, std::shared_ptr<Stream> stream)
        : edge_{edge}, loop_{loop}, socket_{std::move(socket)}, stream_{std::move(stream)} {
        loop_.open.insert(this);
    }
    ~WebSocket() { loop_.open.erase(this); }

    Awaitable<void> run(const Request& request);
    void check(Clock::time_point now) override;
    void close_if_idle() override { signal_->raise(); }
    void cut() override;

private:
    Awaitable<bool> accept(const Request& request);
    Awaitable<void> listen();
    Awaitable<void> pour();
    Awaitable<bool> say(const Stream::Taken& taken);
    Awaitable<void> close(websocket::close_code code, std::string_view reason);

    Edge& edge_;
    Loop& loop_;
    websocket::stream<Socket> socket_;
    std::shared_ptr<Stream> stream_;
    std::shared_ptr<Signal> signal_ = std::make_shared<Signal>(loop_);
    std::shared_ptr<Signal> listened_ = std::make_shared<Signal>(loop_.context.get_executor());
    Clock::time_point deadline_ = Clock::time_point::max();
    bool waiting_ = false;
    bool left_ = false;
    bool nonsense_ = false;
};

void WebSocket::check(Clock::time_point now) {
    if (now < deadline_) return;
    if (waiting_) signal_->raise();
    else cut();
}

void WebSocket::cut() {
    left_ = true;
    Error ignored;
    beast::get_lowest_layer(socket_).close(ignored);
    signal_->raise();
}

Awaitable<bool> WebSocket::accept(const Request& request) {
    beast::http::request<beast::http::string_body> handshake;
    handshake.method(beast::http::verb::get);
    handshake.target(request.target);
    for (const auto& [name, value] : request.headers) handshake.insert(name, value);
    socket_.set_option(websocket::stream_base::timeout{handshake_seconds, silence_seconds, true});
    socket_.read_message_max(heard_bytes_max);
    socket_.auto_fragment(false);
    Error error;
    co_await socket_.async_accept(handshake, into(error));
    co_return !error;
}

Awaitable<void> WebSocket::listen() {
    beast::flat_buffer heard;
    while (!left_) {
        Error error;
        co_await socket_.async_read(heard, into(error));
        if (error) break;
        const std::string_view message{static_cast<const char*>(heard.cdata().data()),
                                       heard.size()};
        if (!socket_.got_text() || !stream_->hear(message)) {
            nonsense_ = true;
            break;
        }
        heard.clear();
        signal_->raise();
    }
    left_ = true;
    signal_->raise();
    listened_->raise();
}

Awaitable<bool> WebSocket::say(const Stream::Taken& taken) {
    for (const auto& part : taken.parts) {
        Error error;
        deadline_ = Clock::now() + duration_of(edge_.limits().write_seconds);
        co_await socket_.async_write(asio::buffer(part.view), into(error));
        if (error || left_) co_return false;
    }
    co_return true;
}

Awaitable<void> WebSocket::pour() {
    while (!left_) {
        if (edge_.draining) stream_->stop("shutting-down");
        const auto taken = stream_->take(message_bytes);
        const auto begun = Clock::now();
        const bool said = co_await say(taken);
        if (!said) break;
        if (taken.ended) co_return co_await close(websocket::close_code::try_again_later, "cut");
        const bool slow = Clock::now() - begun > duration_of(edge_.limits().stream_slow_seconds);
        if (slow) stream_->stop("too-slow");
        if (slow || (!taken.parts.empty() && !taken.all)) signal_->raise();
        deadline_ = Clock::now() + duration_of(edge_.limits().stream_tick_seconds);
        waiting_ = true;
        co_await signal_->wait();
        waiting_ = false;
    }
    if (nonsense_) co_await close(websocket::close_code::policy_error, "not understood");
}

Awaitable<void> WebSocket::close(websocket::close_code code, std::string_view reason) {
    Error ignored;
    deadline_ = Clock::now() + duration_of(edge_.limits().write_seconds);
    co_await socket_.async_close({code, reason}, into(ignored));
}

Awaitable<void> WebSocket::run(const Request& request) {
    deadline_ = Clock::now() + handshake_seconds;
    const bool accepted = co_await accept(request);
    if (!accepted) co_return;
    socket_.text(true);
    stream_->start([signal = signal_] { signal->raise(); });
    asio::co_spawn(loop_.context, listen(), [](const std::exception_ptr&) {});
    co_await pour();
    // The reader uses this object: it ends first.
    cut();
    co_await listened_->wait();
}

}  // namespace

Awaitable<void> serve_web_socket(Edge& edge, Loop& loop, Socket socket, const Request& request,
                                 std::shared_ptr<Stream> stream) {
    WebSocket session{edge, loop, std::move(socket), std::move(stream)};
    co_await session.run(request);
}

}  // namespace http
