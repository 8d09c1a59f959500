// Rows at the edges of what a batch takes: many series, bad rows, numbers and texts as typed.
#include "tests/support/metric_api.hpp"

namespace metric_rows_test {
namespace {

using support::member;

class MetricRows : public support::MetricApi {
protected:
    static constexpr const char* lines = "application/x-ndjson";

    /// Waits for a read model that has much to do.
    support::Response patient_get(const std::string& path) {
        for (int i = 0; i < 30; ++i) {
            const auto answer = get(path);
            if (answer.status != 503) return answer;
        }
        return get(path);
    }
};

TEST_F(MetricRows, OfSeriesThatAllDifferAreShownAndReverted) {
    define(R"({"key":"sales","name":"Sales","unit":"USD","dimensions":["item","till"]})");
    std::string rows;
    for (int i = 0; i < 10'000; ++i)
        rows +=
            R"({"metric":"sales","at":"2026-03-02T10:00:00Z","value":1,"dimensions":{"item":")" +
            std::to_string(i) + R"(","till":"a"}})" + "\n";
    const auto taken = post("/v1/metrics/points", rows, lines);
    ASSERT_EQ(taken.status, 201) << taken.body;
    const auto batch = "/v1/metrics/batches/" + member(taken.body, "id");
    EXPECT_EQ(member(patient_get(batch).body, "accepted"), "10000");
    const auto day = "/v1/metrics/sales/series?from=2026-03-02&to=2026-03-03";
    EXPECT_EQ(values(day), "10000");
    const auto feed = get("/v1/events?type=metric-batch.ingested");
    EXPECT_EQ(feed.status, 200) << feed.body.substr(0, 500);
    EXPECT_TRUE(feed.body.contains(R"("item":"9999")"));
    const auto reverted = post(batch + "/revert", R"({"reason":"A test."})");
    ASSERT_EQ(reverted.status, 200) << reverted.body;
    EXPECT_EQ(member(patient_get(batch).body, "reverted"), "true");
    EXPECT_EQ(values(day), "-");
}

TEST_F(MetricRows, NumbersAreTakenAsTheyAreTypedOrNot) {
    const auto taken = post("/v1/metrics/points", R"({"points":[
        {"metric":"revenue","at":"2026-03-02","value":9007199254740.993},
        {"metric":"revenue","at":"2026-03-03","value":0.1000000000000000055},
        {"metric":"revenue","at":"2026-03-04","value":1e-400},
        {"metric":"revenue","at":"2026-03-05","value":9007199254740993.0},
        {"metric":"revenue","at":"2026-03-06","value":1.00000000000000001}]})");
    ASSERT_EQ(taken.status, 201) << taken.body;
    EXPECT_EQ(member(taken.body, "accepted"), "2") << taken.body;
    EXPECT_EQ(values("/v1/metrics/revenue/series?from=2026-03-02&to=2026-03-07"),
              "9007199254740.993 - - 9007199254740993 -");
    const auto rejects = get("/v1/metrics/batches/" + member(taken.body, "id") + "/rejects").body;
    for (const auto* reject : {R"("line":2,)", R"("line":3,)", R"("line":5,)"})
        EXPECT_TRUE(rejects.contains(reject)) << rejects;
}

TEST_F(MetricRows, AsManyAsPromisedMayNameALocation) {
    const auto opened = client.send("PUT", "/v1/locations/main", support::write_headers(tenant),
                                    R"({"name":"Main street"})");
    ASSERT_EQ(opened.status, 200) << opened.body;
    std::string rows;
    for (int i = 0; i < 10'000; ++i) {
        char at[24];
        std::snprintf(at, sizeof at, "2026-03-02T%02d:%02d:%02dZ", i / 3600, i / 60 % 60, i % 60);
        rows += (i == 0 ? "" : ",") + (R"({"metric":"covers","at":")" + std::string{at}) +
                R"(","value":1,"location":"main"})";
    }
    const auto taken = post("/v1/metrics/points", R"({"points":[)" + rows + "]}");
    ASSERT_EQ(taken.status, 201) << taken.body;
    EXPECT_EQ(
        member(patient_get("/v1/metrics/batches/" + member(taken.body, "id")).body, "accepted"),
        "10000");
    // Everybody else's limit is the old one.
    std::string list = "0";
    for (std::size_t i = 0; i < 50'000; ++i) list += ",0";
    const auto refused = post("/v1/metrics", "[" + list + "]");
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(member(refused.body, "code"), "json-too-large") << refused.body;
}

}  // namespace
}  // namespace metric_rows_test
