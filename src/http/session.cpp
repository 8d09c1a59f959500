#include "src/http/session.hpp"

#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <optional>
#include <utility>

#include "src/http/body_stream.hpp"
#include "src/http/framing.hpp"
#include "src/http/pending_reply.hpp"
#include "src/http/pour.hpp"
#include "src/http/presence.hpp"
#include "src/http/request_parser.hpp"
#include "src/http/signal.hpp"
#include "src/http/target.hpp"
#include "src/http/web_socket.hpp"
#include "src/http/write.hpp"
#include "src/runtime/log.hpp"

namespace http {
namespace {

namespace beast = boost::beast;

constexpr Fault too_large{413, "payload-too-large", "The body is too large."};

constexpr std::size_t head_read_bytes = 4 * 1024;
constexpr std::size_t body_read_bytes = 16 * 1024;

class Session final : public Connection {
public:
    Session(Edge& edge, Loop& loop, Socket socket);
    ~Session() {
        presence_->forget();
        loop_.open.erase(this);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Awaitable<void> run();
    void check(Clock::time_point now) override {
        Error ignored;
        if (too_slow(now)) socket_.cancel(ignored);
    }
    void close_if_idle() override {
        if (phase_ == Phase::idle || phase_ == Phase::lingering) cut();
    }
    void cut() override;

private:
    enum class Phase { idle, head, body, pieces, handling, writing, lingering };

    void enter(Phase phase, double seconds) {
        phase_ = phase;
        since_ = Clock::now();
        deadline_ = since_ + duration_of(seconds);
    }
    void begin_request() {
        enter(Phase::head, edge_.limits().header_seconds);
        id_ = make_request_id();
        head_only_ = false;
        ++requests_;
    }
    bool refuse(const Fault& fault) {
        fault_ = fault;
        return false;
    }
    bool too_slow(Clock::time_point now) const;
    std::string_view received() const {
        return {static_cast<const char*>(buffer_.cdata().data()), buffer_.size()};
    }
    void hand_over(Request request);

    Awaitable<bool> fill();
    Awaitable<bool> receive();
    Awaitable<bool> receive_head();
    bool accept_head(std::size_t head_bytes);
    Awaitable<bool> receive_body();
    bool accept_body_bytes(bool& more_needed);
    Awaitable<bool> go_on_sending();
    Awaitable<void> receive_pieces(BodyStream& body);
    Awaitable<std::optional<Reply>> answer();
    Awaitable<bool> send(Reply reply);
    Awaitable<void> send_stream(Reply reply);
    Awaitable<void> linger();

    Edge& edge_;
    Loop& loop_;
    Socket socket_;
    beast::flat_buffer buffer_;
    std::string head_;  // of the reply, kept for its memory
    std::optional<RequestParser> parser_;
    std::shared_ptr<PendingReply> pending_;
    std::shared_ptr<Signal> signal_;  // of the body that comes in pieces
    std::shared_ptr<Presence> presence_;
    std::optional<Fault> fault_;
    Request handshake_;  // of a web socket
    std::string id_;
    std::string client_;
    Framing framing_;
    Phase phase_ = Phase::idle;
    Clock::time_point since_;
    Clock::time_point deadline_;
    std::size_t requests_ = 0;
    bool in_pieces_ = false;
    bool keep_alive_ = true;
    bool head_only_ = false;
    bool cut_ = false;
};

Session::Session(Edge& edge, Loop& loop, Socket socket)
    : edge_{edge},
      loop_{loop},
      socket_{std::move(socket)},
      presence_{std::make_shared<Presence>(socket_.native_handle())} {
    loop_.open.insert(this);
    Error ignored;
    socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
    socket_.non_blocking(true, ignored);
    const auto client = socket_.remote_endpoint(ignored);
    if (!ignored) client_ = client.address().to_string();
}

bool Session::too_slow(Clock::time_point now) const {
    if (phase_ == Phase::handling) return false;
    if (now >= deadline_) return true;
    if (phase_ == Phase::pieces && pending_->finished()) return true;
    const auto& limits = edge_.limits();
    const auto seconds = std::chrono::duration<double>{now - since_}.count();
    return phase_ == Phase::body && seconds > limits.body_grace_seconds &&
           static_cast<double>(parser_->request.body.size()) <
               seconds * static_cast<double>(limits.body_bytes_per_second_min);
}

void Session::cut() {
    cut_ = true;
    presence_->forget();
    Error ignored;
    socket_.close(ignored);
    if (pending_) pending_->deliver(std::nullopt);
    if (signal_) signal_->raise();
}

Awaitable<void> Session::run() {
    bool more = true;
    while (more) {
        const bool complete = co_await receive();
        if (!complete) break;
        auto reply = co_await answer();
        if (!reply) break;
        if (reply->stream) co_return co_await send_stream(*std::move(reply));
        more = co_await send(*std::move(reply));
    }
    if (fault_ && !cut_) {
        keep_alive_ = false;
        Reply reply = edge_.problem_of(fault_->status, fault_->code, fault_->detail, id_);
        co_await send(std::move(reply));
    }
    if (!cut_ && (fault_ || buffer_.size() > 0 || in_pieces_)) co_await linger();
}

/// Reads what has come. False when nothing more will: the fault tells whether to say why.
Awaitable<bool> Session::fill() {
    const bool body = phase_ == Phase::body || phase_ == Phase::pieces;
    const auto space = buffer_.prepare(body ? body_read_bytes : head_read_bytes);
    Error error;
    const std::size_t bytes = co_await socket_.async_read_some(space, into(error));
    buffer_.commit(bytes);
    if (error == asio::error::operation_aborted && (body || phase_ == Phase::head) && !cut_)
        co_return refuse({408, "request-timeout", "The request came too slowly."});
    co_return !error && !cut_;
}

Awaitable<bool> Session::receive() {
    const auto& limits = edge_.limits();
    parser_.emplace(limits);
    in_pieces_ = false;
    enter(Phase::idle, requests_ == 0 ? limits.header_seconds : limits.idle_seconds);
    const bool head = co_await receive_head();
    if (!head) co_return false;
    if (parser_->is_done() || in_pieces_) co_return true;
    const bool body = co_await receive_body();
    co_return body;
}

Awaitable<bool> Session::receive_head() {
    HeadScan scan{edge_.limits()};
    while (true) {
        if (buffer_.size() > 0) {
            if (phase_ == Phase::idle) begin_request();
            if (const auto fault = scan.go_on(received())) co_return refuse(*fault);
            if (scan.head_bytes() > 0) co_return accept_head(scan.head_bytes());
        } else if (edge_.draining) {
            co_return false;
        }
        const bool more = co_await fill();
        if (!more) co_return false;
    }
}

/// Guard first: the parser sees only what every parser would read alike.
bool Session::accept_head(std::size_t head_bytes) {
    const auto head = received().substr(0, head_bytes);
    head_only_ = head.starts_with("HEAD ");
    const auto framing = guard(head, edge_.limits());
    if (!framing) return refuse(framing.error());
    framing_ = *framing;

    Error error;
    parser_->put(asio::buffer(head.data(), head.size()), error);
    if (error) return refuse(malformed("The head of the request cannot be read."));
    buffer_.consume(head_bytes);

    auto& request = parser_->request;
    auto target = target_from(request.target);
    if (!target) return refuse(target.error());
    request.id = id_;
    request.client = client_;
    request.presence = presence_;
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    in_pieces_ = !parser_->is_done() && edge_.options.in_pieces(request);
    const auto length = parser_->content_length();
    if (!in_pieces_ && length && *length > edge_.limits().body_bytes_max) return refuse(too_large);
    if (!in_pieces_) parser_->body_limit(edge_.limits().body_bytes_max);
    keep_alive_ = framing_.http_1_1 && parser_->keep_alive() &&
                  requests_ < edge_.limits().requests_per_connection_max;
    return true;
}

Awaitable<bool> Session::go_on_sending() {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!framing_.continue_expected || buffer_.size() > 0) co_return true;
    std::array<asio::const_buffer, 1> parts{asio::buffer(go_on)};
    const bool written = co_await write_all(socket_, parts);
    co_return written;
}

Awaitable<bool> Session::receive_body() {
    enter(Phase::body, edge_.limits().body_seconds);
    const bool asked = co_await go_on_sending();
    if (!asked) co_return false;
    bool more_needed = buffer_.size() == 0;
    while (!parser_->is_done()) {
        if (more_needed) {
            const bool more = co_await fill();
            if (!more) co_return false;
        }
        if (!accept_body_bytes(more_needed)) co_return false;
    }
    co_return true;
}

bool Session::accept_body_bytes(bool& more_needed) {
    Error error;
    const auto used = parser_->put(buffer_.cdata(), error);
    buffer_.consume(used);
    more_needed = error == beast::http::error::need_more || buffer_.size() == 0;
    if (error == beast::http::error::body_limit) return refuse(too_large);
    if (error && error != beast::http::error::need_more)
        return refuse(malformed("The chunks of the body cannot be read."));
    // What the parser leaves here is a chunk line or a trailer without an end.
    if (error && buffer_.size() > edge_.limits().header_bytes_max)
        return refuse({431, "headers-too-large", "The trailers are too large."});
    return true;
}

/// One of the doors where exceptions stop: a handler that throws has dropped its Respond, and the
/// client gets 500.
void Session::hand_over(Request request) {
    try {
        edge_.handler(std::move(request), Respond{Responder{pending_}});
    } catch (const std::exception& failure) {
        runtime::log::error("http handler threw", {{"request", id_}, {"what", failure.what()}});
    } catch (...) {
        runtime::log::error("http handler threw", {{"request", id_}});
    }
}

/// The body goes on to whoever takes it as long as somebody does; a client must send something in
/// the time that others have for all.
Awaitable<void> Session::receive_pieces(BodyStream& body) {
    bool more = pending_->finished() || co_await go_on_sending();
    bool more_needed = buffer_.size() == 0;
    while (more && !parser_->is_done() && !pending_->finished()) {
        if (!body.has_room()) {
            enter(Phase::handling, 0);
            co_await signal_->wait();
            continue;
        }
        enter(Phase::pieces, edge_.limits().body_seconds);
        if (more_needed) more = co_await fill();
        if (more) more = accept_body_bytes(more_needed);
        body.put(std::exchange(parser_->request.body, {}));
    }
    body.end(parser_->is_done() && !fault_);
    enter(Phase::handling, 0);
}

/// Nothing when the request turned out to be none.
Awaitable<std::optional<Reply>> Session::answer() {
    enter(Phase::handling, 0);
    std::shared_ptr<BodyStream> rest;
    if (in_pieces_) {
        signal_ = std::make_shared<Signal>(loop_.context.get_executor());
        rest = std::make_shared<BodyStream>([signal = signal_] { signal->raise(); });
        parser_->request.rest = rest;
    }
    pending_ = std::make_shared<PendingReply>(loop_.context.get_executor(), signal_);
    ++edge_.in_flight;
    if (parser_->request.header("upgrade") != nullptr) handshake_ = parser_->request;
    hand_over(std::move(parser_->request));
    if (rest) co_await receive_pieces(*rest);
    // A refusal that the handler has said already is the better one.
    if (pending_->finished()) fault_.reset();
    else if (!fault_) co_await pending_->wait();
    --edge_.in_flight;
    in_pieces_ = !parser_->is_done();
    keep_alive_ = keep_alive_ && !in_pieces_;
    auto reply = pending_->take();
    pending_.reset();
    signal_.reset();
    if (fault_) co_return std::nullopt;
    if (reply) co_return reply;
    co_return edge_.problem_of(500, "internal", "", id_);
}

Awaitable<bool> Session::send(Reply reply) {
    enter(Phase::writing, edge_.limits().write_seconds);
    keep_alive_ = keep_alive_ && !edge_.draining;
    head_.clear();
    append_head(head_, reply, {id_, loop_.date_now(), keep_alive_});
    const bool whole = !head_only_ && has_body(reply.status);
    std::array<asio::const_buffer, 2> parts{
        asio::buffer(std::as_const(head_)),
        whole ? asio::buffer(std::as_const(reply.body)) : asio::const_buffer{}};
    const bool written = co_await write_all(socket_, parts);
    co_return written&& keep_alive_ && !cut_;
}

/// A stream takes the rest of its connection.
Awaitable<void> Session::send_stream(Reply reply) {
    presence_->forget();
    if (reply.status == 101)
        co_return co_await serve_web_socket(edge_, loop_, std::move(socket_), handshake_,
                                            std::move(reply.stream));
    enter(Phase::writing, edge_.limits().write_seconds);
    head_.clear();
    append_head(head_, reply, {id_, loop_.date_now(), false, framing_.http_1_1});
    std::array<asio::const_buffer, 1> parts{asio::buffer(std::as_const(head_))};
    const bool written = co_await write_all(socket_, parts);
    enter(Phase::handling, 0);
    if (written && !head_only_)
        co_await pour(edge_, loop_, socket_, *reply.stream, framing_.http_1_1);
    if (!cut_) co_await linger();
}

/// Lets a client read its answer before the unread bytes it still sends reset the connection.
Awaitable<void> Session::linger() {
    Error ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    enter(Phase::lingering, edge_.limits().linger_seconds);
    bool more = !edge_.draining;
    while (more) {
        buffer_.clear();
        more = co_await fill();
    }
}

}  // namespace

Awaitable<void> serve(Edge& edge, Loop& loop, Socket socket) {
    Session session{edge, loop, std::move(socket)};
    co_await session.run();
}

}  // namespace http
