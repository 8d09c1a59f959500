#pragma once
#include <boost/asio/any_completion_handler.hpp>
#include <deque>
#include <mutex>

#include "src/http/asio.hpp"

/// Inside the server: how the streams of one loop share its thread with everything else.
namespace http {

/// Whoever has something to send asks for a turn; turns are given first come, first served, and
/// take no more than a share of a processor, unless one has waited too long. So a thousand
/// streams that are all woken by one event cannot hold up the requests beside them, and what
/// happens until a stream's turn comes goes out in one piece. While there are few, a turn comes at
/// once.
class Turns {
public:
    using Turn = asio::any_completion_handler<void()>;

    struct Options {
        double share = 0.5;              ///< of a processor's time, above 0 and at most 1
        int burst_microseconds = 4000;   ///< taken at once after a pause
        int least_microseconds = 1000;   ///< saved up before it goes on
        int wait_microseconds = 20'000;  ///< whoever has waited so long has a turn in any case
    };
    explicit Turns(asio::io_context& context) : Turns{context, Options{}} {}
    Turns(asio::io_context& context, Options options);

    /// Any thread. `turn` is called on a thread of the context.
    void ask(Turn turn);

private:
    struct Asked {
        Turn turn;
        Clock::time_point at;
    };
    void go_on();
    void give();
    void earn();
    bool take_in();
    bool is_late() const;

    const Options options_;
    asio::io_context& context_;
    std::mutex mutex_;
    std::deque<Asked> asked_;  // guarded, as is
    bool called_ = false;      // whether go_on() will be
    // Of the context's thread:
    std::deque<Asked> next_;
    Timer pause_;
    double budget_micros_;
    Clock::time_point earned_ = Clock::now();
};

}  // namespace http
