// What the courier does with receivers of all kinds, by itself.
#include "src/net/courier.hpp"
#include "tests/support/receiver.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace {

using support::Received;
using support::Receiver;
using support::Treatment;

TEST(Courier, LooksAtTheAddressToWhichANameLeads) {
    net::Courier courier{{.rules = {}}};
    std::promise<net::Returned> promise;
    ASSERT_TRUE(courier.send({"https://localhost/", {}, "{}"},
                             [&](net::Returned got) { promise.set_value(std::move(got)); }));
    const auto returned = promise.get_future().get();
    EXPECT_EQ(returned.failure, "address-not-allowed");
    EXPECT_FALSE(returned.delivered());
}

TEST(Courier, SpeaksPlainlyWithAllowedNetworksOnlyAndVerifiesTls) {
    Receiver receiver;
    const auto sent = [](net::Courier& courier, const std::string& url) {
        std::promise<net::Returned> promise;
        EXPECT_TRUE(courier.send({url, {}, "{}"},
                                 [&](net::Returned got) { promise.set_value(std::move(got)); }));
        return promise.get_future().get();
    };
    net::Courier elsewhere{{.rules = net::Rules{{"10.0.0.0/8"}}}};
    EXPECT_EQ(sent(elsewhere, receiver.url()).failure, "address-not-allowed");
    EXPECT_TRUE(receiver.received().empty());
    net::Courier here{{.rules = net::Rules{{"127.0.0.0/8"}}}};
    EXPECT_TRUE(sent(here, receiver.url()).delivered());
    auto https = receiver.url();
    https.replace(0, 4, "https");
    EXPECT_EQ(sent(here, https).failure, "tls-failed");
    EXPECT_EQ(sent(here, "http://127.0.0.1:1/").failure, "connect-failed");
    EXPECT_EQ(sent(here, "http://nowhere.invalid/").failure, "name-not-resolved");
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
