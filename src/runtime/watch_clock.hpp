#pragma once
#include "events/personal.hpp"
#include "src/postgres/appender.hpp"

#include <chrono>

/// Looks at metrics for their people, again and again: odd days are told as anomalies, rules raise
/// alerts.
namespace runtime {

class WatchClock {
public:
    WatchClock(postgres::Database database, postgres::Appender& appender, events::Keys& keys,
               std::chrono::seconds look_every);
    ~WatchClock();

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
