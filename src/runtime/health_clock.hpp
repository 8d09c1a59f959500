#pragma once
#include "events/codec.hpp"
#include "src/postgres/appender.hpp"

#include <chrono>

#include <memory>

/// A path moves on without any check-in: this asks every goal whose day has come for its health.
namespace runtime {

class HealthClock {
public:
    HealthClock(postgres::Database database, postgres::Appender& appender, events::Keys& keys,
                std::chrono::seconds look_every);
    ~HealthClock();

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
