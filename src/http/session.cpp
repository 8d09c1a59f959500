#include "src/http/session.hpp"

#include <array>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <ctime>
#include <optional>
#include <utility>

#include "src/http/pending_reply.hpp"
#include "src/http/framing.hpp"
#include "src/http/target.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/uuid.hpp"

namespace http {
namespace {

namespace beast = boost::beast;

constexpr std::size_t head_read_bytes = 4 * 1024;
constexpr std::size_t body_read_bytes = 16 * 1024;
constexpr std::size_t body_reserve_bytes_max = 64 * 1024;

/// Builds a Request from bytes that the guard let pass.
class RequestParser final : public beast::http::basic_parser<true> {
public:
    Request request;

    explicit RequestParser(const Limits& limits) {
        header_limit(static_cast<std::uint32_t>(limits.header_bytes_max + 1));
        body_limit(limits.body_bytes_max);
    }

private:
    using View = beast::string_view;

    void on_request_impl(beast::http::verb, View method, View target, int, Error&) override {
        request.method.assign(method);
        request.target.assign(target);
    }
    void on_response_impl(int, View, int, Error&) override {}
    void on_field_impl(beast::http::field, View name, View value, Error&) override {
        if (is_header_done()) return;  // a trailer: dropped, never merged
        auto& header = request.headers.emplace_back(name, value);
        for (char& c : header.first) c = beast::detail::ascii_tolower(c);
    }
    void on_header_impl(Error&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error&) override {
        request.body.reserve(std::min<std::size_t>(length.value_or(0), body_reserve_bytes_max));
    }
    std::size_t on_body_impl(View part, Error&) override {
        request.body.append(part);
        return part.size();
    }
    void on_chunk_header_impl(std::uint64_t, View extension, Error& error) override {
        if (!extension.empty()) error = beast::http::error::bad_chunk_extension;
    }
    std::size_t on_chunk_body_impl(std::uint64_t, View part, Error&) override {
        request.body.append(part);
        return part.size();
    }
    void on_finish_impl(Error&) override {}
};

class Session final : public Connection {
public:
    Session(Edge& edge, Loop& loop, Socket socket);
    ~Session() { loop_.open.erase(this); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Awaitable<void> run();
    void check(Clock::time_point now) override;
    void close_if_idle() override;
    void cut() override;

private:
    enum class Phase { idle, head, body, handling, writing, lingering };

    void enter(Phase phase, double seconds);
    void begin_request();
    bool refuse(const Fault& fault);
    bool too_slow(Clock::time_point now) const;
    std::string_view received() const;
    void hand_over(Request request);

    Awaitable<bool> fill();
    Awaitable<bool> receive();
    Awaitable<bool> receive_head();
    bool accept_head(std::size_t head_bytes);
    Awaitable<bool> receive_body();
    bool accept_body_bytes(bool& more_needed);
    Awaitable<Reply> answer();
    Awaitable<bool> send(Reply reply);
    Awaitable<bool> write(net::const_buffer head, net::const_buffer body);
    Awaitable<void> linger();

    Edge& edge_;
    Loop& loop_;
    Socket socket_;
    beast::flat_buffer buffer_;
    std::string head_;  // of the reply, kept for its memory
    std::optional<RequestParser> parser_;
    std::shared_ptr<PendingReply> pending_;
    std::optional<Fault> fault_;
    std::string id_;
    Framing framing_;
    Phase phase_ = Phase::idle;
    Clock::time_point since_;
    Clock::time_point deadline_;
    std::size_t requests_ = 0;
    bool keep_alive_ = true;
    bool head_only_ = false;
    bool cut_ = false;
};

Session::Session(Edge& edge, Loop& loop, Socket socket)
    : edge_{edge}, loop_{loop}, socket_{std::move(socket)} {
    loop_.open.insert(this);
    Error ignored;
    socket_.set_option(net::ip::tcp::no_delay{true}, ignored);
    socket_.non_blocking(true, ignored);
}

void Session::enter(Phase phase, double seconds) {
    phase_ = phase;
    since_ = Clock::now();
    deadline_ = since_ + duration_of(seconds);
}

bool Session::too_slow(Clock::time_point now) const {
    if (phase_ == Phase::handling) return false;
    if (now >= deadline_) return true;
    const auto& limits = edge_.limits();
    const auto seconds = std::chrono::duration<double>{now - since_}.count();
    return phase_ == Phase::body && seconds > limits.body_grace_seconds &&
           static_cast<double>(parser_->request.body.size()) <
               seconds * static_cast<double>(limits.body_bytes_per_second_min);
}

void Session::check(Clock::time_point now) {
    Error ignored;
    if (too_slow(now)) socket_.cancel(ignored);
}

void Session::close_if_idle() {
    if (phase_ == Phase::idle || phase_ == Phase::lingering) cut();
}

void Session::cut() {
    cut_ = true;
    Error ignored;
    socket_.close(ignored);
    if (pending_) pending_->deliver(std::nullopt);
}

std::string_view Session::received() const {
    const auto data = buffer_.data();
    return {static_cast<const char*>(data.data()), data.size()};
}

bool Session::refuse(const Fault& fault) {
    fault_ = fault;
    return false;
}

Awaitable<void> Session::run() {
    bool more = true;
    while (more) {
        const bool complete = co_await receive();
        if (!complete) break;
        Reply reply = co_await answer();
        more = co_await send(std::move(reply));
    }
    if (fault_ && !cut_) {
        keep_alive_ = false;
        Reply reply = edge_.problem_of(fault_->status, fault_->code, fault_->detail, id_);
        co_await send(std::move(reply));
    }
    if (!cut_ && (fault_ || buffer_.size() > 0)) co_await linger();
}

void Session::begin_request() {
    enter(Phase::head, edge_.limits().header_seconds);
    id_ = make_request_id();
    head_only_ = false;
    ++requests_;
}

/// Reads what has come. False when nothing more will: the fault tells whether to say why.
Awaitable<bool> Session::fill() {
    const auto space = buffer_.prepare(phase_ == Phase::body ? body_read_bytes : head_read_bytes);
    Error error;
    const std::size_t bytes = co_await socket_.async_read_some(space, into(error));
    buffer_.commit(bytes);
    const bool begun = phase_ == Phase::head || phase_ == Phase::body;
    if (error == net::error::operation_aborted && begun && !cut_)
        co_return refuse({408, "request-timeout", "The request came too slowly."});
    co_return !error && !cut_;
}

Awaitable<bool> Session::receive() {
    const auto& limits = edge_.limits();
    parser_.emplace(limits);
    enter(Phase::idle, requests_ == 0 ? limits.header_seconds : limits.idle_seconds);
    const bool head = co_await receive_head();
    if (!head) co_return false;
    if (parser_->is_done()) co_return true;
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
    parser_->put(net::buffer(head.data(), head.size()), error);
    if (error == beast::http::error::body_limit)
        return refuse({413, "payload-too-large", "The body is too large."});
    if (error) return refuse(malformed("The head of the request cannot be read."));
    buffer_.consume(head_bytes);

    auto& request = parser_->request;
    auto target = target_from(request.target);
    if (!target) return refuse(target.error());
    request.id = id_;
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    keep_alive_ = framing_.http_1_1 && parser_->keep_alive() &&
                  requests_ < edge_.limits().requests_per_connection_max;
    return true;
}

Awaitable<bool> Session::receive_body() {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    enter(Phase::body, edge_.limits().body_seconds);
    if (framing_.continue_expected && buffer_.size() == 0) {
        const bool written = co_await write(net::buffer(go_on), {});
        if (!written) co_return false;
    }
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
    if (error == beast::http::error::body_limit)
        return refuse({413, "payload-too-large", "The body is too large."});
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

Awaitable<Reply> Session::answer() {
    enter(Phase::handling, 0);
    pending_ = std::make_shared<PendingReply>(loop_.context.get_executor());
    ++edge_.in_flight;
    hand_over(std::move(parser_->request));
    if (!pending_->finished()) co_await pending_->wait();
    --edge_.in_flight;
    auto reply = pending_->take();
    pending_.reset();
    if (reply) co_return std::move(*reply);
    co_return edge_.problem_of(500, "internal", "", id_);
}

Awaitable<bool> Session::send(Reply reply) {
    enter(Phase::writing, edge_.limits().write_seconds);
    keep_alive_ = keep_alive_ && !edge_.draining;
    head_.clear();
    append_head(head_, reply, {id_, loop_.date_now(), keep_alive_});
    const bool whole = !head_only_ && has_body(reply.status);
    const auto body = whole ? net::buffer(std::as_const(reply.body)) : net::const_buffer{};
    const bool written = co_await write(net::buffer(std::as_const(head_)), body);
    co_return written&& keep_alive_ && !cut_;
}

/// Usually the kernel takes everything at once, and nothing is suspended.
Awaitable<bool> Session::write(net::const_buffer head, net::const_buffer body) {
    Error error;
    const std::array<net::const_buffer, 2> whole{head, body};
    const std::size_t sent = socket_.write_some(whole, error);
    if (error && error != net::error::would_block) co_return false;
    if (sent == head.size() + body.size()) co_return true;

    const auto body_sent = sent > head.size() ? sent - head.size() : 0;
    const std::array<net::const_buffer, 2> rest{head + sent, body + body_sent};
    co_await net::async_write(socket_, rest, into(error));
    co_return !error;
}

/// Lets a client read its answer before the unread bytes it still sends reset the connection.
Awaitable<void> Session::linger() {
    Error ignored;
    socket_.shutdown(net::ip::tcp::socket::shutdown_send, ignored);
    enter(Phase::lingering, edge_.limits().linger_seconds);
    bool more = !edge_.draining;
    while (more) {
        buffer_.clear();
        more = co_await fill();
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

Awaitable<void> serve(Edge& edge, Loop& loop, Socket socket) {
    Session session{edge, loop, std::move(socket)};
    co_await session.run();
}

}  // namespace http
