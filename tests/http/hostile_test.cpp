#include "tests/http/raw_client.hpp"

#include <random>
#include <vector>

#include "src/http/framing.hpp"

namespace hostile_test {

using namespace http;
using namespace http::test;
using namespace std::string_literals;

namespace {

struct Attack {
    std::string name;
    std::string bytes;
    int status = 400;
    std::string code = "malformed-request";
};

std::string get(const std::string& headers) { return "GET / HTTP/1.1\r\n" + headers + "\r\n"; }
std::string put(const std::string& headers) {
    return "PUT / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}
std::string chunked(const std::string& body) {
    return put("Transfer-Encoding: chunked\r\n") + body;
}
std::string line(const std::string& request_line) { return request_line + "\r\nHost: a\r\n\r\n"; }
std::string repeated(int times, const std::string& text) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

/// Each attack gets its one answer, loses its connection, and leaves the server as it was. What
/// follows the attack must never be read as a request.
void each_is_refused(const std::vector<Attack>& attacks, Limits limits = {}) {
    TestServer server{hello_or_echo, on_a_free_port(limits)};
    for (const auto& [name, bytes, status, code] : attacks) {
        SCOPED_TRACE(name);
        RawClient client{server.port()};
        client.send(bytes + hello);
        const auto answer = client.read();
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.body, code);
        EXPECT_EQ(answer.header("Connection"), "close");
        client.stop_sending();
        EXPECT_TRUE(client.closed());
        EXPECT_EQ(server.ask(hello).body, "hello");
    }
}

}  // namespace

TEST(HostileHttp, CannotHideABodyBehindTwoLengths) {
    const std::string coding = "Transfer-Encoding: chunked\r\n";
    each_is_refused({
        {"length, then chunked", put("Content-Length: 5\r\n" + coding) + "0\r\n\r\n"},
        {"chunked, then length", put(coding + "Content-Length: 5\r\n") + "0\r\n\r\n"},
        {"chunked and length 0", put(coding + "Content-Length: 0\r\n") + "0\r\n\r\n"},
        {"identity", put("Transfer-Encoding: identity\r\n")},
        {"chunked, identity", put("Transfer-Encoding: chunked, identity\r\n")},
        {"xchunked", put("Transfer-Encoding: xchunked\r\n")},
        {"empty coding", put("Transfer-Encoding:\r\n")},
        {"quoted coding", put("Transfer-Encoding: \"chunked\"\r\n")},
        {"vertical tab coding", put("Transfer-Encoding: \x0b"
                                    "chunked\r\n")},
        {"two codings", put(coding + coding) + "0\r\n\r\n"},
        {"gzip", put("Transfer-Encoding: gzip, chunked\r\n"), 501, "unsupported-transfer-coding"},
        {"coding in 1.0", "PUT / HTTP/1.0\r\nHost: a\r\n" + coding + "\r\n0\r\n\r\n"},
        {"two equal lengths", put("Content-Length: 5\r\nContent-Length: 5\r\n") + "12345"},
        {"two lengths", put("Content-Length: 5\r\nContent-Length: 6\r\n") + "12345"},
        {"list of lengths", put("Content-Length: 5, 5\r\n") + "12345"},
        {"signed length", put("Content-Length: +5\r\n") + "12345"},
        {"negative length", put("Content-Length: -5\r\n")},
        {"hexadecimal length", put("Content-Length: 0x5\r\n") + "12345"},
        {"length in two words", put("Content-Length: 1 0\r\n") + "1234567890"},
        {"empty length", put("Content-Length:\r\n")},
        {"endless length", put("Content-Length: 99999999999999999999\r\n")},
    });
}

TEST(HostileHttp, CannotBendTheHead) {
    each_is_refused({
        {"space before colon", get("Host : a\r\n")},
        {"space in name", get("Host: a\r\nX Y: 1\r\n")},
        {"no colon", get("Host: a\r\nnonsense\r\n")},
        {"empty name", get("Host: a\r\n: 1\r\n")},
        {"folded", get("Host: a\r\nX: 1\r\n 2\r\n")},
        {"folded with tab", get("Host: a\r\nX: 1\r\n\t2\r\n")},
        {"folded first", get(" X: 1\r\nHost: a\r\n")},
        {"bare line feed", "GET / HTTP/1.1\nHost: a\n\n"},
        {"bare line feed in header", get("Host: a\nX: 1\r\n")},
        {"bare carriage return", get("Host: a\r\nX: 1\r2\r\n")},
        {"null byte", get("Host: a\r\nX: "s + '\0' + "\r\n")},
        {"control byte", get("Host: a\r\nX: \x01\r\n")},
        {"delete byte", get("Host: a\r\nX: \x7f\r\n")},
        {"high byte in name", get("Host: a\r\nX\x80: 1\r\n")},
        {"high byte in value", get("Host: a\r\nX: \xc3\xa9\r\n")},
        {"empty line first", "\r\n"},
        {"TLS hello", "\x16\x03\x01\x02"},
        {"one word", "nonsense\r\n\r\n"},
    });
}

TEST(HostileHttp, CannotChooseAnotherHostOrTarget) {
    each_is_refused({
        {"no host", get("")},
        {"two hosts", get("Host: a\r\nHost: b\r\n")},
        {"equal hosts", get("Host: a\r\nhost: a\r\n")},
        {"empty host", get("Host: \r\n"), 400, "invalid-header"},
        {"host with path", get("Host: a/b\r\n"), 400, "invalid-header"},
        {"host with user", get("Host: b@a\r\n"), 400, "invalid-header"},
        {"host list", get("Host: a, b\r\n"), 400, "invalid-header"},
        {"host with bad port", get("Host: a:x\r\n"), 400, "invalid-header"},
        {"host with long port", get("Host: a:123456\r\n"), 400, "invalid-header"},
        {"open bracket", get("Host: [::1\r\n"), 400, "invalid-header"},
        {"bracket then text", get("Host: [::1]a\r\n"), 400, "invalid-header"},
        {"absolute form", line("GET http://b/ HTTP/1.1")},
        {"asterisk form", line("OPTIONS * HTTP/1.1")},
        {"authority form", line("CONNECT a:443 HTTP/1.1")},
        {"no slash", line("GET hello HTTP/1.1")},
        {"high byte", line("GET /\xff HTTP/1.1")},
        {"dot segments", line("GET /v1/../admin HTTP/1.1")},
        {"encoded slash", line("GET /a%2fb HTTP/1.1")},
        {"null in query", line("GET /?a=%00 HTTP/1.1")},
        {"space in target", line("GET /a b HTTP/1.1")},
        {"two spaces", line("GET  / HTTP/1.1")},
        {"tab", line("GET\t/\tHTTP/1.1")},
        {"HTTP/0.9", "GET /\r\n\r\n"},
        {"HTTP/1.2", line("GET / HTTP/1.2")},
        {"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        {"lower-case version", line("GET / http/1.1")},
        {"method not a token", line("G@T / HTTP/1.1")},
        {"lower-case method", line("get / HTTP/1.1"), 501, "method-not-implemented"},
    });
}

/// The parser behind it refuses some of these as well: that must not hide a hole in the guard.
TEST(HostileHttp, MeetsAGuardThatNeedsNoParser) {
    const Limits limits;
    EXPECT_TRUE(guard(get("Host: a\r\n"), limits));
    for (const auto& head :
         {put("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
          put("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
          put("Content-Length: 5\r\nContent-Length: 6\r\n"), put("Content-Length: 99999999999\r\n"),
          put("X : 1\r\n"), line("GET / HTTP/1.2"), line("GET / HTTP/2.0"), line("GET /"),
          line("GET / / HTTP/1.1"), line("G\x22T / HTTP/1.1")}) {
        const auto framing = guard(head, limits);
        ASSERT_FALSE(framing) << head;
        EXPECT_EQ(framing.error().code, "malformed-request") << head;
    }
    const auto folded = guard(put("X: 1\r\n\tY: 2\r\n"), limits);
    ASSERT_FALSE(folded);
    EXPECT_EQ(folded.error().detail, "A header must not continue on a second line.");
}

TEST(HostileHttp, IsStillAnsweredAtAnIpv6Address) {
    TestServer server;
    for (const auto* host : {"[::1]", "[::1]:8080", "127.0.0.1:80", "a-b.example:443", "A_b"})
        EXPECT_EQ(server.ask(get("Host: "s + host + "\r\n")).status, 200) << host;
}

TEST(HostileHttp, CannotBendTheBody) {
    each_is_refused({
        {"chunk extension", chunked("5;a=b\r\n12345\r\n0\r\n\r\n")},
        {"quoted line feed in extension", chunked("5;a=\"\n\"\r\n12345\r\n0\r\n\r\n")},
        {"extension of the last chunk", chunked("0;a=b\r\n\r\n")},
        {"chunk without line end", chunked("5\r\n123456\r\n0\r\n\r\n")},
        {"negative chunk", chunked("-5\r\n12345\r\n0\r\n\r\n")},
        {"hexadecimal prefix", chunked("0x5\r\n12345\r\n0\r\n\r\n")},
        {"endless chunk size", chunked("fffffffffffffffff\r\n")},
        {"chunk ends in line feed", chunked("5\n12345\r\n0\r\n\r\n")},
        {"length in trailer", chunked("0\r\nContent-Length: 5\r\n\r\n")},
        {"coding in trailer", chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n")},
        {"body on GET", get("Host: a\r\nContent-Length: 5\r\n") + "12345", 400, "unexpected-body"},
        {"chunks on GET", get("Host: a\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400,
         "unexpected-body"},
        {"body on DELETE", "DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}", 400,
         "unexpected-body"},
        {"expectation", put("Expect: a-cake\r\nContent-Length: 5\r\n") + "12345", 417,
         "expectation-failed"},
    });
    TestServer server;
    EXPECT_EQ(server.ask(get("Host: a\r\nContent-Length: 0\r\n")).status, 200);
}

TEST(HostileHttp, CannotSendMoreThanItsLimits) {
    const std::string large = "payload-too-large", long_uri = "uri-too-long",
                      headers = "headers-too-large";
    const Limits limits{.body_bytes_max = 1000};
    each_is_refused(
        {
            {"length", put("Content-Length: 1001\r\n"), 413, large},
            {"length, with the body", put("Content-Length: 99999\r\n") + std::string(99'999, 'x'),
             413, large},
            {"one chunk", chunked("3e9\r\n"), 413, large},
            {"many chunks", chunked(repeated(101, "a\r\n0123456789\r\n")), 413, large},
            {"huge chunk", chunked("ffffffffffffffff\r\n"), 413, large},
            {"expected body", put("Expect: 100-continue\r\nContent-Length: 1001\r\n"), 413, large},
            {"target of 4 KiB", line("GET /" + std::string(4096, 'a') + " HTTP/1.1"), 414,
             long_uri},
            {"target of 9,000 bytes", line("GET /" + std::string(9000, 'a') + " HTTP/1.1"), 414,
             long_uri},
            {"target without end", "GET /" + std::string(4200, 'a'), 414, long_uri},
            {"headers of 9,000 bytes",
             get("Host: a\r\n" + repeated(3, "X: " + std::string(3000, 'x') + "\r\n")), 431,
             headers},
            {"headers without end", "GET / HTTP/1.1\r\nX: " + std::string(9000, 'x'), 431, headers},
            {"65 headers", get("Host: a\r\n" + repeated(64, "X: 1\r\n")), 431, headers},
            {"long value", get("Host: a\r\nX: " + std::string(4097, 'x') + "\r\n"), 431, headers},
            {"trailers without end", chunked("0\r\n" + repeated(4000, "X: 123\r\n")), 431, headers},
        },
        limits);
    TestServer server{hello_or_echo, on_a_free_port(limits)};
    EXPECT_EQ(server.ask(post(std::string(1000, 'x'))).status, 200);
    EXPECT_EQ(server.ask(chunked(repeated(100, "a\r\n0123456789\r\n") + "0\r\n\r\n")).status, 200);
    EXPECT_EQ(server.ask(line("GET /" + std::string(4095, 'a') + " HTTP/1.1")).status, 200);
    EXPECT_EQ(server.ask(get("Host: a\r\n" + repeated(63, "X: 1\r\n"))).status, 200);
}

TEST(HostileHttp, ReadsItsRefusalEvenWhileItStillSends) {
    TestServer server{hello_or_echo, on_a_free_port({.body_bytes_max = 1000})};
    RawClient client{server.port()};
    EXPECT_EQ(client.ask(put("Content-Length: 4000000\r\n")).status, 413);
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(client.send(std::string(100'000, 'x')));
    client.stop_sending();
    EXPECT_TRUE(client.closed());
}

TEST(HostileHttp, CannotStallTheHead) {
    TestServer server{hello_or_echo, on_a_free_port({.header_seconds = 0.2})};
    RawClient silent{server.port()}, slow{server.port()};
    for (const char c : "GET / HTTP/1.1\r\nHost: a"s) {
        if (!slow.send({&c, 1})) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{15});
    }
    const auto answer = slow.read();
    EXPECT_EQ(answer.status, 408);
    EXPECT_EQ(answer.body, "request-timeout");
    EXPECT_TRUE(silent.closed());  // nothing was asked, so nothing is answered
    EXPECT_EQ(server.ask(hello).status, 200);
}

TEST(HostileHttp, CannotStallTheBody) {
    TestServer server{hello_or_echo, on_a_free_port({.body_seconds = 0.2})};
    RawClient client{server.port()};
    EXPECT_EQ(client.ask(put("Content-Length: 5\r\n") + "123").status, 408);
    EXPECT_EQ(server.ask(hello).status, 200);
}

TEST(HostileHttp, CannotTrickleTheBody) {
    const Limits limits{.body_bytes_per_second_min = 1000, .body_grace_seconds = 0.2};
    TestServer server{hello_or_echo, on_a_free_port(limits)};
    RawClient slow{server.port()}, steady{server.port()};
    slow.send(put("Content-Length: 1000\r\n"));
    steady.send(put("Content-Length: 2000\r\n"));
    for (int i = 0; i < 20; ++i) {
        slow.send("x");
        steady.send(std::string(100, 'x'));
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    EXPECT_EQ(slow.read().status, 408);
    EXPECT_EQ(steady.read().status, 200);
}

TEST(HostileHttp, CannotHoldAnAnswerBack) {
    const auto handler = [](const Request& request, Respond respond) {
        respond({200, "text/plain", {}, std::string(request.path == "/hello" ? 1 : 1 << 25, 'x')});
    };
    TestServer server{handler, on_a_free_port({.write_seconds = 0.2})};
    RawClient deaf{server.port()};
    deaf.send(line("GET /large HTTP/1.1"));
    EXPECT_TRUE(eventually([&] { return server.connections() == 1; }));
    EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
    EXPECT_EQ(server.ask(hello).status, 200);
}

TEST(HostileHttp, CannotKeepAnIdleConnection) {
    TestServer server{hello_or_echo, on_a_free_port({.idle_seconds = 0.2})};
    RawClient client{server.port()};
    EXPECT_EQ(client.ask(hello).status, 200);
    EXPECT_TRUE(client.closed());
}

TEST(HostileHttp, CannotKeepARefusedConnection) {
    TestServer server{hello_or_echo, on_a_free_port({.linger_seconds = 0.2})};
    RawClient client{server.port()};
    EXPECT_EQ(client.ask("nonsense\r\n\r\n").status, 400);
    EXPECT_TRUE(eventually([&] {
        client.send("more");
        return server.connections() == 0;
    }));
}

TEST(HostileHttp, MayLeaveAtAnyMoment) {
    TestServer server;
    const auto whole = post("0123456789") + chunked("5\r\n12345\r\n0\r\n\r\n");
    for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes)
        RawClient{server.port()}.send(whole.substr(0, bytes));
    EXPECT_EQ(server.ask(hello).body, "hello");
    EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
}

TEST(HostileHttp, MaySendAnyBytes) {
    TestServer server{hello_or_echo, on_a_free_port({.header_seconds = 0.3, .body_seconds = 0.3})};
    std::mt19937 random{7};
    const std::string seeds[]{post("0123456789"), chunked("5\r\n12345\r\n0\r\nX: 1\r\n\r\n"),
                              get("Host: a\r\nExpect: 100-continue\r\nConnection: close\r\n")};
    const auto bytes = "\r\n\t :,;%0\x00\xff"s;
    for (int i = 0; i < 1500; ++i) {
        auto text = seeds[random() % 3];
        for (auto changes = 1 + random() % 3; changes > 0; --changes) {
            const auto at = random() % text.size();
            if (random() % 3 == 0) text.erase(at, 1);
            else text.insert(at, 1, bytes[random() % bytes.size()]);
        }
        RawClient{server.port()}.send(text);
    }
    EXPECT_EQ(server.ask(hello).body, "hello");
    EXPECT_TRUE(eventually([&] { return server.connections() == 0; }));
}

}  // namespace hostile_test
