#include "src/runtime/ticker.hpp"

#include "src/postgres/refusing.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/thread_name.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace runtime {

struct Ticker::Body {
    std::string name;
    std::chrono::milliseconds every;
    Job job;
    std::mutex mutex;
    std::condition_variable changed;
    bool stopping = false;
    bool woken = false;
    std::thread thread;

    void run() {
        name_thread(name.c_str());
        do {
            const auto done = postgres::refusing(job);
            if (!done)
                log::warn(name + " failed", {{"code", std::string{done.error().why.slug}},
                                             {"detail", done.error().detail}});
        } while (!stopped_while_waiting());
    }

    bool stopped_while_waiting() {
        std::unique_lock lock{mutex};
        changed.wait_for(lock, every, [this] { return stopping || woken; });
        woken = false;
        return stopping;
    }

    void tell(bool Body::* what) {
        {
            const std::lock_guard lock{mutex};
            this->*what = true;
        }
        changed.notify_one();
    }
};

Ticker::Ticker(std::string name, std::chrono::milliseconds every, Job job)
    : body_{new Body{.name = std::move(name), .every = every, .job = std::move(job)}} {
    body_->thread = std::thread{[body = body_.get()] { body->run(); }};
}

Ticker::~Ticker() {
    body_->tell(&Body::stopping);
    body_->thread.join();
}

void Ticker::wake() { body_->tell(&Body::woken); }

}  // namespace runtime
