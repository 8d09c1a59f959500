#pragma once
#include "events/personal.hpp"
#include "src/postgres/appender.hpp"

#include <chrono>

/// Packs and trims once a day.
namespace runtime {

struct UpkeepOptions {
    std::chrono::seconds first_after{60};  ///< the start, when everybody is busy
    std::chrono::seconds every{86'400};
    std::chrono::days pack_after{91};
};

/// Wakes by its own timer, and when somebody says `notify cairn_upkeep`, as the migrations have
/// pg_cron do each night where it is. Of all processes on a database one works at a time.
class UpkeepClock {
public:
    UpkeepClock(postgres::Database database, postgres::Appender& appender, events::Keys& keys,
                UpkeepOptions options);
    ~UpkeepClock();

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
