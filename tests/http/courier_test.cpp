// What the courier does with receivers of all kinds, by itself.
#include "src/net/courier.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/receiver.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <thread>

namespace {

using support::Received;
using support::Receiver;
using support::Treatment;

net::Returned sent(net::Courier& courier, const std::string& url) {
    std::promise<net::Returned> promise;
    EXPECT_TRUE(courier.send({url, {}, "{}"},
                             [&](net::Returned got) { promise.set_value(std::move(got)); }));
    return promise.get_future().get();
}

TEST(Courier, LooksAtTheAddressToWhichANameLeads) {
    net::Courier courier{{.rules = {}}};
    const auto returned = sent(courier, "https://localhost/");
    EXPECT_EQ(returned.failure, "address-not-allowed");
    EXPECT_FALSE(returned.delivered());
}

TEST(Courier, SpeaksPlainlyWithAllowedNetworksOnly) {
    Receiver receiver;
    net::Courier elsewhere{{.rules = net::Rules{{"10.0.0.0/8"}}}};
    EXPECT_EQ(sent(elsewhere, receiver.url()).failure, "address-not-allowed");
    EXPECT_TRUE(receiver.received().empty());
    net::Courier here{{.rules = net::Rules{{"127.0.0.0/8"}}}};
    EXPECT_TRUE(sent(here, receiver.url()).delivered());
    EXPECT_EQ(sent(here, "http://127.0.0.1:1/").failure, "connect-failed");
    EXPECT_EQ(sent(here, "http://nowhere.invalid/").failure, "name-not-resolved");
}

TEST(Courier, TakesNoProxyFromTheEnvironment) {
    Receiver receiver, proxy;
    ::setenv("http_proxy", proxy.url("").c_str(), 1);
    net::Courier courier{{.rules = net::Rules{{"127.0.0.0/8"}}}};
    EXPECT_TRUE(sent(courier, receiver.url()).delivered());
    ::unsetenv("http_proxy");
    EXPECT_TRUE(proxy.received().empty());
    EXPECT_EQ(receiver.received().size(), 1u);
}

TEST(Courier, BelievesNoCertificateThatNobodyVouchesFor) {
    const auto place = (support::directory() / "tls").string();
    const auto make =
        "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -addext "
        "subjectAltName=DNS:localhost -days 1 -keyout " +
        place + ".key -out " + place + ".pem 2>/dev/null";
    ASSERT_EQ(std::system(make.c_str()), 0);
    const auto serve = "timeout 20 openssl s_server -accept 127.0.0.1:18605 -key " + place +
                       ".key -cert " + place + ".pem -www -quiet >/dev/null 2>&1 &";
    ASSERT_EQ(std::system(serve.c_str()), 0);
    net::Courier courier{{.rules = net::Rules{{"127.0.0.0/8"}}}};
    net::Returned returned;
    for (int i = 0; i < 100; ++i) {
        returned = sent(courier, "https://localhost:18605/");
        if (returned.failure == "certificate-not-valid") break;
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    EXPECT_EQ(returned.failure, "certificate-not-valid");
    EXPECT_EQ(returned.status, 0);
}

TEST(Courier, TakesABoundedNumberAndGivesAllBackWhenItStops) {
    Receiver receiver{[](const Received&, int) { return Treatment{.delay_milliseconds = 4000}; }};
    std::atomic<int> stopped{0};
    const auto done = [&](const net::Returned& returned) {
        if (returned.failure == "stopped") ++stopped;
    };
    net::Courier courier{{.rules = net::Rules{{"127.0.0.1"}}, .under_way_max = 3}};
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(courier.send({receiver.url(), {}, "{}"}, done));
    EXPECT_FALSE(courier.send({receiver.url(), {}, "{}"}, done));
    courier.stop();
    EXPECT_EQ(stopped, 3);
    EXPECT_FALSE(courier.send({receiver.url(), {}, "{}"}, done));
}

}  // namespace
