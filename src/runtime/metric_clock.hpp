#pragma once
#include "events/personal.hpp"
#include "src/postgres/appender.hpp"

#include <chrono>

/// Checks goals in whose metric has a complete period.
namespace runtime {

/// Again and again it looks at active goals measured by one of the tenant's metrics. A period is
/// the goal's cadence, counted from its start; it is complete when the metric has a later day, or
/// two days after its end. The value is that of the period; of a cumulative metric, that since the
/// goal's start. One period of one goal is one command, whoever asks and however often. Every
/// complete period since the start, of the last 400, is checked in once it has a value, oldest
/// first, up to 31 of a goal at a look: after an outage or a back-fill none is left out.
/// When the value of one of the last three periods has changed since its check-in, a check-in of
/// the same day corrects it; of a goal to stay within limits only that of the last one.
class MetricClock {
public:
    MetricClock(postgres::Database database, postgres::Appender& appender, events::Keys& keys,
                std::chrono::seconds look_every);
    ~MetricClock();

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
