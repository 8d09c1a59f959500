// Questions over several series: what carries, adds up, accumulates or is zero is the same wherever
// it is asked.
#include "domain/base/business_day.hpp"
#include "src/runtime/clock.hpp"
#include "tests/support/metric_api.hpp"

namespace metric_query_test {
namespace {

using support::member;

constexpr int cutoff_minutes = 240;

class MetricQuery : public support::MetricApi {
protected:
    void open(const std::string& location) {
        const auto answer = client.send("PUT", "/v1/locations/" + location,
                                        support::write_headers(tenant), R"({"name":"Shop"})");
        ASSERT_EQ(answer.status, 200) << answer.body;
    }
    void send(const std::string& series) {
        ASSERT_EQ(post("/v1/metrics/points", R"({"series":[)" + series + "]}").status, 201)
            << last_.body;
    }
    /// Of two shops: ten are counted in one on Monday, five in the other on Tuesday.
    void count_stock() {
        open("main");
        open("quay");
        define(R"({"key":"stock","name":"Stock","unit":"count","aggregation":"last",)"
               R"("additivity":"not_over_time","gap_policy":"carry"})");
        send(R"({"metric":"stock","location":"main","points":[["2025-06-02","10"]]},)"
             R"({"metric":"stock","location":"quay","points":[["2025-06-03","5"]]})");
    }
    std::string csv(const std::string& path) {
        auto headers = support::read_headers(tenant);
        headers.emplace_back("Accept", "text/csv");
        headers.emplace_back("Consistency-Token", last_.header("consistency-token"));
        return client.send("GET", path, headers, "").body;
    }
    /// The answer's items that are of a metric.
    static std::string item(const std::string& body, const std::string& metric) {
        const auto at = body.find("{\"metric\":\"" + metric + "\"");
        return at == std::string::npos ? "" : body.substr(at, body.find('}', at) + 1 - at);
    }
    static std::string day(int before_today) {
        const auto today =
            domain::business_today("America/New_York", cutoff_minutes, runtime::now());
        return domain::to_text(today + -before_today);
    }
};

TEST_F(MetricQuery, AStockIsCarriedPlaceByPlaceBeforeItIsAdded) {
    count_stock();
    const std::string stock = "/v1/metrics/stock/series";
    EXPECT_EQ(values(stock + "?from=2025-06-01&to=2025-06-05"), "- 10 15 15");
    EXPECT_EQ(values(stock + "?from=2025-06-04&to=2025-06-06"), "15 15") << "from before";
    EXPECT_EQ(values(stock + "?from=2025-06-03&to=2025-06-05&location=main"), "10 10");
    EXPECT_EQ(values(stock + "?from=2025-05-01&to=2025-09-01&grain=month"), "- 15 15 15");
    EXPECT_EQ(values(stock + "?from=2025-06-09&to=2025-06-16&grain=week"), "15");
    send(R"({"metric":"stock","location":"main","points":[["2025-06-05","4"]]})");
    EXPECT_EQ(values(stock + "?from=2025-06-03&to=2025-06-07"), "15 15 9 9");
}

TEST_F(MetricQuery, AStockOfOnePlaceIsCarriedFromBeforeThePeriodToo) {
    define(R"({"key":"cash","name":"Cash","unit":"USD","additivity":"not_over_time",)"
           R"("aggregation":"last","gap_policy":"carry"})");
    send(R"({"metric":"cash","points":[["2025-06-02","10"],["2025-06-05","7"]]})");
    EXPECT_EQ(values("/v1/metrics/cash/series?from=2025-06-03&to=2025-06-07"), "10 10 7 7");
}

TEST_F(MetricQuery, WhatOnePlaceGivesIsWhatItsAggregationSays) {
    const std::pair<std::string, std::string> expected[]{
        {"sum", "9"}, {"mean", "3"}, {"min", "1"}, {"max", "6"}, {"last", "2"}};
    for (const auto& [aggregation, value] : expected) {
        define(R"({"key":"of_)" + aggregation + R"(","name":"One","unit":"count",)" +
               (aggregation == "sum" ? "" : R"("additivity":"none",)") + R"("aggregation":")" +
               aggregation + R"("})");
        send(R"({"metric":"of_)" + aggregation +
             R"(","points":[["2025-06-02T08:00:00Z","1"],["2025-06-02T09:00:00Z","6"],)"
             R"(["2025-06-02T10:00:00Z","2"]]})");
        EXPECT_EQ(values("/v1/metrics/of_" + aggregation + "/series?from=2025-06-02&to=2025-06-03"),
                  value)
            << aggregation;
    }
}

TEST_F(MetricQuery, ACarriedStockIsThereForFormulasToo) {
    count_stock();
    define(R"({"key":"per_piece","name":"Per piece","unit":"USD/count","kind":"ratio",)"
           R"("formula":"revenue / stock","precision":2})");
    define(R"({"key":"double_stock","name":"Twice","unit":"count","kind":"derived",)"
           R"("formula":"stock * 2"})");
    send(R"({"metric":"revenue","points":[["2025-06-02","30"],["2025-06-03","30"],)"
         R"(["2025-06-05","60"]]})");
    EXPECT_EQ(values("/v1/metrics/per_piece/series?from=2025-06-02&to=2025-06-06"), "3 2 - 4");
    EXPECT_EQ(values("/v1/metrics/double_stock/series?from=2025-06-04&to=2025-06-06"), "30 30");
}

TEST_F(MetricQuery, TheExtremesOfACarriedMetricAreThoseOfAllItsPlaces) {
    open("main");
    open("quay");
    for (const auto* aggregation : {"max", "min", "mean"})
        define(
            R"({"key":"heat_)" + std::string{aggregation} + R"(","name":"Heat","unit":"count",)" +
            R"("additivity":"none","gap_policy":"carry","aggregation":")" + aggregation + R"("})");
    for (const std::string key : {"heat_max", "heat_min", "heat_mean"})
        send(R"({"metric":")" + key + R"(","location":"main","points":[["2025-06-02","10"]]},)" +
             R"({"metric":")" + key + R"(","location":"quay","points":[["2025-06-03","5"]]})");
    const std::string days = "/series?from=2025-06-02&to=2025-06-05";
    EXPECT_EQ(values("/v1/metrics/heat_max" + days), "10 10 10");
    EXPECT_EQ(values("/v1/metrics/heat_min" + days), "10 5 5");
    EXPECT_EQ(values("/v1/metrics/heat_mean" + days), "10 7.5 7.5");
}

TEST_F(MetricQuery, TheLatestValueIsTheOneThatTheSeriesHas) {
    count_stock();
    define(R"({"key":"shelf","name":"Shelf","unit":"count","aggregation":"last",)"
           R"("additivity":"not_over_time"})");
    define(R"({"key":"price","name":"Price","unit":"USD","aggregation":"last",)"
           R"("additivity":"none"})");
    define(R"({"key":"check","name":"Check","unit":"USD/count","kind":"ratio",)"
           R"("formula":"revenue / covers","precision":2})");
    send(R"({"metric":"shelf","location":"main","points":[["2025-06-02","10"]]},)"
         R"({"metric":"shelf","location":"quay","points":[["2025-06-02","7"]]},)"
         R"({"metric":"price","location":"main","points":[["2025-06-02T16:00:00Z","3"]]},)"
         R"({"metric":"price","location":"quay","points":[["2025-06-02T17:00:00Z","4"]]},)"
         R"({"metric":"revenue","points":[["2025-06-03","30"],["2025-06-04","40"]]},)"
         R"({"metric":"covers","points":[["2025-06-03","10"]]})");
    const auto latest = get("/v1/metrics/latest").body;
    EXPECT_EQ(member(item(latest, "shelf"), "value"), "17") << latest;
    EXPECT_EQ(member(item(latest, "price"), "value"), "4") << latest;
    EXPECT_EQ(member(item(latest, "stock"), "value"), "15") << latest;
    EXPECT_EQ(member(item(latest, "stock"), "day"), "2025-06-03") << latest;
    EXPECT_EQ(member(item(latest, "check"), "value"), "3") << "derived metrics too: " << latest;
    EXPECT_EQ(member(item(latest, "check"), "day"), "2025-06-03") << latest;
    EXPECT_NE(member(item(latest, "check"), "last_at"), "null") << latest;
    for (const std::string key : {"shelf", "price", "stock"}) {
        const auto last = member(item(latest, key), "day");
        EXPECT_EQ(
            values("/v1/metrics/" + key + "/series?from=" + last + "&to=" + last + "T23:00:00Z"),
            member(item(latest, key), "value"))
            << key;
    }
    std::string keys;
    for (auto page = get("/v1/metrics/latest?limit=2"); page.status == 200;
         page = get(member(page.body, "next"))) {
        for (const std::string key : {"check", "covers", "price", "revenue", "shelf", "stock"})
            if (!item(page.body, key).empty()) keys += key + " ";
        if (!page.body.contains("\"next\":\"")) break;
    }
    EXPECT_EQ(keys, "check covers price revenue shelf stock ");
}

TEST_F(MetricQuery, AMetricWithoutPointsIsListedWithoutAValue) {
    define(R"({"key":"check","name":"Check","unit":"USD/count","kind":"ratio",)"
           R"("formula":"revenue / covers"})");
    EXPECT_EQ(item(get("/v1/metrics/latest").body, "check"),
              R"({"metric":"check","unit":"USD/count","day":null,"value":null,"last_at":null})");
}

TEST_F(MetricQuery, MoversCountDerivedMetricsAndAllPlaces) {
    count_stock();
    define(R"({"key":"check","name":"Check","unit":"USD/count","kind":"ratio",)"
           R"("formula":"revenue / covers","precision":2})");
    send(R"({"metric":"revenue","points":[["2025-06-01","30"],["2025-06-10","90"]]},)"
         R"({"metric":"covers","points":[["2025-06-01","10"],["2025-06-10","10"]]},)"
         R"({"metric":"stock","location":"main","points":[["2025-06-10","25"]]})");
    const auto movers = get("/v1/metrics/movers?to=2025-06-11&days=7").body;
    EXPECT_EQ(item(movers, "check"),
              R"({"metric":"check","unit":"USD/count","good_direction":"up","value":"9",)"
              R"("before":"3","change":2})")
        << movers;
    EXPECT_EQ(item(movers, "stock"),
              R"({"metric":"stock","unit":"count","good_direction":"up","value":"30",)"
              R"("before":"15","change":1})")
        << "25 and, carried, 5; before it 10 and 5";
}

TEST_F(MetricQuery, MoversLeaveOutTheDayThatIsNotOver) {
    std::string points = R"([")" + day(0) + R"(","1000"])";
    for (int i = 1; i <= 14; ++i) points += R"(,[")" + day(i) + R"(","10"])";
    send(R"({"metric":"revenue","points":[)" + points + "]}");
    EXPECT_EQ(item(get("/v1/metrics/movers").body, "revenue"),
              R"({"metric":"revenue","unit":"USD","good_direction":"up","value":"70",)"
              R"("before":"70","change":0})");
}

TEST_F(MetricQuery, ZeroIsOnlyWhereTheMetricIsKnown) {
    send(R"({"metric":"covers","points":[["2025-06-03","3"],["2025-06-06","4"]]})");
    EXPECT_EQ(values("/v1/metrics/covers/series?from=2025-06-01&to=2025-06-09"), "- - 3 0 0 4 0 0")
        << "silence is zero once nothing can come any more";
    EXPECT_EQ(values("/v1/metrics/covers/series?from=2025-06-04&to=2025-06-06"), "0 0");
    EXPECT_EQ(values("/v1/metrics/covers/series?from=2025-04-01&to=2025-08-01&grain=month"),
              "- - 7 0");
    open("main");
    EXPECT_EQ(values("/v1/metrics/covers/series?from=2025-06-02&to=2025-06-08&location=main"),
              "- - - - - -")
        << "nothing is known of a place without a point";
    send(R"({"metric":"covers","location":"main","points":[["2025-06-05","2"]]})");
    EXPECT_EQ(values("/v1/metrics/covers/series?from=2025-06-02&to=2025-06-08&location=main"),
              "- - - 2 0 0")
        << "a place is known from its own first point on";
    define(R"({"key":"twice","name":"Twice","unit":"count","kind":"derived","gap_policy":"zero",)"
           R"("formula":"covers * 2"})");
    EXPECT_EQ(values("/v1/metrics/twice/series?from=2025-06-02&to=2025-06-08"), "- 6 0 4 8 0");
}

TEST_F(MetricQuery, ZeroIsNeverADayThatIsNotOver) {
    // Points may lie a day ahead.
    send(R"({"metric":"covers","points":[[")" + day(2) + R"(","3"],[")" + day(-1) + R"(","4"]]})");
    EXPECT_EQ(values("/v1/metrics/covers/series?from=" + day(2) + "&to=" + day(-2)), "3 0 - 4");
}

TEST_F(MetricQuery, NothingIsCarriedIntoDaysToCome) {
    count_stock();
    const auto path = "/v1/metrics/stock/series?from=" + day(1) + "&to=" + day(-3);
    EXPECT_EQ(values(path), "15 15 - -");
    define(R"({"key":"double_stock","name":"Twice","unit":"count","kind":"derived",)"
           R"("gap_policy":"carry","formula":"stock * 2"})");
    EXPECT_EQ(values("/v1/metrics/double_stock/series?from=" + day(1) + "&to=" + day(-3)),
              "30 30 - -");
    send(R"({"metric":"stock","location":"main","points":[[")" + day(-1) + R"(","7"]]})");
    EXPECT_EQ(values(path), "15 15 12 -") << "what was said of a day to come stands";
    EXPECT_EQ(values("/v1/metrics/stock/series?from=2027-01-01&to=2027-01-03"), "- -");
}

TEST_F(MetricQuery, AClosedDayIsNoZero) {
    send(R"({"metric":"covers","points":[["2025-06-02","4"],["2025-06-06","8"]]})");
    ASSERT_EQ(post("/v1/closures", R"({"from":"2025-06-03","to":"2025-06-04"})").status, 201);
    ASSERT_EQ(get("/v1/closures").status, 200) << "the board of closures has it";
    const std::string path = "/v1/metrics/covers/series?from=2025-06-02&to=2025-06-07";
    EXPECT_EQ(values(path), "4 - - 0 8");
    EXPECT_TRUE(
        get(path + "&moving_average=5")
            .body.ends_with(R"({"at":"2025-06-03","value":null,"moving_average":4,"closed":true},)"
                            R"({"at":"2025-06-04","value":null,"moving_average":4,"closed":true},)"
                            R"({"at":"2025-06-05","value":"0","moving_average":2},)"
                            R"({"at":"2025-06-06","value":"8","moving_average":4}]})"))
        << last_.body;
}

TEST_F(MetricQuery, WhatFallsToNothingIsAMover) {
    define(R"({"key":"waste","name":"Waste","unit":"count","gap_policy":"zero"})");
    define(R"({"key":"lost","name":"Lost","unit":"count","kind":"derived",)"
           R"("formula":"waste + covers"})");
    send(R"({"metric":"covers","points":[["2025-06-01","30"]]})");
    send(R"({"metric":"waste","points":[["2025-06-01","2"]]})");
    const auto movers = get("/v1/metrics/movers?to=2025-06-11&days=7").body;
    EXPECT_EQ(item(movers, "covers"),
              R"({"metric":"covers","unit":"count","good_direction":"up","value":"0",)"
              R"("before":"30","change":-1})")
        << movers;
    EXPECT_EQ(member(item(movers, "lost"), "value"), "0") << movers;
    EXPECT_EQ(member(item(movers, "lost"), "before"), "32") << movers;
    EXPECT_EQ(member(movers, "truncated"), "false");
    EXPECT_EQ(item(get("/v1/metrics/movers?to=2025-05-31&days=7").body, "covers"), "")
        << "before the first point nothing is known";
    EXPECT_EQ(item(get("/v1/metrics/movers?days=7&to=" + day(-5)).body, "covers"), "")
        << "days to come are no zeros";
}

TEST_F(MetricQuery, TheSmallerOfWhatIsNotKnownIsNotKnown) {
    define(R"({"key":"cost","name":"Cost","unit":"USD"})");
    const auto follows = [&](const std::string& key, const std::string& formula) {
        define(R"({"key":")" + key + R"(","name":"X","unit":"USD","kind":"derived","formula":")" +
               formula + "\"}");
    };
    follows("smaller", "min(revenue, cost)");
    follows("larger", "max(revenue, cost)");
    follows("capped", "2*3 + min(revenue, max(cost, 4))");
    send(R"({"metric":"revenue","points":[["2025-06-02","5"],["2025-06-03","7"]]},)"
         R"({"metric":"cost","points":[["2025-06-02","3"],["2025-06-04","9"]]})");
    const std::string days = "/series?from=2025-06-02&to=2025-06-05";
    EXPECT_EQ(values("/v1/metrics/smaller" + days), "3 - -");
    EXPECT_EQ(values("/v1/metrics/larger" + days), "5 - -");
    EXPECT_EQ(values("/v1/metrics/capped" + days), "10 - -");
}

TEST_F(MetricQuery, WhatAccumulatesIsTheTotalOfItsYearSoFar) {
    open("main");
    define(R"({"key":"sold","name":"Sold","unit":"count","kind":"cumulative"})");
    define(R"({"key":"given","name":"Given","unit":"count","kind":"cumulative",)"
           R"("gap_policy":"zero"})");
    define(R"({"key":"meter","name":"Meter","unit":"count","kind":"cumulative",)"
           R"("aggregation":"last"})");
    define(R"({"key":"twice","name":"Twice","unit":"count","kind":"derived",)"
           R"("formula":"sold * 2"})");
    for (const std::string key : {"sold", "given", "meter"})
        send(R"({"metric":")" + key + R"(","points":[["2024-11-05","7"],["2024-12-30","1"],)" +
             R"(["2025-01-02","2"],["2025-01-04","3"],["2025-03-10","4"]]},)" + R"({"metric":")" +
             key + R"(","location":"main","points":[["2025-01-02","10"]]})");
    const std::string turn = "/series?from=2024-12-30&to=2025-01-06";
    EXPECT_EQ(values("/v1/metrics/sold" + turn), "8 - - 12 - 15 -") << "a gap stays one";
    EXPECT_EQ(values("/v1/metrics/given" + turn), "8 8 0 12 12 15 15");
    EXPECT_EQ(values("/v1/metrics/given/series?from=2025-01-01&to=2025-01-04&location=main"),
              "- 10 10")
        << "a place is known from its first point on";
    EXPECT_EQ(values("/v1/metrics/sold/series?from=2024-10-01&to=2025-04-01&grain=month"),
              "- 7 8 15 - 19");
    EXPECT_EQ(values("/v1/metrics/sold/series?from=2024-10-01&to=2025-04-01&grain=quarter"),
              "8 19");
    EXPECT_EQ(values("/v1/metrics/meter/series?from=2025-01-04&to=2025-01-05"), "3")
        << "readings have run up already";
    EXPECT_EQ(values("/v1/metrics/twice/series?from=2025-01-02&to=2025-01-05"), "24 - 6")
        << "formulas have what a day added";
    EXPECT_EQ(member(item(get("/v1/metrics/latest").body, "sold"), "value"), "19");
    const auto movers = get("/v1/metrics/movers?to=2025-01-05&days=7").body;
    EXPECT_EQ(member(item(movers, "sold"), "value"), "") << "no points before: " << movers;
    const auto quarter = get("/v1/metrics/movers?to=2025-03-11&days=70").body;
    EXPECT_EQ(item(quarter, "sold"),
              R"({"metric":"sold","unit":"count","good_direction":"up","value":"19",)"
              R"("before":"8","change":1.375})")
        << quarter;
}

TEST_F(MetricQuery, QualityTellsWhatWasSentAgainAndCountsOnePlace) {
    open("main");
    open("quay");
    send(R"({"metric":"revenue","location":"main","points":[["2025-06-02","1"],["2025-06-03","2"],)"
         R"(["2025-06-06","3"]]},{"metric":"revenue","location":"quay",)"
         R"("points":[["2025-06-02","9"],["2025-06-05","9"]]})");
    send(R"({"metric":"revenue","location":"main","points":[["2025-06-02","1.0"],)"
         R"(["2025-06-03","5"]]},)"
         R"({"metric":"revenue","location":"quay","points":[["2025-06-02","8"]]})");
    send(R"({"metric":"revenue","location":"main","points":[["2025-06-03","6"]]})");
    ASSERT_EQ(
        post("/v1/closures", R"({"location":"main","from":"2025-06-04","to":"2025-06-05"})").status,
        201)
        << last_.body;
    const std::string path = "/v1/metrics/revenue/quality?from=2025-06-02&to=2025-06-07";
    EXPECT_EQ(get(path).body,
              R"({"from":"2025-06-02","to":"2025-06-07","expected_days":5,"received_days":4,)"
              R"("completeness":0.8,"points":5,"late_points":5,"replaced_points":3,)"
              R"("duplicate_points":1,"gaps":[{"from":"2025-06-04","to":"2025-06-04","days":1}]})");
    EXPECT_EQ(get(path + "&location=main").body,
              R"({"from":"2025-06-02","to":"2025-06-07","expected_days":3,"received_days":3,)"
              R"("completeness":1,"points":3,"late_points":3,"replaced_points":2,)"
              R"("duplicate_points":1,"gaps":[]})");
    EXPECT_EQ(get(path + "&location=quay").body,
              R"({"from":"2025-06-02","to":"2025-06-07","expected_days":5,"received_days":2,)"
              R"("completeness":0.4,"points":2,"late_points":2,"replaced_points":1,)"
              R"("duplicate_points":0,"gaps":[{"from":"2025-06-03","to":"2025-06-04","days":2},)"
              R"({"from":"2025-06-06","to":"2025-06-06","days":1}]})");
}

TEST_F(MetricQuery, TheQualityOfWhatFollowsIsThatOfItsInputs) {
    define(R"({"key":"cost","name":"Cost","unit":"USD"})");
    define(R"({"key":"check","name":"Check","unit":"USD/count","kind":"ratio",)"
           R"("formula":"revenue / covers"})");
    define(R"({"key":"twice","name":"Twice","unit":"USD/count","kind":"derived",)"
           R"("formula":"check + check"})");
    const auto changed =
        client.send("PATCH", "/v1/metrics/check", support::write_headers(tenant),
                    R"({"formula":"(revenue - cost) / covers","recompute_from":"2025-06-05"})");
    ASSERT_EQ(changed.status, 200) << changed.body;
    send(R"({"metric":"revenue","points":[["2025-06-02","1"],["2025-06-03","2"],)"
         R"(["2025-06-04","2"],["2025-06-05","3"],["2025-06-06","3"]]},)"
         R"({"metric":"covers","points":[["2025-06-02","1"],["2025-06-04","2"],)"
         R"(["2025-06-05","3"],["2025-06-06","3"]]},)"
         R"({"metric":"cost","points":[["2025-06-06","1"]]})");
    for (const std::string key : {"check", "twice"})
        EXPECT_EQ(
            get("/v1/metrics/" + key + "/quality?from=2025-06-02&to=2025-06-07").body,
            R"({"from":"2025-06-02","to":"2025-06-07","expected_days":5,"received_days":3,)"
            R"("completeness":0.6,"points":10,"late_points":10,"replaced_points":0,)"
            R"("duplicate_points":0,"gaps":[{"from":"2025-06-03","to":"2025-06-03","days":1},)"
            R"({"from":"2025-06-05","to":"2025-06-05","days":1}]})")
            << key;
}

TEST_F(MetricQuery, APointIsLateTwoDaysAfterItsTime) {
    send(R"({"metric":"revenue","points":[[")" + day(1) + R"(","1"],[")" + day(5) + R"(","1"]]})");
    EXPECT_EQ(member(get("/v1/metrics/revenue/quality?from=" + day(9) + "&to=" + day(0)).body,
                     "late_points"),
              "1");
}

TEST_F(MetricQuery, TheMovingAverageSeesThePeriodsBeforeAndLeavesGapsOut) {
    send(R"({"metric":"revenue","points":[["2025-06-02","0.1"],["2025-06-03","0.2"],)"
         R"(["2025-06-05","0.6"],["2025-06-09","7"]]})");
    const std::string path = "/v1/metrics/revenue/series?moving_average=2&from=";
    EXPECT_EQ(get(path + "2025-06-03&to=2025-06-10").body,
              R"({"metric":"revenue","unit":"USD","grain":"day","points":[)"
              R"({"at":"2025-06-03","value":"0.2","moving_average":0.15},)"
              R"({"at":"2025-06-04","value":null,"moving_average":0.2},)"
              R"({"at":"2025-06-05","value":"0.6","moving_average":0.6},)"
              R"({"at":"2025-06-06","value":null,"moving_average":0.6},)"
              R"({"at":"2025-06-07","value":null,"moving_average":null},)"
              R"({"at":"2025-06-08","value":null,"moving_average":null},)"
              R"({"at":"2025-06-09","value":"7","moving_average":7}]})");
    EXPECT_NE(get("/v1/metrics/revenue/series?grain=month&moving_average=3&from=2025-06-01"
                  "&to=2025-07-01")
                  .body.find(R"("value":"7.9","moving_average":7.9)"),
              std::string::npos);
}

TEST_F(MetricQuery, NoonStandsBesideNoonAcrossAClockChange) {
    send(R"({"metric":"revenue","points":[["2025-10-27T16:00:00Z","12"],)"
         R"(["2025-10-27T17:00:00Z","13"],["2025-11-03T17:00:00Z","120"]]})");
    const std::string noon =
        "/v1/metrics/revenue/series?grain=hour&from=2025-11-03T17:00:00Z&to=2025-11-03T18:00:00Z"
        "&compare=";
    EXPECT_TRUE(get(noon + "same_weekday")
                    .body.contains(R"("comparison":[{"at":"2025-10-27T16:00:00.000000Z",)"
                                   R"("value":"12"}])"))
        << get(noon + "same_weekday").body;
    EXPECT_TRUE(csv(noon + "same_weekday").ends_with(",2025-10-27T16:00:00.000000Z,12\r\n"));
    EXPECT_TRUE(get(noon + "previous").body.contains(R"("at":"2025-11-03T16:00:00.000000Z")"));
    last_ = client.send("PUT", "/v1/locations/far", support::write_headers(tenant),
                        R"({"name":"Far","time_zone":"America/Phoenix"})");
    ASSERT_EQ(last_.status, 200) << last_.body;
    EXPECT_TRUE(get(noon + "same_weekday&location=far")
                    .body.contains(R"("at":"2025-10-27T17:00:00.000000Z")"))
        << "its clock does not change";
}

TEST_F(MetricQuery, CsvHasTheComparisonAndTheMovingAverageToo) {
    send(R"({"metric":"revenue","points":[["2025-02-10","4"],["2025-03-10","6"]]})");
    const std::string path = "/v1/metrics/revenue/series?grain=month&from=2025-02-01&to=2025-04-01";
    EXPECT_EQ(csv(path + "&compare=previous&moving_average=2"),
              "metric,at,value,unit,moving_average,compared_at,compared_value\r\n"
              "revenue,2025-02-01,4,USD,4,2024-12-01,\r\n"
              "revenue,2025-03-01,6,USD,5,2025-01-01,\r\n");
    EXPECT_EQ(csv("/v1/metrics/revenue/series?grain=month&from=2025-03-01&to=2025-04-01"
                  "&compare=previous"),
              "metric,at,value,unit,compared_at,compared_value\r\n"
              "revenue,2025-03-01,6,USD,2025-02-01,4\r\n");
    EXPECT_EQ(csv(path),
              "metric,at,value,unit\r\nrevenue,2025-02-01,4,USD\r\nrevenue,2025-03-01,6,USD\r\n");
}

}  // namespace
}  // namespace metric_query_test
