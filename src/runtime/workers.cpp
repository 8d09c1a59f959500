#include "src/runtime/workers.hpp"

#include "src/runtime/log.hpp"
#include "src/runtime/thread_name.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace runtime {

struct Workers::Body {
    postgres::Database database;
    std::size_t queue_max{};
    mutable std::mutex mutex;
    std::condition_variable wake;
    std::deque<Job> queue;
    bool stopping = false;
    std::vector<std::thread> threads;

    void run() {
        postgres::Reader reader{database};
        while (true) {
            Job job;
            {
                std::unique_lock lock{mutex};
                wake.wait(lock, [this] { return stopping || !queue.empty(); });
                if (queue.empty()) return;
                job = std::move(queue.front());
                queue.pop_front();
            }
            // One of the doors: a defect ends one request, which then answers 500.
            try {
                job(reader);
            } catch (const std::exception& defect) {
                log::error("defect in a request", {{"what", defect.what()}});
            }
        }
    }
};

Workers::Workers(postgres::Database database, int threads, std::size_t queue_max)
    : body_{std::make_unique<Body>()} {
    body_->database = std::move(database);
    body_->queue_max = queue_max;
    for (int i = 0; i < threads; ++i)
        body_->threads.emplace_back([body = body_.get()] {
            name_thread("cairn-worker");
            body->run();
        });
}

Workers::~Workers() { stop(); }

void Workers::stop() {
    {
        const std::lock_guard lock{body_->mutex};
        body_->stopping = true;
    }
    body_->wake.notify_all();
    for (auto& thread : body_->threads) thread.join();
    body_->threads.clear();
}

bool Workers::post(Job job) {
    {
        const std::lock_guard lock{body_->mutex};
        if (body_->stopping || body_->queue.size() >= body_->queue_max) return false;
        body_->queue.push_back(std::move(job));
    }
    body_->wake.notify_one();
    return true;
}

std::size_t Workers::queued() const {
    const std::lock_guard lock{body_->mutex};
    return body_->queue.size();
}

}  // namespace runtime
