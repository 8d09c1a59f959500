// Compressed bodies over a real socket.
#include "tests/support/packed.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

namespace encoding_test {
namespace {

using support::gzipped;
using support::Headers;
using support::HttpClient;
using support::member;
using support::Tenant;
using support::zstandard;

constexpr std::string_view json = "application/json";
constexpr std::string_view ndjson = "application/x-ndjson";
const std::string one_point = R"({"points":[{"metric":"covers","at":"2025-06-02","value":3}]})";

class EncodedApi : public testing::Test {
protected:
    HttpClient client{support::app().port()};
    Tenant tenant = support::register_tenant(client);

    void SetUp() override {
        const auto defined = send("/v1/metrics", json, "gzip",
                                  gzipped(R"({"key":"covers","name":"Covers","unit":"count"})"));
        ASSERT_EQ(defined.status, 201) << "any command's body may be compressed: " << defined.body;
    }
    support::Response send(const std::string& path, std::string_view media,
                           const std::string& coding, const std::string& body,
                           const std::string& key = {}) {
        Headers headers;
        for (auto& header : support::write_headers(tenant, key)) {
            if (header.first != "Content-Type") headers.push_back(header);
        }
        headers.emplace_back("Content-Type", media);
        if (!coding.empty()) headers.emplace_back("Content-Encoding", coding);
        headers.emplace_back("Prefer", "return=representation, wait=20");
        return client.send("POST", path, headers, body);
    }
    std::string code(const std::string& coding, const std::string& body) {
        const auto answer = send("/v1/metrics/points", json, coding, body);
        return std::to_string(answer.status) + " " + member(answer.body, "code");
    }
};

TEST_F(EncodedApi, PointsComeInEveryCodingAndForm) {
    std::string lines, csv = "at,metric,value\n";
    for (int day = 1; day <= 28; ++day) {
        const auto at = "2025-02-" + std::string{day < 10 ? "0" : ""} + std::to_string(day);
        lines += R"({"metric":"covers","at":")" + at + R"(","value":7})" + "\n";
        csv += at + ",covers,8\n";
    }
    for (const auto& [coding, body] :
         {std::pair{"gzip", gzipped(lines)}, std::pair{"zstd", zstandard(lines)},
          std::pair{"identity", lines}}) {
        const auto answer = send("/v1/metrics/points", ndjson, coding, body);
        EXPECT_EQ(answer.status, 201) << answer.body;
        EXPECT_EQ(member(answer.body, "accepted"), "28") << coding;
    }
    const auto imported = send("/v1/metrics/import", "text/csv", "zstd", zstandard(csv));
    EXPECT_EQ(imported.status, 201) << imported.body;
    EXPECT_EQ(member(imported.body, "accepted"), "28");
}

TEST_F(EncodedApi, ARepeatInAnotherCodingIsTheSameRequest) {
    const auto key = domain::to_text(runtime::uuid_v7());
    const auto first = send("/v1/metrics/points", json, "", one_point, key);
    const auto again = send("/v1/metrics/points", json, "gzip", gzipped(one_point), key);
    const auto third = send("/v1/metrics/points", json, "zstd", zstandard(one_point), key);
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(again.header("idempotent-replayed"), "true") << again.body;
    EXPECT_EQ(again.header("location"), first.header("location"));
    EXPECT_EQ(third.header("idempotent-replayed"), "true");
    const auto other = send("/v1/metrics/points", json, "gzip", gzipped(one_point + " "), key);
    EXPECT_EQ(member(other.body, "code"), "idempotency-key-reused");
}

TEST_F(EncodedApi, WhatCannotBeUnpackedIsRefusedWithItsCode) {
    const auto packed = gzipped(one_point);
    EXPECT_EQ(code("gzip", packed.substr(0, packed.size() - 3)), "400 body-truncated");
    EXPECT_EQ(code("gzip", one_point), "400 body-corrupt");
    EXPECT_EQ(code("zstd", packed), "400 body-corrupt");
    EXPECT_EQ(code("gzip", gzipped(packed)), "400 malformed-json") << "compressed twice";
    EXPECT_EQ(code("gzip", gzipped("")), "422 validation-failed");
    EXPECT_EQ(code("gzip", ""), "422 validation-failed");
    EXPECT_EQ(code("br", packed), "415 unsupported-content-encoding");
    EXPECT_EQ(code("gzip, gzip", gzipped(packed)), "415 unsupported-content-encoding");
    const auto unknown = send("/v1/metrics/points", json, "deflate", packed);
    EXPECT_EQ(unknown.header("accept-encoding"), "gzip, zstd");
    EXPECT_EQ(code("zstd", zstandard(one_point)), "201 ") << "and the connection lives";
}

TEST_F(EncodedApi, BombsAreRefusedAndPointsMayUnpackToMoreThanOthers) {
    const std::string blanks(20 << 20, ' ');
    EXPECT_EQ(code("gzip", gzipped(one_point + blanks)), "413 payload-too-large");
    EXPECT_EQ(code("zstd", zstandard(one_point + blanks)), "413 payload-too-large");
    std::string lines;
    for (int row = 0; row < 10'000; ++row)
        lines += R"({"metric":"covers","at":"2025-06-02T0)" + std::to_string(row / 3600) + ":" +
                 std::to_string(row / 60 % 60 / 10) + std::to_string(row / 60 % 10) + ":" +
                 std::to_string(row % 60 / 10) + std::to_string(row % 10) +
                 R"(Z","dimensions":{},"location":null,"unit":"count","value":)" +
                 std::to_string(row * 7919 % 9973) + "}\n";
    ASSERT_GT(lines.size(), 1U << 20);
    const auto many = send("/v1/metrics/points", ndjson, "zstd", zstandard(lines));
    EXPECT_EQ(many.status, 201) << many.body.substr(0, 500);
    EXPECT_EQ(member(many.body, "accepted"), "10000");
    EXPECT_EQ(send("/v1/metrics/points", ndjson, "", lines).status, 201) << "lines come in pieces";
    EXPECT_EQ(send("/v1/metrics/import", "text/csv", "", lines).status, 413) << "a file does not";
    const auto goal =
        send("/v1/goals", json, "gzip", gzipped("{" + std::string(2 << 20, ' ') + "}"));
    EXPECT_EQ(goal.status, 413) << "others unpack to one limit";
}

}  // namespace
}  // namespace encoding_test
