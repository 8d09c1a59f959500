#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace pqxx {
class connection;
}

/// Where the projections stand, as the database knows it.
namespace cli {

struct LaneStanding {
    int lane{};
    std::int64_t position{}, head{};
    double lag_seconds{};     ///< age of the first event it has not read; 0 when there is none
    std::string advanced_at;  ///< empty before the first batch
    std::string holder;       ///< of a lease that has not run out
};
struct Standing {
    std::string name;
    std::string state;  ///< running, paused or failed
    std::string failed;
    std::int64_t parked{};  ///< keys
    std::vector<LaneStanding> lanes;

    std::int64_t behind() const;
    double lag_seconds() const;
    std::string advanced_at() const;
};

/// Every projection of the program, in the order of the catalogue.
std::vector<Standing> standings(pqxx::connection& connection);

}  // namespace cli
