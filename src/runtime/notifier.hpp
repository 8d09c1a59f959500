#pragma once
#include "src/postgres/connect.hpp"

#include <memory>

/// Tells other processes that lanes have grown.
namespace runtime {

/// Sends coalesced notifications `lane:position` on the channel cairn_log from a connection of its
/// own, at most one a lane every few milliseconds, so that no append ever waits for a NOTIFY.
class Notifier {
public:
    explicit Notifier(postgres::Database database);
    ~Notifier();
    /// From any thread; never blocks on the database.
    void tell(int lane, std::int64_t position);

private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace runtime
