#include "src/http/turns.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <ctime>
#include <utility>

namespace http {
namespace {

/// Asking for the thread's time is a system call; a turn takes some 10 us.
constexpr int look_every = 8;

/// Time in which the thread waits for a processor is nobody's turn.
double thread_micros() {
    std::timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return static_cast<double>(spent.tv_sec) * 1e6 + static_cast<double>(spent.tv_nsec) / 1e3;
}

}  // namespace

Turns::Turns(asio::io_context& context, Options options)
    : options_{options},
      context_{context},
      pause_{context},
      budget_micros_{static_cast<double>(options.burst_microseconds)} {}

void Turns::ask(Turn turn) {
    {
        const std::scoped_lock lock{mutex_};
        asked_.push_back({std::move(turn), Clock::now()});
        if (std::exchange(called_, true)) return;
    }
    asio::post(context_, [this] { go_on(); });
}

/// Gives turns while there is a budget, then lets the thread do something else: for a while, or
/// for one look at the other work when there is more to send than the share allows.
void Turns::go_on() {
    earn();
    give();
    if (!take_in()) return;
    if (is_late()) return asio::post(context_, [this] { go_on(); });
    const auto missing = std::max(0.0, options_.least_microseconds - budget_micros_);
    const std::chrono::microseconds saving{static_cast<std::int64_t>(missing / options_.share) + 1};
    const std::chrono::microseconds wait_max{options_.wait_microseconds};
    pause_.expires_at(std::min(Clock::now() + saving, next_.front().at + wait_max));
    pause_.async_wait([this](const Error&) { go_on(); });
}

void Turns::give() {
    const double burst = options_.burst_microseconds;
    const auto begun = thread_micros();
    double spent = 0;
    for (int given = 1; take_in() && spent < burst; ++given) {
        if (spent >= budget_micros_ && !is_late()) break;
        auto turn = std::move(next_.front().turn);
        next_.pop_front();
        std::move(turn)();
        if (given % look_every == 0) spent = thread_micros() - begun;
    }
    budget_micros_ = std::max(budget_micros_ - (thread_micros() - begun), -burst);
}

/// Asked of the first that waits.
bool Turns::is_late() const {
    return Clock::now() - next_.front().at > std::chrono::microseconds{options_.wait_microseconds};
}

void Turns::earn() {
    const auto now = Clock::now();
    const auto passed = std::chrono::duration<double, std::micro>{now - earned_}.count();
    earned_ = now;
    budget_micros_ = std::min(budget_micros_ + passed * options_.share,
                              static_cast<double>(options_.burst_microseconds));
}

/// False when nobody asks, and then the next who does calls.
bool Turns::take_in() {
    if (!next_.empty()) return true;
    const std::scoped_lock lock{mutex_};
    std::swap(next_, asked_);
    called_ = !next_.empty();
    return called_;
}

}  // namespace http
