#pragma once
#include "src/postgres/connect.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>

/// Seals the log in the background: every second, or as soon as a lane has grown by 1,000 events.
namespace runtime {

struct SealerStanding {
    std::int64_t waiting{};            ///< events that the last round found unsealed
    std::int64_t caught_up_seconds{};  ///< since 1970: when a round last ended well
    bool failing{};
};

/// Of all processes with a sealer one works; the others see after it every second.
class Sealer {
public:
    Sealer(postgres::Database database, std::filesystem::path secrets);
    /// Seals what is there before it goes.
    ~Sealer();
    /// From any thread; never blocks on the database.
    void tell(int lane, std::int64_t position);
    SealerStanding standing() const;

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
