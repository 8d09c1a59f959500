#pragma once
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/post.hpp>
#include <mutex>

#include "src/http/session.hpp"

/// Inside the server: how another thread wakes a connection.
namespace http {

/// Raised on any thread, waited for by one coroutine of the loop. A signal that nobody waits for is
/// kept for the next wait; nothing is posted to a connection that has ended.
class Signal {
public:
    explicit Signal(Executor executor) : executor_{std::move(executor)} {}
    /// Of a stream: it goes on when its turn has come.
    explicit Signal(Loop& loop) : executor_{loop.context.get_executor()}, turns_{&loop.turns} {}

    void raise() {
        const std::scoped_lock lock{mutex_};
        if (waiter_) wake(std::move(waiter_));
        else raised_ = true;
    }

    auto wait() {
        return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
            [](auto waiter, Signal* signal) { signal->wake_later(std::move(waiter)); },
            use_awaitable, this);
    }

private:
    void wake_later(asio::any_completion_handler<void()> waiter) {
        const std::scoped_lock lock{mutex_};
        if (std::exchange(raised_, false)) wake(std::move(waiter));
        else waiter_ = std::move(waiter);
    }
    void wake(asio::any_completion_handler<void()> waiter) {
        if (turns_ != nullptr) turns_->ask(std::move(waiter));
        else asio::post(executor_, std::move(waiter));
    }

    std::mutex mutex_;
    Executor executor_;
    Turns* turns_ = nullptr;
    bool raised_ = false;
    asio::any_completion_handler<void()> waiter_;
};

}  // namespace http
