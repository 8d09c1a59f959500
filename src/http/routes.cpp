// The whole API, from its pages.
#include "src/http/route_parts.hpp"

namespace http {

std::span<const Route> routes() {
    static const auto all = [] {
        std::vector<Route> routes;
        for (const auto part :
             {people_routes(), metric_routes(), benchmark_routes(), log_routes(), webhook_routes()})
            routes.insert(routes.end(), part.begin(), part.end());
        return routes;
    }();
    return all;
}

}  // namespace http
