// Points as pages, packed ones and trimmed ones, over a real socket.
#include "tests/support/metric_api.hpp"

#include "src/runtime/clock.hpp"
#include "src/runtime/metric_upkeep.hpp"

#include <thread>

namespace metric_points_test {
namespace {

using support::member;
using support::MetricApi;

TEST_F(MetricApi, PackedPointsAnswerAsBeforeAndAreCorrectedAndReverted) {
    std::string rows;
    for (int hour = 10; hour < 22; ++hour)
        rows += R"({"metric":"revenue","at":"2025-02-03T)" + std::to_string(hour) +
                R"(:00:00Z","value":")" + std::to_string(hour) + R"(.50"})" + "\n" +
                R"({"metric":"revenue","at":"2025-02-04T)" + std::to_string(hour) +
                R"(:30:00Z","value":7,"dimensions":{"channel":"web"}})" + "\n";
    ASSERT_EQ(post("/v1/metrics/points", rows, "application/x-ndjson").status, 201);
    const auto period = "from=2025-02-01&to=2025-02-08";
    const auto answers = [&] {
        std::string all;
        for (const auto* path : {"points?limit=500&", "points?limit=5&", "series?grain=hour&",
                                 "series?grain=day&", "quality?"})
            all += get("/v1/metrics/revenue/" + std::string{path} + period).body + "\n";
        return all + get("/v1/metrics/latest").body;
    };
    const auto before = answers();
    EXPECT_NE(before.find(R"("at":"2025-02-03T10:00:00.000000Z","day":"2025-02-03",)"
                          R"("location":"","dimensions":{},"value":"10.50","unit":"USD")"),
              std::string::npos)
        << before;
    EXPECT_NE(before.find(R"("dimensions":{"channel": "web"},"value":"7")"), std::string::npos);
    pack();
    EXPECT_EQ(answers(), before);

    // A correction and a late point meet packed ones, beside the running projection.
    ASSERT_EQ(post("/v1/metrics/points",
                   R"({"points":[{"metric":"revenue","at":"2025-02-03T10:00:00Z","value":"100"},
                                 {"metric":"revenue","at":"2025-02-03T10:30:00Z","value":"1"}]})")
                  .status,
              201);
    const auto batch = member(last_.body, "id");
    EXPECT_EQ(values("/v1/metrics/revenue/series?grain=hour&from=2025-02-03T10:00:00Z"
                     "&to=2025-02-03T12:00:00Z"),
              "101 11.5");
    EXPECT_EQ(values("/v1/metrics/revenue/series?from=2025-02-03&to=2025-02-05"), "282.5 84");
    pack();
    ASSERT_EQ(
        post("/v1/metrics/batches/" + batch + "/revert", R"({"reason":"Wrong till."})").status,
        200);
    EXPECT_EQ(answers(), before);
}

TEST_F(MetricApi, PointsArePagedAndWrittenAsCsv) {
    std::string rows = "at,metric,value\n";
    for (int day = 1; day < 29; ++day)
        rows += std::string{"2025-02-"} + (day < 10 ? "0" : "") + std::to_string(day) +
                "T12:00:00Z,revenue," + std::to_string(day) + ".10\n";
    ASSERT_EQ(post("/v1/metrics/import", rows, "text/csv").status, 201);
    std::string path = "/v1/metrics/revenue/points?from=2025-02-01&to=2025-03-01&limit=9", all;
    for (int pages = 0; !path.empty() && pages < 10; ++pages) {
        const auto page = get(path);
        ASSERT_EQ(page.status, 200) << page.body;
        for (auto at = page.body.find("\"value\""); at != std::string::npos;
             at = page.body.find("\"value\"", at + 1))
            all += page.body.substr(at + 9, page.body.find('"', at + 9) - at - 9) + " ";
        const bool more = page.body.find("\"next\":null") == std::string::npos;
        path = more ? member(page.body, "next") : "";
    }
    std::string wanted;
    for (int day = 1; day < 29; ++day) wanted += std::to_string(day) + ".10 ";
    EXPECT_EQ(all, wanted);
    auto headers = support::read_headers(tenant);
    headers.emplace_back("Accept", "text/csv");
    const auto csv = client.send(
        "GET", "/v1/metrics/revenue/points?from=2025-02-01&to=2025-03-01&limit=2", headers, "");
    EXPECT_EQ(csv.body,
              "metric,at,day,location,dimensions,value,unit\r\n"
              "revenue,2025-02-01T12:00:00.000000Z,2025-02-01,,{},1.10,USD\r\n"
              "revenue,2025-02-02T12:00:00.000000Z,2025-02-02,,{},2.10,USD\r\n");
    EXPECT_NE(csv.header("link").find("cursor="), std::string::npos);
    EXPECT_EQ(get("/v1/metrics/revenue/points?from=2020-01-01&to=2025-01-01").status, 400);
    EXPECT_EQ(get("/v1/metrics/nix/points").status, 404);
}

TEST_F(MetricApi, DaysThatWereTrimmedTakeNoPoints) {
    const auto sent = R"({"points":[{"metric":"covers","at":"2023-03-01","value":4},
                                    {"metric":"covers","at":"2026-01-05","value":9}]})";
    ASSERT_EQ(post("/v1/metrics/points", sent).status, 201);
    const auto first = member(last_.body, "id");
    get("/v1/metrics");
    const auto now = *domain::instant_from("2026-11-01T00:00:00Z");
    const auto trimmed =
        runtime::trim_histories(support::database(), support::app().appender(),
                                support::app().keys(), now, [](auto, auto) { return true; });
    ASSERT_TRUE(trimmed) << trimmed.error().detail;
    EXPECT_GE(*trimmed, 1);
    ASSERT_EQ(post("/v1/metrics/points", sent).status, 201);
    const auto rejects = get("/v1/metrics/batches/" + member(last_.body, "id") + "/rejects").body;
    EXPECT_NE(rejects.find("beyond-retention"), std::string::npos) << rejects;
    EXPECT_EQ(get("/v1/metrics/covers/points?from=2023-02-01&to=2023-04-01").body,
              R"({"items":[],"next":null})");
    // What outlives the points is untouched, and a revert leaves it alone.
    ASSERT_EQ(post("/v1/metrics/batches/" + first + "/revert", "{}").status, 200);
    EXPECT_EQ(values("/v1/metrics/covers/series?grain=month&from=2023-03-01&to=2023-04-01"), "4");
}

}  // namespace
}  // namespace metric_points_test
