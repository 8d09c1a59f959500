// Bodies of requests and answers as JSON Schemas, from their pages.
#include "src/http/schemas.hpp"

#include <vector>

namespace http {

std::span<const Schema> schemas() {
    static const auto all = [] {
        std::vector<Schema> schemas;
        for (const auto part :
             {people_schemas(), metric_schemas(), log_schemas(), webhook_schemas()})
            schemas.insert(schemas.end(), part.begin(), part.end());
        return schemas;
    }();
    return all;
}

}  // namespace http
