// Turns on a loop's thread: in order, at once while there are few, and never more than a share.
#include "src/http/turns.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <ctime>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

namespace turns_test {
namespace {

using http::Clock;
using http::Turns;
namespace asio = boost::asio;

double thread_milliseconds() {
    std::timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) * 1e3 + static_cast<double>(spent.tv_nsec) / 1e6;
}

void work(double milliseconds) {
    const auto begun = thread_milliseconds();
    while (thread_milliseconds() - begun < milliseconds) {}
}

double milliseconds_since(Clock::time_point begun) {
    return std::chrono::duration<double, std::milli>{Clock::now() - begun}.count();
}

TEST(Turns, ComeInTheOrderInWhichTheyWereAskedFor) {
    asio::io_context context{1};
    Turns turns{context, {.share = 0.5, .burst_microseconds = 500, .least_microseconds = 100}};
    std::vector<int> seen;
    for (int i = 0; i < 200; ++i) {
        turns.ask([&, i] {
            work(0.05);
            seen.push_back(i);
            if (i < 100) turns.ask([&seen, i] { seen.push_back(200 + i); });
        });
    }
    context.run();
    ASSERT_EQ(seen.size(), 300U);
    for (int i = 0; i < 300; ++i) ASSERT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST(Turns, OfFewComeAtOnce) {
    asio::io_context context{1};
    Turns turns{context, {.share = 0.01, .burst_microseconds = 5000, .least_microseconds = 1000}};
    for (int i = 0; i < 10; ++i) {
        bool given = false;
        turns.ask([&] { given = true; });
        context.restart();
        EXPECT_EQ(context.poll(), 1U) << "no pause before it";
        EXPECT_TRUE(given);
    }
}

TEST(Turns, TakeNoMoreThanTheirShareOfTheThread) {
    asio::io_context context{1};
    Turns turns{context,
                {.share = 0.25, .burst_microseconds = 2000, .wait_microseconds = 10'000'000}};
    constexpr int count = 500;
    const auto begun = Clock::now();
    for (int i = 0; i < count; ++i) turns.ask([] { work(0.1); });
    context.run();
    EXPECT_GT(milliseconds_since(begun), (count * 0.1 - 2) / 0.25 * 0.9);
}

TEST(Turns, ThatHaveWaitedTooLongNeedNoShare) {
    asio::io_context context{1};
    Turns turns{context, {.share = 0.001, .burst_microseconds = 1000, .wait_microseconds = 10'000}};
    constexpr int count = 500;
    int given = 0, given_before_beside = count;
    const auto begun = Clock::now();
    for (int i = 0; i < count; ++i) {
        turns.ask([&] {
            work(0.1);
            if (++given == 20) asio::post(context, [&] { given_before_beside = given; });
        });
    }
    context.run();
    EXPECT_LT(milliseconds_since(begun), 10'000) << "50 s at their share";
    EXPECT_LT(given_before_beside, count / 2) << "the thread does other work in between";
}

TEST(Turns, LetOtherWorkOfTheThreadInBetween) {
    asio::io_context context{1};
    Turns turns{context};
    constexpr int count = 1000;
    int given = 0;
    for (int i = 0; i < count; ++i) {
        turns.ask([&] {
            work(0.05);
            if (++given == 1) asio::post(context, [&] { EXPECT_LT(given, count / 2); });
        });
    }
    context.run();
    EXPECT_EQ(given, count);
}

TEST(Turns, ComeFromEveryThreadAndNoneIsForgotten) {
    asio::io_context context{1};
    auto busy = std::make_optional(asio::make_work_guard(context));
    Turns turns{context};
    std::atomic<int> given = 0;
    constexpr int threads = 4, each = 20'000;
    std::vector<std::thread> askers;
    std::thread loop{[&] { context.run(); }};
    for (int i = 0; i < threads; ++i) {
        askers.emplace_back([&] {
            for (int k = 0; k < each; ++k) turns.ask([&] { ++given; });
        });
    }
    for (auto& asker : askers) asker.join();
    busy.reset();
    loop.join();
    EXPECT_EQ(given, threads * each);
}

}  // namespace
}  // namespace turns_test
