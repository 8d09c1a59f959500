// Benchmarks over a real socket, as an owner meets them: register, import, ask, compare.
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

namespace http_benchmark_test {
namespace {

using support::Headers;
using support::HttpClient;
using support::member;
using support::Tenant;

std::string file(const std::string& name) {
    std::ifstream in{std::string{REPOSITORY} + "/tests/data/benchmarks/" + name};
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

class BenchmarkApi : public testing::Test {
protected:
    HttpClient client{support::app().port()};
    Tenant tenant = support::register_tenant(client);

    support::Response write(const std::string& method, const std::string& path,
                            const std::string& body,
                            const std::string& media = "application/json") {
        Headers headers;
        for (auto& header : support::write_headers(tenant)) {
            if (header.first != "Content-Type") headers.push_back(header);
        }
        if (!body.empty()) headers.emplace_back("Content-Type", media);
        headers.emplace_back("Prefer", "return=representation");
        auto answer = client.send(method, path, headers, body);
        const auto token = answer.header("consistency-token");
        if (!token.empty()) seen_ = token;
        return answer;
    }
    support::Response post(const std::string& path, const std::string& body,
                           const std::string& media = "application/json") {
        return write("POST", path, body, media);
    }
    /// Reads at or after the last write.
    support::Response get(const std::string& path, const std::string& accept = "application/json") {
        auto headers = support::read_headers(tenant);
        if (!seen_.empty()) headers.emplace_back("Consistency-Token", seen_);
        headers.emplace_back("Accept", accept);
        return client.send("GET", path, headers, "");
    }
    /// The address of a new series.
    std::string series(const std::string& provider, const std::string& external_id,
                       const std::string& unit, const std::string& frequency,
                       const std::string& redistribute = "false") {
        const auto made =
            post("/v1/benchmarks", R"({"provider":")" + provider + R"(","external_id":")" +
                                       external_id + R"(","title":"Some, series","unit":")" + unit +
                                       R"(","frequency":")" + frequency +
                                       R"(","geo":"US","licence":{"redistribute":)" + redistribute +
                                       R"(,"attribution":"Thanks to \"them\""}})");
        EXPECT_EQ(made.status, 201) << made.body;
        return made.header("location");
    }
    void metric(const std::string& key, const std::string& unit, const std::string& points,
                const std::string& more = "") {
        ASSERT_EQ(post("/v1/metrics", R"({"key":")" + key + R"(","name":"A metric","unit":")" +
                                          unit + "\"" + more + "}")
                      .status,
                  201);
        ASSERT_EQ(post("/v1/metrics/points",
                       R"({"series":[{"metric":")" + key + R"(","points":[)" + points + "]}]}")
                      .status,
                  201);
    }
    static std::string id_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }
    void map(const std::string& key, const std::string& benchmark, const std::string& body) {
        const auto mapped =
            write("PUT", "/v1/metrics/" + key + "/benchmarks/" + id_of(benchmark), body);
        ASSERT_EQ(mapped.status, 200) << mapped.body;
    }

    std::string seen_;  ///< the position of the tenant's last write
};

TEST_F(BenchmarkApi, ASeriesIsRegisteredOnceAndRetired) {
    const auto path = series("fred", "CPIAUCSL", "index", "month", "true");
    EXPECT_EQ(member(get(path).body, "notice"), "null");
    const auto again =
        post("/v1/benchmarks", R"({"provider":"fred","external_id":"CPIAUCSL","title":"Twice",)"
                               R"("unit":"index","frequency":"month","geo":"US","licence":)"
                               R"({"attribution":"BLS"}})");
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(member(again.body, "code"), "benchmark-already-registered");
    const auto wrong = post("/v1/benchmarks", R"({"provider":"nobody","colour":1})");
    EXPECT_EQ(wrong.status, 422);
    for (const auto* fault : {"#/provider", "#/external_id", "#/licence", "#/colour"})
        EXPECT_NE(wrong.body.find(fault), std::string::npos) << fault;
    EXPECT_EQ(get("/v1/benchmarks?provider=census").body, R"({"items":[],"next":null})");
    EXPECT_NE(get("/v1/benchmarks").body.find("CPIAUCSL"), std::string::npos);
    EXPECT_EQ(get("/v1/benchmarks?retired=perhaps").status, 400);
    EXPECT_EQ(write("DELETE", path, "").status, 200);
    EXPECT_EQ(get("/v1/benchmarks").body, R"({"items":[],"next":null})");
    EXPECT_NE(get(path).body.find(R"("retired_on":"2)"), std::string::npos);
    EXPECT_EQ(member(post(path + "/import", file("fred_observations.json")).body, "code"),
              "benchmark-retired");
}

TEST_F(BenchmarkApi, VintagesStandBesideEachOther) {
    const auto path = series("fred", "CPIAUCSL", "index", "month", "true");
    const auto preview = post(path + "/import?validate_only=true", file("fred_observations.json"));
    EXPECT_NE(preview.body.find(R"("received":7,"accepted":5,"known":0,"missing":1,"rejected":1)"),
              std::string::npos)
        << preview.body;
    const auto import = post(path + "/import", file("fred_observations.json"));
    ASSERT_EQ(import.status, 201) << import.body;
    EXPECT_EQ(member(import.body, "accepted"), "5");
    EXPECT_EQ(get(import.header("location") + "/rejects").body,
              R"({"items":[{"line":6,"code":"period","detail":"The period is none of the series' )"
              R"(frequency: month."}],"next":null})");
    EXPECT_EQ(post(path + "/import", file("fred_observations.json")).status, 200)
        << "all of it is known already";
    const auto now = get(path + "/observations?from=2023&to=2024");
    EXPECT_NE(now.body.find(R"("licence":{"redistribute":true,"cloud_model_use":false,)"
                            R"("attribution":"Thanks to \"them\"","notice":null},"as_of":null,)"
                            R"("truncated":false,"observations":[{"period":"2023-11-01","value":)"
                            R"("308.024","vintage":"2024-02-13"},{"period":"2023-12-01","value":)"
                            R"("308.742","vintage":"2024-02-13"}]})"),
              std::string::npos)
        << now.body;
    const std::string then = path + "/observations?as_of=2024-02-12";
    const auto before = get(then);
    EXPECT_NE(before.body.find(R"([{"period":"2023-11-01","value":"307.051","vintage":)"
                               R"("2024-01-11"},{"period":"2023-12-01","value":"306.746",)"),
              std::string::npos)
        << before.body;
    ASSERT_EQ(post(path + "/import?vintage=2024-05-15", file("fred_series.csv"), "text/csv").status,
              201);
    EXPECT_EQ(get(then).body, before.body) << "what was known does not change";
    EXPECT_EQ(get(path + "/observations?from=2024-04&as_of=2024-05-15", "text/csv").body,
              "benchmark,period,value,unit,vintage,p10,p25,p50,p75,p90,attribution\r\n"
              "\"Some, series\",2024-04-01,313.207,index,2024-05-15,,,,,,"
              "\"Thanks to \"\"them\"\"\"\r\n");
    EXPECT_EQ(get(path + "/observations?as_of=then").status, 400);
    EXPECT_EQ(get(path + "/observations?from=soon").status, 400);
    EXPECT_NE(get(path + "/imports").body.find("fred-csv"), std::string::npos);
    EXPECT_EQ(member(get(path).body, "first_period"), "1947-01-01");
}

TEST_F(BenchmarkApi, EveryProvidersFileLands) {
    const auto census = series("census", "MARTS", "musd", "month", "true");
    EXPECT_EQ(member(post(census + "/import?value=cell_value&where=category_code:722",
                          file("census_marts.json"))
                         .body,
                     "accepted"),
              "2");
    EXPECT_EQ(post(census + "/import", file("census_marts.json")).status, 422);
    EXPECT_EQ(post(census + "/import?colour=red", file("census_marts.json")).status, 400);
    const auto ibisworld = series("ibisworld", "72221b", "busd", "year");
    EXPECT_EQ(
        member(post(ibisworld + "/import?metric=Revenue", file("ibisworld_industry.json")).body,
               "accepted"),
        "3");
    const auto shown = get(ibisworld + "/observations").body;
    EXPECT_NE(shown.find(R"("redistribute":false,"cloud_model_use":false)"), std::string::npos);
    EXPECT_NE(shown.find("the provider forbids passing it on"), std::string::npos);
    const auto bls = series("bls", "CUUR0000SA0", "index", "month", "true");
    EXPECT_EQ(member(post(bls + "/import", file("bls_timeseries.json")).body, "accepted"), "2");
    const auto manual = series("manual", "labour", "ratio", "year");
    const auto taken = post(manual + "/import", file("manual.csv"), "text/csv");
    EXPECT_EQ(member(taken.body, "accepted"), "2") << taken.body;
    EXPECT_EQ(member(taken.body, "rejected"), "4");
    EXPECT_NE(get(manual + "/observations")
                  .body.find(R"("percentiles":{"p25":"28","p50":"30.5","p75":"34"})"),
              std::string::npos);
    EXPECT_EQ(post(manual + "/import", "{}").status, 422);
    EXPECT_EQ(post(manual + "/import", "").status, 422);
}

TEST_F(BenchmarkApi, AFileHasTheWholeSeriesAndJsonSaysThatItHasNot) {
    constexpr int days = 6'000;
    std::string csv = "period,value\n";
    const auto first = *domain::date_from("2000-01-01");
    for (int day = 0; day < days; ++day)
        csv += domain::to_text(first + day) + "," + std::to_string(day) + "\n";
    const auto path = series("manual", "daily", "index", "day");
    const auto taken = post(path + "/import", csv, "text/csv");
    ASSERT_EQ(taken.status, 201) << taken.body;
    const auto whole = get(path + "/observations", "text/csv").body;
    EXPECT_EQ(std::ranges::count(whole, '\n'), days + 1);
    EXPECT_TRUE(whole.contains(",2000-01-01,0,index,")) << whole.substr(0, 200);
    const auto newest = get(path + "/observations").body;
    EXPECT_TRUE(newest.contains(R"("truncated":true)"));
    EXPECT_FALSE(newest.contains(R"("period":"2000-01-01")"));
}

TEST_F(BenchmarkApi, AMetricStandsBetweenPublishedPercentiles) {
    metric("labour_share", "ratio", R"(["2023-06-01","29.25"],["2023-07-01","31"])",
           R"(,"aggregation":"mean")");
    const auto path = series("manual", "labour", "ratio", "year");
    post(path + "/import", file("manual.csv"), "text/csv");
    map("labour_share", path, R"({"transform":"mean"})");
    const auto answer = get("/v1/metrics/labour_share/benchmark?period=2023&as_of=2024-02-01");
    EXPECT_EQ(
        answer.body,
        R"({"metric":"labour_share","unit":"ratio","period":"2023","from":"2023-01-01",)"
        R"("to":"2024-01-01","own":{"value":"30.125","days":2,"expected_days":365},)"
        R"("benchmarks":[{"benchmark":")" +
            id_of(path) +
            R"(","provider":"manual","title":"Some, series","transform":"mean",)"
            R"("adjustment":"none","licence":{"redistribute":false,"cloud_model_use":false,)"
            R"("attribution":"Thanks to \"them\"","notice":"For members of this tenant only: )"
            R"(the provider forbids passing it on."},"period":"2023","value":"31.2",)"
            R"("difference":"-1.075","percentile":{"value":43.75,"low":25,"high":50,)"
            R"("method":"published-percentiles"},"vintage":"2024-02-01","age_days":31}]})");
    const auto month = get("/v1/metrics/labour_share/benchmark?period=2023-06&as_of=2024-02-01");
    EXPECT_NE(month.body.find(R"("period":"2023","value":"31.2","difference":"-1.95")"),
              std::string::npos)
        << month.body;
    const auto page = get("/v1/metrics/labour_share/benchmarks").body;
    EXPECT_NE(page.find(R"("transform":"mean","adjustment":"none","deflator":null,"factor":"1")"),
              std::string::npos)
        << page;
    EXPECT_EQ(write("DELETE", "/v1/metrics/labour_share/benchmarks/" + id_of(path), "").status,
              200);
    EXPECT_NE(get("/v1/metrics/labour_share/benchmark?period=2023").body.find(R"("benchmarks":[])"),
              std::string::npos);
    EXPECT_EQ(get("/v1/metrics/nix/benchmark").status, 404);
    EXPECT_EQ(get("/v1/metrics/labour_share/benchmark?period=lately").status, 400);
}

TEST_F(BenchmarkApi, SumsAreWholeAndHistoryIsToldInTheMoneyOfThePeriod) {
    metric("revenue", "USD", R"(["2024-01-10","1500"],["2024-03-31","1500"])");
    const auto sales = series("manual", "sales", "kusd", "month");
    post(sales + "/import",
         "period,value,vintage\n2023-01,1,2023-05-01\n2023-02,1,2023-05-01\n"
         "2023-03,1,2023-05-01\n2023-10,0.8,2024-01-31\n2023-11,0.9,2024-01-31\n"
         "2023-12,1,2024-01-31\n2024-01,1,2024-04-20\n2024-02,1,2024-04-20\n",
         "text/csv");
    const auto prices = series("manual", "prices", "index", "quarter");
    post(prices + "/import",
         "period,value,vintage\n2023-Q1,100,2023-05-01\n2023-Q4,105,2024-02-01\n"
         "2024-Q1,110,2024-05-01\n",
         "text/csv");
    const auto fault =
        write("PUT", "/v1/metrics/revenue/benchmarks/" + id_of(sales), R"({"transform":"sum"})");
    EXPECT_NE(fault.body.find("in kusd, the metric in USD"), std::string::npos) << fault.body;
    map("revenue", sales, R"({"transform":"sum","factor":"1000","factor_unit":"USD/kusd"})");
    const std::string quarter = "/v1/metrics/revenue/benchmark?period=2024-Q1";
    EXPECT_NE(get(quarter).body.find(R"("period":"2023-Q4","value":"2700","difference":"300",)"
                                     R"("percentile":{"value":75,)"),
              std::string::npos)
        << "March is not there yet, so the quarter before is told: " << get(quarter).body;
    map("revenue", sales,
        R"({"transform":"sum","factor":"1000","factor_unit":"USD/kusd","adjustment":"inflation",)"
        R"("deflator":")" +
            id_of(prices) + "\"}");
    const auto adjusted = get(quarter).body;
    EXPECT_NE(adjusted.find(R"("value":"2828.571428571429","difference":"171.428571428571")"),
              std::string::npos)
        << "2700 x 110 / 105: " << adjusted;
    EXPECT_NE(adjusted.find(R"("percentile":{"value":50,)"), std::string::npos)
        << "3000 of 2023-Q1 is 3300 now: " << adjusted;
    EXPECT_NE(adjusted.find(R"("method":"own-history","n":2)"), std::string::npos);
    EXPECT_NE(adjusted.find("deflator_attribution"), std::string::npos);
    EXPECT_NE(get(quarter + "&as_of=2023-06-01").body.find(R"("period":"2023-Q1","value":"3000")"),
              std::string::npos);
    EXPECT_NE(get("/v1/metrics/revenue/benchmark?period=2024-03-31")
                  .body.find(R"("unavailable":"longer-period")"),
              std::string::npos);
    EXPECT_NE(get("/v1/metrics/revenue/benchmark?period=2022").body.find("no-observations"),
              std::string::npos);
    const auto nobody = write("PUT", "/v1/metrics/revenue/benchmarks/" + id_of(sales),
                              R"({"transform":"sum","factor":"1000","factor_unit":"USD/kusd",)"
                              R"("adjustment":"inflation","deflator":)"
                              R"("01a1fbf3-4a80-7736-b7bd-2fb5b811b5d2"})");
    EXPECT_NE(nobody.body.find("unknown-benchmark"), std::string::npos) << nobody.body;
}

TEST_F(BenchmarkApi, AStockCountsOnceInAPeriod) {
    metric("cash", "USD", R"(["2024-01-10","100"],["2024-02-10","300"],["2024-03-10","200"])",
           R"(,"aggregation":"last","additivity":"not_over_time")");
    EXPECT_NE(get("/v1/metrics/cash/benchmark?period=2024-Q1").body.find(R"("value":"200")"),
              std::string::npos)
        << get("/v1/metrics/cash/benchmark?period=2024-Q1").body;
}

TEST_F(BenchmarkApi, TenPeersWhoShareAreCompared) {
    const auto share = [&](int value) {
        metric("covers", "count", R"(["2024-03-10",)" + std::to_string(value) + "]");
        ASSERT_EQ(write("PUT", "/v1/tenant/cohort", R"({"share":true,"naics":"722513"})").status,
                  200);
    };
    const std::string peers = "/v1/metrics/covers/peers?period=2024-03";
    metric("covers", "count", R"(["2024-03-10",450])");
    EXPECT_EQ(member(get(peers).body, "code"), "cohort-not-joined");
    EXPECT_EQ(write("PUT", "/v1/tenant/cohort", R"({"share":true})").status, 422)
        << "the tenant's profile names no industry";
    EXPECT_EQ(write("PUT", "/v1/tenant/cohort", R"({"share":true,"naics":"722513"})").status, 200);
    EXPECT_EQ(member(get(peers).body, "code"), "cohort-too-small");
    const auto first = tenant;
    for (int i = 1; i < 10; ++i) {
        tenant = support::register_tenant(client);
        share(i * 100);
    }
    tenant = first;
    seen_.clear();
    // A read waits for its own tenant's writes only, so the peers' may come a moment later.
    support::Response answer;
    for (int tenths = 0; tenths < 100; ++tenths) {
        answer = get("/v1/metrics/covers/peers?period=2024-03");
        if (answer.status == 200) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_NE(answer.body.find(R"("cohort":{"naics":"722513","country":"US","tenants":10},)"
                               R"("percentiles":{"p10":"200","p25":"300","p50":"488",)"
                               R"("p75":"700","p90":"800"},"percentile":{"value":)"),
              std::string::npos)
        << answer.body;
    EXPECT_EQ(get("/v1/metrics/covers/peers?period=2024-03-10").status, 400);
    EXPECT_EQ(get("/v1/metrics/covers/peers?period=2999").status, 400);
    EXPECT_EQ(write("PUT", "/v1/tenant/cohort", R"({"share":false})").status, 200);
    EXPECT_EQ(get("/v1/tenant/cohort").body, R"({"share":false})");
    EXPECT_EQ(member(get(peers).body, "code"), "cohort-not-joined");
    ASSERT_EQ(post("/v1/metrics", R"({"key":"odd","name":"Odd","unit":"ratio","kind":"ratio",)"
                                  R"("formula":"covers / covers"})")
                  .status,
              201);
    EXPECT_EQ(member(get("/v1/metrics/odd/peers?period=2024-03").body, "code"),
              "cohort-metric-derived");
}

TEST_F(BenchmarkApi, AnotherTenantSeesNothingOfIt) {
    const auto path = series("manual", "labour", "ratio", "year");
    const auto import = post(path + "/import", file("manual.csv"), "text/csv").header("location");
    tenant = support::register_tenant(client);
    seen_.clear();
    for (const auto& one : {path, path + "/observations", import, import + "/rejects"})
        EXPECT_EQ(get(one).status, 404) << one;
    EXPECT_EQ(get(path + "/imports").body, R"({"items":[],"next":null})");
    EXPECT_EQ(post(path + "/import", file("manual.csv"), "text/csv").status, 404);
    EXPECT_EQ(write("DELETE", path, "").status, 404);
    EXPECT_EQ(get("/v1/benchmarks").body, R"({"items":[],"next":null})");
}

}  // namespace
}  // namespace http_benchmark_test
