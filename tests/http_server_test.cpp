#include <sys/resource.h>

#include <mutex>
#include <set>
#include <stdexcept>
#include <vector>

#include "tests/http/raw_client.hpp"

namespace http_server_test {

using namespace http;
using namespace http::test;

namespace {

/// Keeps every Respond until the test wants it.
struct Parked {
    std::mutex mutex;
    std::vector<Respond> waiting;

    Handler handler() {
        return [this](Request, Respond respond) {
            const std::scoped_lock lock{mutex};
            waiting.push_back(std::move(respond));
        };
    }
    std::size_t count() {
        const std::scoped_lock lock{mutex};
        return waiting.size();
    }
    void answer_all() {
        const std::scoped_lock lock{mutex};
        for (auto& respond : waiting) respond({200, "text/plain", {}, "late"});
        waiting.clear();
    }
};

std::string request(std::string_view first_line, std::string_view more_headers = "") {
    return std::string{first_line} + "\r\nHost: a\r\n" + std::string{more_headers} + "\r\n";
}

Handler always(Reply reply) {
    return [reply](const Request&, Respond respond) { respond(reply); };
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>{std::chrono::steady_clock::now() - start}.count();
}

}  // namespace

TEST(HttpServer, AnswersManyRequestsOnOneConnection) {
    TestServer server;
    RawClient client{server.port()};
    for (int i = 0; i < 100; ++i) ASSERT_EQ(client.ask(hello).body, "hello");
    EXPECT_EQ(server.connections(), 1u);
    EXPECT_EQ(server.in_flight(), 0u);
}

TEST(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
    TestServer server;
    RawClient client{server.port()};
    std::string all;
    for (int i = 0; i < 500; ++i) all += post(std::to_string(i));
    std::thread sender{[&] { client.send(all); }};
    for (int i = 0; i < 500; ++i) ASSERT_EQ(client.read().body, "POST /echo " + std::to_string(i));
    sender.join();
}

TEST(HttpServer, GivesTheHandlerTheRequestAsItWasSent) {
    Request seen;
    TestServer server{[&seen](Request request, Respond respond) {
        seen = std::move(request);
        respond({});
    }};
    const auto answer = server.ask(
        "PUT /v1/a%20b?x=1+2&y=%C3%A9 HTTP/1.1\r\nHost: a\r\nX-One:  1 \r\nx-one: 2\r\n"
        "Content-Length: 3\r\n\r\nabc");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(seen.method, "PUT");
    EXPECT_EQ(seen.target, "/v1/a%20b?x=1+2&y=%C3%A9");
    EXPECT_EQ(seen.path, "/v1/a b");
    EXPECT_EQ(seen.query, (Pairs{{"x", "1 2"}, {"y", "é"}}));
    EXPECT_EQ(seen.body, "abc");
    EXPECT_EQ(seen.count("x-one"), 2u);
    ASSERT_TRUE(seen.header("x-one"));
    EXPECT_EQ(*seen.header("x-one"), "1");
    EXPECT_EQ(seen.header("x-two"), nullptr);
    EXPECT_EQ(answer.header("Request-Id"), seen.id);
}

TEST(HttpServer, ReadsBodiesInChunksAndDropsTheirTrailers) {
    Request seen;
    TestServer server{[&seen](Request request, Respond respond) {
        seen = std::move(request);
        respond({});
    }};
    RawClient client{server.port()};
    const auto chunked = request("POST /a HTTP/1.1", "Transfer-Encoding: Chunked\r\n");
    const std::string chunks = "3\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n";
    EXPECT_EQ(client.ask(chunked + chunks).status, 200);
    EXPECT_EQ(seen.body, "abc0123456789");
    EXPECT_EQ(seen.count("x-t"), 0u);
    EXPECT_EQ(client.ask(hello).status, 200);
}

TEST(HttpServer, ReadsARequestThatComesByteByByte) {
    TestServer server;
    RawClient client{server.port()};
    const auto bytes =
        request("POST /a HTTP/1.1", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n";
    for (const char c : bytes) {
        client.send({&c, 1});
        std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
    EXPECT_EQ(client.read().body, "POST /a abc");
}

TEST(HttpServer, AnswersHeadWithTheLengthButWithoutTheBody) {
    TestServer server{always({200, "text/plain", {}, "hello"})};
    RawClient client{server.port()};
    client.send(request("HEAD / HTTP/1.1"));
    EXPECT_EQ(client.read(true).header("Content-Length"), "5");
    EXPECT_EQ(client.ask(hello).body, "hello");
}

TEST(HttpServer, SendsNoBodyWithNoContent) {
    TestServer server{always({204, "text/plain", {}, "ignored"})};
    RawClient client{server.port()};
    const auto answer = client.ask(hello);
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("Content-Length"), "");
    EXPECT_EQ(client.ask(hello).status, 204);
}

TEST(HttpServer, SendsItsOwnHeadersWithEveryAnswer) {
    TestServer server{always({})};
    for (const auto& answer : {server.ask(hello), server.ask("bad\r\n\r\n")}) {
        EXPECT_TRUE(answer.header("Request-Id").starts_with("req_"));
        EXPECT_EQ(answer.header("Request-Id").size(), 40u);
        EXPECT_TRUE(answer.header("Date").ends_with(" GMT"));
        EXPECT_EQ(answer.header("Cache-Control"), "no-store");
        EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(answer.header("Content-Security-Policy"),
                  "default-src 'none'; frame-ancestors 'none'");
        EXPECT_EQ(answer.header("Server"), "");
        EXPECT_EQ(answer.header("Content-Language"), answer.status == 200 ? "" : "en");
    }
}

TEST(HttpServer, LetsAReplyChooseItsPoliciesButNotItsFraming) {
    TestServer server{always({200,
                              "text/html",
                              {{"cache-control", "max-age=60"},
                               {"Content-Length", "99"},
                               {"Transfer-Encoding", "chunked"},
                               {"Content-Security-Policy", "default-src 'self'"}},
                              "page"})};
    const auto answer = server.ask(hello);
    EXPECT_EQ(answer.body, "page");
    EXPECT_EQ(answer.header("cache-control"), "max-age=60");
    EXPECT_EQ(answer.header("Cache-Control"), "");
    EXPECT_EQ(answer.header("Content-Length"), "4");
    EXPECT_EQ(answer.header("Transfer-Encoding"), "");
    EXPECT_EQ(answer.header("Content-Security-Policy"), "default-src 'self'");
}

TEST(HttpServer, LeavesOutAHeaderThatWouldSplitTheResponse) {
    TestServer server{always(
        {200, "text/plain", {{"X-Bad", "1\r\nX-Evil: 1"}, {"X Bad", "1"}, {"X-Good", "1"}}, ""})};
    const auto answer = server.ask(hello);
    EXPECT_EQ(answer.header("X-Good"), "1");
    EXPECT_FALSE(answer.head.contains("Bad"));
    EXPECT_FALSE(answer.head.contains("X-Evil"));
}

TEST(HttpServer, SendsALargeReplyWhole) {
    const std::string large(8 * 1024 * 1024, 'x');
    TestServer server{always({200, "text/plain", {}, large})};
    RawClient client{server.port()};
    client.send(hello);
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    EXPECT_EQ(client.read().body, large);
    EXPECT_EQ(client.ask(hello).body.size(), large.size());
}

TEST(HttpServer, AnswersTheExpectationToContinue) {
    TestServer server;
    RawClient client{server.port()};
    client.send("POST /a HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(client.read(true).status, 100);
    EXPECT_EQ(client.ask("abc").body, "POST /a abc");
}

TEST(HttpServer, ClosesWhenTheClientAsksForIt) {
    TestServer server;
    for (const auto& last : {request("GET / HTTP/1.1", "Connection: close\r\n"),
                             request("GET / HTTP/1.0"), std::string{"GET / HTTP/1.0\r\n\r\n"}}) {
        RawClient client{server.port()};
        const auto answer = client.ask(last);
        EXPECT_EQ(answer.body, "hello");
        EXPECT_EQ(answer.header("Connection"), "close");
        EXPECT_TRUE(client.closed());
    }
}

TEST(HttpServer, AnswersAClientThatHasStoppedSending) {
    TestServer server;
    RawClient client{server.port()};
    client.send(hello);
    client.stop_sending();
    EXPECT_EQ(client.read().body, "hello");
    EXPECT_TRUE(client.closed());
}

TEST(HttpServer, ClosesAfterTheLastRequestOfAConnection) {
    TestServer server{hello_or_echo, on_a_free_port({.requests_per_connection_max = 2})};
    RawClient client{server.port()};
    client.send(hello + hello + hello);
    EXPECT_EQ(client.read().header("Connection"), "");
    EXPECT_EQ(client.read().header("Connection"), "close");
    EXPECT_TRUE(client.closed());
}

TEST(HttpServer, TakesAnswersFromAnyThread) {
    Parked parked;
    TestServer server{parked.handler()};
    std::vector<RawClient> clients;
    for (int i = 0; i < 50; ++i) clients.emplace_back(server.port()).send(hello + hello);
    ASSERT_TRUE(eventually([&] { return parked.count() == 50; }));
    EXPECT_EQ(server.in_flight(), 50u);
    for (int round = 1; round <= 2; ++round) {
        std::thread{[&] { parked.answer_all(); }}.join();
        for (auto& client : clients) ASSERT_EQ(client.read().body, "late");
        if (round == 2) break;
        ASSERT_TRUE(eventually([&] { return parked.count() == 50; }));
    }
    EXPECT_TRUE(eventually([&] { return server.in_flight() == 0; }));
}

TEST(HttpServer, RacesWithThreadsThatAnswerAtOnce) {
    std::vector<std::thread> threads;
    std::mutex mutex;
    TestServer server{[&](Request, Respond respond) {
        const std::scoped_lock lock{mutex};
        threads.emplace_back([respond = std::move(respond)]() mutable { respond({}); });
    }};
    RawClient client{server.port()};
    for (int i = 0; i < 300; ++i) ASSERT_EQ(client.ask(hello).status, 200);
    server.drain(1);
    for (auto& thread : threads) thread.join();
}

TEST(HttpServer, CountsOnlyTheFirstAnswer) {
    TestServer server{[](Request, Respond respond) {
        respond({200, "text/plain", {}, "first"});
        respond({200, "text/plain", {}, "second"});
    }};
    RawClient client{server.port()};
    EXPECT_EQ(client.ask(hello).body, "first");
    EXPECT_EQ(client.ask(hello).body, "first");
}

TEST(HttpServer, Answers500ForAHandlerThatDropsTheRequestOrThrows) {
    TestServer server{[](Request request, Respond respond) {
        if (request.path == "/throw") throw std::runtime_error{"broken"};
        if (request.path == "/odd") throw 7;
        if (request.path == "/hello") respond({});
    }};
    RawClient client{server.port()};
    for (const auto* path : {"/drop", "/throw", "/odd"}) {
        const auto answer = client.ask(request("GET " + std::string{path} + " HTTP/1.1"));
        EXPECT_EQ(answer.status, 500) << path;
        EXPECT_EQ(answer.body, "internal");
    }
    EXPECT_EQ(client.ask(hello).status, 200);
    EXPECT_EQ(server.in_flight(), 0u);
}

TEST(HttpServer, ServesTwoHundredConnectionsAtOnce) {
    TestServer server{hello_or_echo, on_a_free_port({}, 2)};
    std::vector<RawClient> clients;
    for (int i = 0; i < 200; ++i) clients.emplace_back(server.port());
    for (int round = 0; round < 5; ++round) {
        for (auto& client : clients) client.send(post("x"));
        for (auto& client : clients) ASSERT_EQ(client.read().body, "POST /echo x");
    }
    EXPECT_EQ(server.connections(), 200u);
    clients.clear();
    EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
}

TEST(HttpServer, SpreadsConnectionsOverItsThreads) {
    std::mutex mutex;
    std::set<std::thread::id> threads;
    const auto handler = [&](Request, Respond respond) {
        const std::scoped_lock lock{mutex};
        threads.insert(std::this_thread::get_id());
        respond({});
    };
    TestServer server{handler, on_a_free_port({}, 3)};
    for (int i = 0; i < 6; ++i) EXPECT_EQ(server.ask(hello).status, 200);
    EXPECT_EQ(threads.size(), 3u);
}

TEST(HttpServer, TurnsAwayConnectionsBeyondItsLimit) {
    TestServer server{hello_or_echo, on_a_free_port({.connections_max = 2})};
    {
        RawClient first{server.port()}, second{server.port()};
        EXPECT_EQ(first.ask(hello).status, 200);
        EXPECT_EQ(second.ask(hello).status, 200);
        RawClient third{server.port()};
        const auto answer = third.read();
        EXPECT_EQ(answer.status, 503);
        EXPECT_EQ(answer.body, "overloaded");
        EXPECT_TRUE(third.closed());
        EXPECT_EQ(first.ask(hello).status, 200);
    }
    EXPECT_TRUE(eventually([&] { return server.ask(hello).status == 200; }));
}

TEST(HttpServer, PausesWhenFilesRunOutAndGoesOn) {
    TestServer server;
    RawClient warm{server.port()};
    ASSERT_EQ(warm.ask(hello).status, 200);
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);  // the lowest free number
    ::close(socket);
    rlimit usual{};
    ::getrlimit(RLIMIT_NOFILE, &usual);
    const rlimit scarce{static_cast<rlim_t>(socket) + 1, usual.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &scarce);
    RawClient late{server.port()};  // takes the last number, so that accept finds none
    late.send(hello);
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    EXPECT_EQ(server.connections(), 1u);
    EXPECT_EQ(warm.ask(hello).status, 200);
    ::setrlimit(RLIMIT_NOFILE, &usual);
    EXPECT_EQ(late.read().status, 200);
}

TEST(HttpServer, DrainFinishesWhatIsInFlightAndRefusesTheRest) {
    Parked parked;
    TestServer server{parked.handler()};
    RawClient busy{server.port()}, idle{server.port()};
    busy.send(hello);
    ASSERT_TRUE(eventually([&] { return parked.count() == 1 && server.connections() == 2; }));

    std::thread draining{[&] { server.drain(5); }};
    EXPECT_TRUE(idle.closed());
    EXPECT_FALSE(RawClient{server.port()}.connected());
    parked.answer_all();
    const auto answer = busy.read();
    EXPECT_EQ(answer.body, "late");
    EXPECT_EQ(answer.header("Connection"), "close");
    draining.join();
    EXPECT_EQ(server.connections(), 0u);
}

TEST(HttpServer, DrainCutsWhatTakesTooLong) {
    Parked parked;
    const auto start = std::chrono::steady_clock::now();
    {
        TestServer server{parked.handler(), on_a_free_port({}, 2)};
        RawClient stuck{server.port()}, half{server.port()};
        stuck.send(hello + hello);
        half.send("GET / HT");
        ASSERT_TRUE(eventually([&] { return parked.count() == 1 && server.connections() == 2; }));
        server.drain(0.1);
        EXPECT_EQ(server.connections(), 0u);
        EXPECT_EQ(server.in_flight(), 0u);
        EXPECT_TRUE(stuck.closed());
        server.drain(0.1);
    }
    EXPECT_LT(seconds_since(start), 2);
    parked.answer_all();  // nobody listens, and nothing breaks
}

TEST(HttpServer, NeedsNoStartToEnd) {
    Server server{on_a_free_port(), hello_or_echo, code_as_body};
    EXPECT_NE(server.port(), 0);
    EXPECT_THROW((Server{{.port = server.port()}, hello_or_echo, code_as_body}), std::exception);
    EXPECT_THROW((Server{{.address = "nowhere"}, hello_or_echo, code_as_body}), std::exception);
    server.drain(0);
    EXPECT_FALSE(RawClient{server.port()}.connected());
}

}  // namespace http_server_test
