#pragma once
#include "src/runtime/metric_upkeep.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

namespace support {

/// A tenant with two metrics, and what the tests of metrics say over HTTP.
class MetricApi : public testing::Test {
protected:
    HttpClient client{app().port()};
    Tenant tenant = register_tenant(client);

    void SetUp() override {
        define(R"({"key":"revenue","name":"Revenue","unit":"USD","dimensions":["channel"]})");
        define(
            R"({"key":"covers","name":"Covers","unit":"count","minimum":0,"gap_policy":"zero"})");
    }

    void define(const std::string& body) {
        const auto answer = post("/v1/metrics", body);
        ASSERT_EQ(answer.status, 201) << answer.body;
    }
    Response post(const std::string& path, const std::string& body,
                  const std::string& media = "application/json") {
        Headers headers;
        for (auto& header : write_headers(tenant)) {
            if (header.first != "Content-Type") headers.push_back(header);
        }
        headers.emplace_back("Content-Type", media);
        headers.emplace_back("Prefer", "return=representation");
        last_ = client.send("POST", path, headers, body);
        return last_;
    }
    /// Reads at or after the last write.
    Response get(const std::string& path) {
        auto headers = read_headers(tenant);
        headers.emplace_back("Consistency-Token", last_.header("consistency-token"));
        return client.send("GET", path, headers, "");
    }
    /// The points of a series as `value value …`; `-` where there is none.
    std::string values(const std::string& path) {
        const auto answer = get(path);
        EXPECT_EQ(answer.status, 200) << answer.body;
        std::string out;
        const std::string before = "\"value\":";
        const auto end = answer.body.find("\"compare\"");
        for (auto at = answer.body.find(before); at < end; at = answer.body.find(before, at + 1)) {
            const auto from = at + before.size();
            auto value = answer.body.substr(from, answer.body.find_first_of(",}", from) - from);
            out += (out.empty() ? "" : " ") +
                   (value == "null" ? "-" : value.substr(1, value.size() - 2));
        }
        return out;
    }

    static void pack() {
        const auto packed =
            runtime::pack_cold_points(database(), *domain::instant_from("2025-06-01T00:00:00Z"),
                                      [](auto, auto) { return true; });
        ASSERT_TRUE(packed) << packed.error().detail;
        EXPECT_GT(packed->points, 0);
    }

    Response last_;
};

}  // namespace support
