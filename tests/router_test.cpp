// Every route is reached by its own address, whatever order the table has.
#include "src/http/route.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace router_test {
namespace {

TEST(Router, EveryRouteIsReached) {
    int reached = 0;
    for (const auto& route : http::routes()) {
        const auto path =
            std::regex_replace(std::string{route.path}, std::regex{"\\{[^}]*\\}"}, "thing");
        const auto found = http::match(route.method, path);
        ASSERT_NE(found.route, nullptr) << route.method << " " << path;
        EXPECT_EQ(found.route->path, route.path) << route.method << " " << path;
        ++reached;
    }
    EXPECT_GT(reached, 80);
}

TEST(Router, ANamedSegmentIsMoreThanAnyOther) {
    EXPECT_EQ(http::match("GET", "/v1/metrics/batches").route->path, "/v1/metrics/batches");
    const auto other = http::match("GET", "/v1/metrics/revenue");
    EXPECT_EQ(other.route->path, "/v1/metrics/{metric}");
    EXPECT_EQ(other.parameters.find("metric")->second, "revenue");
    EXPECT_EQ(http::match("PATCH", "/v1/goals").route, nullptr);
    EXPECT_EQ(http::match("PATCH", "/v1/goals").allow, "POST, GET");
}

}  // namespace
}  // namespace router_test
