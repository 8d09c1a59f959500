// The loop of the clocks: it goes on after failures, and ends when it is told.
#include "src/runtime/ticker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace ticker_test {
namespace {

using namespace std::chrono_literals;
using runtime::Ticker;

template <class Holds>
bool soon(Holds holds) {
    const auto until = std::chrono::steady_clock::now() + 5s;
    while (!holds() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(1ms);
    return holds();
}

TEST(Ticker, GoesOnAfterARefusalAndAnException) {
    constexpr domain::Reason away{domain::Reason::Kind::unavailable, "away", "Away"};
    std::atomic<int> rounds = 0;
    const Ticker ticker{"test", 1ms, [&]() -> domain::Result<void> {
                            if (++rounds == 1) return domain::refuse(away);
                            if (rounds == 2) throw std::runtime_error{"no"};
                            return {};
                        }};
    EXPECT_TRUE(soon([&] { return rounds > 3; }));
}

TEST(Ticker, BeginsAtOnceWaitsAndIsWoken) {
    std::atomic<int> rounds = 0;
    Ticker ticker{"test", 1h, [&]() -> domain::Result<void> {
                      ++rounds;
                      return {};
                  }};
    EXPECT_TRUE(soon([&] { return rounds == 1; }));
    std::this_thread::sleep_for(20ms);
    EXPECT_EQ(rounds, 1) << "it waits";
    ticker.wake();
    EXPECT_TRUE(soon([&] { return rounds == 2; }));
}

TEST(Ticker, AWakeDuringARoundIsNotLost) {
    std::atomic<int> rounds = 0;
    std::atomic<bool> held = true;
    Ticker ticker{"test", 1h, [&]() -> domain::Result<void> {
                      ++rounds;
                      while (held) std::this_thread::sleep_for(1ms);
                      return {};
                  }};
    EXPECT_TRUE(soon([&] { return rounds == 1; }));
    ticker.wake();
    held = false;
    EXPECT_TRUE(soon([&] { return rounds == 2; }));
}

TEST(Ticker, GoesOnlyWhenItsRoundIsOver) {
    std::atomic<bool> begun = false, over = false;
    {
        const Ticker ticker{"test", 1h, [&]() -> domain::Result<void> {
                                begun = true;
                                std::this_thread::sleep_for(20ms);
                                over = true;
                                return {};
                            }};
        ASSERT_TRUE(soon([&] { return begun.load(); }));
    }
    EXPECT_TRUE(over);
}

}  // namespace
}  // namespace ticker_test
