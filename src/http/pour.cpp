#include "src/http/pour.hpp"

#include <array>

#include "src/http/framing.hpp"
#include "src/http/signal.hpp"
#include "src/http/write.hpp"

namespace http {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr std::size_t unread_bytes_max = 64 * 1024;

class Pouring final : public Connection {
public:
    Pouring(Edge& edge, Loop& loop, Socket& socket, Stream& stream, bool chunked)
        : edge_{edge}, loop_{loop}, socket_{socket}, stream_{stream}, chunked_{chunked} {
        loop_.open.insert(this);
    }
    ~Pouring() { loop_.open.erase(this); }
    Pouring(const Pouring&) = delete;
    Pouring& operator=(const Pouring&) = delete;

    Awaitable<void> run();
    void check(Clock::time_point now) override;
    void close_if_idle() override { signal_->raise(); }
    void cut() override;

private:
    void frame(const Stream::Taken& taken);
    Awaitable<bool> finish_piece();
    void await_client();
    bool client_left();

    Edge& edge_;
    Loop& loop_;
    Socket& socket_;
    Stream& stream_;
    const bool chunked_;
    std::shared_ptr<Signal> signal_ = std::make_shared<Signal>(loop_);
    std::shared_ptr<bool> heard_;  // whether its client sent something or left
    std::string size_;             // the line before a chunk, kept for its memory
    std::vector<asio::const_buffer> piece_;
    std::size_t unread_bytes_ = 0;
    Clock::time_point deadline_ = Clock::time_point::max();
    bool waiting_ = false;
    bool cut_ = false;
};

void Pouring::check(Clock::time_point now) {
    if (now < deadline_) return;
    Error ignored;
    if (waiting_) signal_->raise();
    else socket_.cancel(ignored);
}

void Pouring::cut() {
    cut_ = true;
    Error ignored;
    socket_.close(ignored);
    signal_->raise();
}

Awaitable<void> Pouring::run() {
    stream_.start([signal = signal_] { signal->raise(); });
    await_client();
    while (!cut_ && !client_left()) {
        if (edge_.draining) stream_.stop("shutting-down");
        const auto taken = stream_.take(piece_bytes);
        frame(taken);
        bool written = piece_.empty() || write_some(socket_, piece_);
        if (written && asio::buffer_size(piece_) > 0) written = co_await finish_piece();
        if (!written || taken.ended) break;
        // What is left over has a turn of its own, behind those of others.
        if (!taken.parts.empty() && !taken.all) signal_->raise();
        deadline_ = Clock::now() + duration_of(edge_.limits().stream_tick_seconds);
        waiting_ = true;
        co_await signal_->wait();
        waiting_ = false;
    }
}

/// One chunk for all parts, and the last one behind them unless the client must notice a break.
void Pouring::frame(const Stream::Taken& taken) {
    constexpr std::string_view last = "0\r\n\r\n";
    std::size_t bytes = 0;
    for (const auto& part : taken.parts) bytes += part.view.size();
    piece_.clear();
    size_.clear();
    if (chunked_ && bytes > 0) append_chunk_size(size_, bytes);
    if (!size_.empty()) piece_.push_back(asio::buffer(std::as_const(size_)));
    for (const auto& part : taken.parts) piece_.push_back(asio::buffer(part.view));
    if (chunked_ && bytes > 0) piece_.push_back(asio::buffer(last.substr(3)));
    if (chunked_ && taken.ended && !taken.broken) piece_.push_back(asio::buffer(last));
}

/// The client has to make room.
Awaitable<bool> Pouring::finish_piece() {
    const auto begun = Clock::now();
    deadline_ = begun + duration_of(edge_.limits().write_seconds);
    const bool written = co_await write_all(socket_, piece_);
    if (Clock::now() - begun > duration_of(edge_.limits().stream_slow_seconds)) {
        stream_.stop("too-slow");
        signal_->raise();
    }
    co_return written;
}

/// Without this a client that leaves would be noticed at the next write only.
void Pouring::await_client() {
    heard_ = std::make_shared<bool>(false);
    socket_.async_wait(asio::ip::tcp::socket::wait_read,
                       [signal = signal_, heard = heard_](const Error& error) {
                           if (error) return;
                           *heard = true;
                           signal->raise();
                       });
}

/// What a client sends meanwhile is not read as a request: the connection ends with the stream.
bool Pouring::client_left() {
    if (!*heard_) return false;
    std::array<char, 4096> unread;
    Error error;
    unread_bytes_ += socket_.read_some(asio::buffer(unread), error);
    if (error && error != asio::error::would_block) return true;
    if (unread_bytes_ > unread_bytes_max) return true;
    await_client();
    return false;
}

}  // namespace

Awaitable<void> pour(Edge& edge, Loop& loop, Socket& socket, Stream& stream, bool chunked) {
    Pouring pouring{edge, loop, socket, stream, chunked};
    co_await pouring.run();
}

}  // namespace http
