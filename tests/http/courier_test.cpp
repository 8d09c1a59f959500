// What the courier does with receivers of all kinds, by itself.
#include "src/net/courier.hpp"
#include "tests/support/cluster.hpp"
#include "tests/support/receiver.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <dlfcn.h>
#include <future>
#include <netdb.h>
#include <string_view>
#include <thread>

namespace courier_test {

/// The C library's resolver, but names below hangs.test get no answer for four seconds: libcurl's
/// threads find this one first.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
    if (name != nullptr && std::string_view{name}.ends_with("hangs.test")) {
        std::this_thread::sleep_for(std::chrono::seconds{4});
        return EAI_AGAIN;
    }
    using Resolve = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto real = reinterpret_cast<Resolve>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return real(name, service, hints, found);
}

namespace {

using Taken = net::Courier::Taken;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

using support::Received;
using support::Receiver;
using support::Treatment;

net::Returned sent(net::Courier& courier, const std::string& url) {
    std::promise<net::Returned> promise;
    EXPECT_EQ(courier.send({url, {}, "{}"},
                           [&](net::Returned got) { promise.set_value(std::move(got)); }),
              Taken::yes);
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
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(courier.send({receiver.url(), {}, "{}"}, done), Taken::yes);
    EXPECT_EQ(courier.send({receiver.url(), {}, "{}"}, done), Taken::full);
    courier.stop();
    EXPECT_EQ(stopped, 3);
    EXPECT_EQ(courier.send({receiver.url(), {}, "{}"}, done), Taken::full);
}

TEST(Courier, AResolverThatNeverAnswersHoldsUpNobodyElse) {
    Receiver receiver;
    net::Courier courier{{.rules = net::Rules{{"127.0.0.1"}}, .connect_milliseconds = 200}};
    std::promise<net::Returned> promise;
    auto lost = promise.get_future();
    const auto begun = steady_clock::now();
    ASSERT_EQ(courier.send({"http://a.hangs.test/", {}, "{}"},
                           [&](net::Returned got) { promise.set_value(std::move(got)); }),
              Taken::yes);
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(sent(courier, receiver.url()).delivered());
        std::this_thread::sleep_for(milliseconds{50});
    }
    EXPECT_EQ(lost.get().failure, "timeout");
    EXPECT_LT(steady_clock::now() - begun, milliseconds{2500});
    ASSERT_EQ(courier.send({"http://b.hangs.test/", {}, "{}"}, [](net::Returned) {}), Taken::yes);
    std::this_thread::sleep_for(milliseconds{50});
    const auto stopped = steady_clock::now();
    courier.stop();
    EXPECT_LT(steady_clock::now() - stopped, milliseconds{1500});
}

TEST(Courier, OneHostLeavesRoomForOthersAndWhoTakesTurnsWaits) {
    Receiver slow{[](const Received&, int) { return Treatment{.delay_milliseconds = 1500}; }};
    Receiver quick;
    net::Courier courier{{.rules = net::Rules{{"127.0.0.1"}}, .each_host_max = 2}};
    const auto done = [](const net::Returned&) {};
    net::Parcel in_turn{slow.url(), {}, "{}", "one at a time"};
    EXPECT_EQ(courier.send(in_turn, done), Taken::yes);
    EXPECT_EQ(courier.send(in_turn, done), Taken::in_turn);
    EXPECT_EQ(courier.send({slow.url("/other"), {}, "{}"}, done), Taken::yes);
    EXPECT_EQ(courier.send({slow.url("/third"), {}, "{}"}, done), Taken::full);
    EXPECT_TRUE(sent(courier, quick.url()).delivered());
    while (courier.under_way() > 0) std::this_thread::sleep_for(milliseconds{20});
    EXPECT_EQ(courier.send(in_turn, done), Taken::yes);
}

}  // namespace
}  // namespace courier_test
