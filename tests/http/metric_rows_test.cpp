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

}  // namespace
}  // namespace metric_rows_test
