#pragma once
#include "src/postgres/event_store.hpp"

#include <functional>
#include <memory>

/// The one bridge from I/O threads to blocking database work.
namespace runtime {

/// Threads with one reading connection each; libpqxx's one-thread rule holds by construction.
class Workers {
public:
    using Job = std::move_only_function<void(postgres::Reader&)>;

    Workers(postgres::Database database, int threads, std::size_t queue_max);
    ~Workers();
    /// Finishes what is queued, then takes no more: post() is false from then on.
    void stop();
    /// False, at once, when the queue is full; the job is dropped then.
    bool post(Job job);
    std::size_t queued() const;

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
