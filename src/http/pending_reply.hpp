#pragma once
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <mutex>
#include <optional>

#include "src/http/message.hpp"
#include "src/http/session.hpp"
#include "src/http/signal.hpp"

/// Inside the server: the way of a reply from any thread to its connection.
namespace http {

/// Carries one reply from any thread to the session that waits for it. The lock orders a late
/// reply against a server that ends: nothing is posted to a session that has gone on.
class PendingReply {
public:
    /// `signal`, where there is one, is raised with the reply: its session does something else yet.
    PendingReply(Executor executor, std::shared_ptr<Signal> signal)
        : executor_{std::move(executor)}, signal_{std::move(signal)} {}

    /// Any thread. Only the first call counts; nothing means that there will be no reply.
    void deliver(std::optional<Reply> reply) {
        const std::scoped_lock lock{mutex_};
        if (finished_) return;
        finished_ = true;
        reply_ = std::move(reply);
        if (signal_) signal_->raise();
        if (waiter_) asio::post(executor_, std::move(waiter_));
    }

    bool finished() {
        const std::scoped_lock lock{mutex_};
        return finished_;
    }

    std::optional<Reply> take() {
        const std::scoped_lock lock{mutex_};
        return std::move(reply_);
    }

    auto wait() {
        return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
            [](auto waiter, PendingReply* pending) { pending->wake_later(std::move(waiter)); },
            use_awaitable, this);
    }

private:
    void wake_later(asio::any_completion_handler<void()> waiter) {
        const std::scoped_lock lock{mutex_};
        if (finished_) asio::post(executor_, std::move(waiter));
        else waiter_ = std::move(waiter);
    }

    std::mutex mutex_;
    Executor executor_;
    std::shared_ptr<Signal> signal_;
    bool finished_ = false;
    std::optional<Reply> reply_;
    asio::any_completion_handler<void()> waiter_;
};

/// What a handler holds as its Respond.
class Responder {
public:
    explicit Responder(std::shared_ptr<PendingReply> pending) : pending_{std::move(pending)} {}
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&&) = delete;
    ~Responder() {
        if (pending_) pending_->deliver(std::nullopt);
    }

    void operator()(Reply reply) {
        const auto pending = std::move(pending_);
        if (pending) pending->deliver(std::move(reply));
    }

private:
    std::shared_ptr<PendingReply> pending_;
};

}  // namespace http
