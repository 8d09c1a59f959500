// Metrics over a real socket: good rows land, bad ones are listed, and numbers are exact.
#include "tests/support/metric_api.hpp"

#include <thread>

namespace metric_test {
namespace {

using support::Headers;
using support::member;
using support::MetricApi;
using support::Tenant;

TEST_F(MetricApi, GoodRowsLandAndBadOnesAreListedWithLineAndReason) {
    const auto batch = post("/v1/metrics/points", R"({"points":[
        {"metric":"revenue","at":"2025-06-02T16:00:00Z","value":"100.10"},
        {"metric":"revenue","at":"2025-06-02T17:00:00Z","value":"1e400"},
        {"metric":"nix","at":"2025-06-02","value":1},
        {"metric":"revenue","at":"2025-06-02","value":1,"unit":"EUR"},
        {"metric":"covers","at":"2025-06-02","value":-1},
        {"metric":"covers","at":"0001-01-01","value":1},
        {"metric":"covers","at":"9998-01-01","value":1},
        {"metric":"covers","at":"2025-06-02","value":1,"location":"moon"},
        {"metric":"covers","at":"2025-06-02","value":1,"dimensions":{"channel":"web"}},
        {"colour":"red","metric":"covers","at":"2025-06-02","value":1},
        {"metric":"covers","at":"2025-06-02"},
        {"metric":"covers","value":1},
        {"metric":"covers","at":"2025-06-02","value":"Infinity"},
        7,
        {"metric":"revenue","at":"2025-06-02T18:00:00Z","value":0.2}]})");
    ASSERT_EQ(batch.status, 201) << batch.body;
    EXPECT_EQ(member(batch.body, "accepted"), "2");
    EXPECT_EQ(member(batch.body, "rejected"), "13");
    EXPECT_EQ(member(batch.body, "received"), "15");
    EXPECT_EQ(values("/v1/metrics/revenue/series?from=2025-06-02&to=2025-06-03"), "100.3");
    const auto rejects = get(batch.header("location") + "/rejects").body;
    std::string codes;
    for (auto at = rejects.find("\"code\":\""); at != std::string::npos;
         at = rejects.find("\"code\":\"", at + 1))
        codes += rejects.substr(at + 8, rejects.find('"', at + 8) - at - 8) + " ";
    EXPECT_EQ(codes,
              "value unknown-metric wrong-unit out-of-range time future unknown-location "
              "wrong-dimension unknown-member required required value format ");
    const auto unknown = rejects.rfind('{', rejects.find("unknown-member"));
    EXPECT_NE(rejects.substr(unknown, rejects.find('}', unknown) - unknown).find("\"covers\""),
              std::string::npos)
        << rejects;
}

TEST_F(MetricApi, LinesOfNdjsonAreJudgedOneByOne) {
    const auto batch = post("/v1/metrics/points",
                            "{\"metric\":\"covers\",\"at\":\"2025-06-02\",\"value\":3}\n"
                            "{\"metric\":\"covers\",\"at\":\"2025-06-03\",\"value\":NaN}\n\n"
                            "{\"metric\":\"covers\",\"at\":\"2025-06-04\",\"value\":1e400}\n"
                            "{\"metric\":\"covers\",\"at\":\"2025-06-05\",\"value\":5}\r\n",
                            "application/x-ndjson");
    ASSERT_EQ(batch.status, 201) << batch.body;
    EXPECT_EQ(member(batch.body, "accepted"), "2");
    EXPECT_EQ(member(batch.body, "rejected"), "2");
    EXPECT_EQ(values("/v1/metrics/covers/series?from=2025-06-02&to=2025-06-06"), "3 0 0 5");
    EXPECT_EQ(post("/v1/metrics/points", "metric,at,value", "text/csv").status, 415);
    EXPECT_EQ(post("/v1/goals", "{}", "application/x-ndjson").status, 415) << "only points";
}

TEST_F(MetricApi, CsvIsMappedPreviewedAndTakenIn) {
    const std::string csv =
        "\xEF\xBB\xBF"
        "Date;Store;Total\r\n2025-06-02;;\"1000.25\"\r\n2025-06-03;;12,5\r\n"
        "2025-06-04\r\n2025-06-05;;\"7\"\r\n";
    const std::string mapping =
        "/v1/metrics/import?at=Date&value=Total&location=Store&metric_key=revenue&delimiter=%3B";
    const auto preview = post(mapping + "&validate_only=true", csv, "text/csv");
    ASSERT_EQ(preview.status, 200) << preview.body;
    EXPECT_NE(preview.body.find(R"("accepted":2,"rejected":2)"), std::string::npos) << preview.body;
    EXPECT_NE(preview.body.find(R"("line":4,"metric":"","code":"columns")"), std::string::npos)
        << preview.body;
    const auto batch = post(mapping, csv, "text/csv");
    ASSERT_EQ(batch.status, 201) << batch.body;
    EXPECT_EQ(member(batch.body, "accepted"), "2");
    EXPECT_EQ(member(batch.body, "source"), "csv");
    EXPECT_EQ(values("/v1/metrics/revenue/series?from=2025-06-02&to=2025-06-06"), "1000.25 - - 7");
    const auto wrong = post("/v1/metrics/import?at=Day", csv, "text/csv");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_NE(wrong.body.find("unknown-column"), std::string::npos) << wrong.body;
    EXPECT_EQ(post("/v1/metrics/import?colour=red", csv, "text/csv").status, 400);
}

TEST_F(MetricApi, NothingGoodIsOneProblemThatNamesTheLines) {
    const auto answer =
        post("/v1/metrics/points", R"({"points":[{"metric":"nix","at":"2025-06-02","value":1}]})");
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(member(answer.body, "code"), "no-valid-points");
    EXPECT_NE(answer.body.find("#/1"), std::string::npos) << answer.body;
}

TEST_F(MetricApi, TheLastWriteWinsIsCountedAndCanBeTakenBack) {
    const std::string day = "/v1/metrics/revenue/series?from=2025-06-02&to=2025-06-03";
    post("/v1/metrics/points",
         R"({"series":[{"metric":"revenue","points":[["2025-06-02T16:00:00Z","10"],)"
         R"(["2025-06-02T17:00:00Z","5"]]}]})");
    EXPECT_EQ(values(day), "15");
    const auto second =
        post("/v1/metrics/points",
             R"({"series":[{"metric":"revenue","points":[["2025-06-02T16:00:00Z","11.5"],)"
             R"(["2025-06-02T18:00:00Z","1"],["2025-06-02T18:00:00Z","2"]]}]})");
    EXPECT_EQ(member(second.body, "corrected"), "1");
    EXPECT_EQ(member(second.body, "duplicate"), "1");
    EXPECT_EQ(values(day), "18.5");
    const auto reverted = post(second.header("location") + "/revert", R"({"reason":"Twice."})");
    ASSERT_EQ(reverted.status, 200) << reverted.body;
    EXPECT_EQ(member(reverted.body, "reverted"), "true");
    EXPECT_EQ(values(day), "15") << "what was replaced counts again";
    EXPECT_EQ(post(second.header("location") + "/revert", "{}").status, 200) << "already so";
}

TEST_F(MetricApi, OneKeyIsOneBatch) {
    const auto headers = support::write_headers(tenant);
    const std::string body = R"({"points":[{"metric":"covers","at":"2025-06-02","value":3}]})";
    const auto first = client.send("POST", "/v1/metrics/points", headers, body);
    const auto again = client.send("POST", "/v1/metrics/points", headers, body);
    EXPECT_EQ(first.status, 201);
    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.header("idempotent-replayed"), "true");
    EXPECT_EQ(again.header("location"), first.header("location"));
}

TEST_F(MetricApi, ABusinessDayIsAsLongAsItsClockSays) {
    // The clocks of New York change at two in the morning, before the day ends at four: Saturday
    // has 25 hours in November and 23 in March.
    for (const auto& [month, day, hours] :
         {std::tuple{"2025-11-0", 1, 25}, {"2025-03-0", 8, 23}, {"2025-06-0", 1, 24}}) {
        std::string rows;
        for (int i = 0; i < 48; ++i) {
            char time[40];
            std::snprintf(time, sizeof time, "%s%dT%02d:00:00Z", month, day + i / 24, i % 24);
            rows += (rows.empty() ? "[\"" : ",[\"") + std::string{time} + "\",1]";
        }
        const auto body = R"({"series":[{"metric":"revenue","points":[)" + rows + "]}]}";
        ASSERT_EQ(post("/v1/metrics/points", body).status, 201) << last_.body;
        const auto date = month + std::to_string(day);
        EXPECT_EQ(values("/v1/metrics/revenue/series?from=" + date + "&to=" + date + "T23:00:00Z"),
                  std::to_string(hours))
            << date;
    }
}

TEST_F(MetricApi, AFormulaFollowsItsInputsAndIsNeverAveraged) {
    define(R"({"key":"average_check","name":"Average check","unit":"USD/count","kind":"ratio",)"
           R"("formula":"revenue / covers","precision":2})");
    post("/v1/metrics/points",
         R"({"series":[{"metric":"revenue","points":[["2025-06-02","100"],["2025-06-03","50"]]},)"
         R"({"metric":"covers","points":[["2025-06-02","10"],["2025-06-03","2"]]}]})");
    const std::string series = "/v1/metrics/average_check/series?from=2025-06-02&to=2025-06-05";
    EXPECT_EQ(values(series), "10 25 -");
    EXPECT_EQ(values(series + "&grain=week"), "12.5") << "150 by 12, not the mean of days";
    const auto wrong = post("/v1/metrics", R"({"key":"odd","name":"Odd","unit":"USD","kind":)"
                                           R"("derived","formula":"revenue + covers"})");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_NE(wrong.body.find("USD and count do not go together"), std::string::npos);
    EXPECT_EQ(post("/v1/metrics", R"({"key":"odd","name":"Odd","unit":"USD","kind":"derived",)"
                                  R"("formula":"revenue + nix"})")
                  .status,
              422);
}

TEST_F(MetricApi, ARevisedFormulaHoldsFromItsDayAndItsHistoryIsTold) {
    define(R"({"key":"check","name":"Check","unit":"USD/count","kind":"ratio",)"
           R"("formula":"revenue / covers","precision":2})");
    define(R"({"key":"twice","name":"Twice","unit":"USD/count","kind":"derived",)"
           R"("formula":"check * 2","precision":2})");
    post("/v1/metrics/points",
         R"({"series":[{"metric":"revenue","points":[["2025-06-29","100"],["2025-06-30","100"],)"
         R"(["2025-07-01","100"],["2025-07-02","100"]]},{"metric":"covers","points":)"
         R"([["2025-06-29","10"],["2025-06-30","10"],["2025-07-01","10"],["2025-07-02","10"]]}]})");
    const auto revise = [&](const std::string& body) {
        last_ = client.send("PATCH", "/v1/metrics/check", support::write_headers(tenant), body);
        return last_;
    };
    const std::string days = "/series?from=2025-06-29&to=2025-07-03";
    ASSERT_EQ(revise(R"({"formula":"3 * revenue / covers","recompute_from":"2025-07-01"})").status,
              200)
        << last_.body;
    EXPECT_EQ(values("/v1/metrics/check" + days), "10 10 30 30");
    EXPECT_EQ(values("/v1/metrics/twice" + days), "20 20 60 60") << "through an input";
    EXPECT_EQ(values("/v1/metrics/check/series?from=2025-06-30&to=2025-07-07&grain=week"), "10")
        << "a week has the formula of its first day";
    EXPECT_EQ(values("/v1/metrics/check/series?from=2025-06-01&to=2025-08-01&grain=month"),
              "10 30");
    const auto wrong = revise(R"({"name":"X","recompute_from":"2025-07-01"})");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_NE(wrong.body.find(R"("pointer":"#/recompute_from")"), std::string::npos) << wrong.body;
    EXPECT_EQ(revise(R"({"formula":"revenue / covers","recompute_from":"1.7."})").status, 422);

    const auto revisions = get("/v1/metrics/check/revisions").body;
    EXPECT_NE(revisions.find(R"("changes":{"formula":{"from":"revenue / covers",)"
                             R"("to":"3 * revenue / covers"}},"recompute_from":"2025-07-01")"),
              std::string::npos)
        << revisions;
    EXPECT_NE(revisions.find("\"by\":{\"kind\":\"user\",\"id\":\"" + tenant.user),
              std::string::npos);
    const auto first = get("/v1/metrics/check/revisions?limit=1");
    EXPECT_EQ(member(first.body, "version"), "1");
    const auto second = get(member(first.body, "next"));
    EXPECT_EQ(member(second.body, "version"), "2") << second.body;
    EXPECT_EQ(get("/v1/metrics/nix/revisions").status, 404);

    ASSERT_EQ(revise(R"({"formula":"2 * revenue / covers"})").status, 200) << last_.body;
    EXPECT_EQ(values("/v1/metrics/check" + days), "20 20 20 20") << "the whole history";
}

TEST_F(MetricApi, AFormulaIsPreviewedBesideWhatThereIsAndNothingChanges) {
    define(R"({"key":"check","name":"Check","unit":"USD/count","kind":"ratio",)"
           R"("formula":"revenue / covers","precision":2})");
    define(R"({"key":"twice","name":"Twice","unit":"USD/count","kind":"derived",)"
           R"("formula":"check * 2"})");
    post("/v1/metrics/points",
         R"({"series":[{"metric":"revenue","points":[["2025-06-02","100"],["2025-06-03","50"]]},)"
         R"({"metric":"covers","points":[["2025-06-02","10"],["2025-06-03","5"]]}]})");
    const auto token = last_.header("consistency-token");
    const auto ask = [&](const std::string& body, const std::string& metric = "check") {
        Headers headers = support::read_headers(tenant);
        headers.emplace_back("Content-Type", "application/json");
        headers.emplace_back("Consistency-Token", token);
        return client.send("POST", "/v1/metrics/" + metric + "/formula/preview", headers, body);
    };
    const auto preview = ask(R"({"formula":"safe_div(revenue, covers) * 3","from":"2025-06-02",)"
                             R"("to":"2025-06-05","recompute_from":"2025-06-03"})");
    EXPECT_EQ(preview.status, 200);
    EXPECT_EQ(
        preview.body,
        R"({"metric":"check","unit":"USD/count","formula":"safe_div(revenue, covers) * 3",)"
        R"("parsed":{"operation":"multiply","operands":[{"operation":"divide","operands":[)"
        R"({"metric":"revenue"},{"metric":"covers"}]},{"number":"3"}]},"inputs":[{"metric":)"
        R"("revenue","unit":"USD","derived":false},{"metric":"covers","unit":"count","derived":)"
        R"(false}],"grain":"day","points":[{"at":"2025-06-02","value":"10","preview":"10"},)"
        R"({"at":"2025-06-03","value":"10","preview":"30"},{"at":"2025-06-04","value":null,)"
        R"("preview":null}],"changed":1})");
    EXPECT_EQ(get("/v1/metrics/check").header("etag"), "\"1\"") << "nothing was appended";
    const auto code = [&](const std::string& formula, const std::string& metric = "check") {
        const auto answer = ask(R"({"formula":")" + formula + R"("})", metric);
        const auto errors = answer.body.find("\"errors\"");
        return std::to_string(answer.status) + " " +
               (errors == std::string::npos ? member(answer.body, "code")
                                            : member(answer.body.substr(errors), "code"));
    };
    EXPECT_EQ(code("revenue / nix"), "422 unknown-metric");
    EXPECT_EQ(code("revenue + covers"), "422 unit");
    EXPECT_EQ(code("revenue"), "422 unit");
    EXPECT_EQ(code("twice"), "422 cycle") << "twice follows from check";
    EXPECT_EQ(code("check"), "422 cycle");
    EXPECT_EQ(code("revenue /"), "422 formula");
    EXPECT_EQ(code("revenue / covers", "covers"), "422 not-allowed");
    EXPECT_EQ(code("revenue / covers", "nix"), "404 not-found");
    EXPECT_EQ(ask(R"({"formula":"revenue / covers","grain":"minute"})").status, 400);
    EXPECT_EQ(ask(R"({"formula":"revenue / covers","colour":"red"})").status, 422);
    EXPECT_EQ(ask("").status, 422);
    EXPECT_EQ(ask("{").status, 400);
}

TEST_F(MetricApi, SeriesAreFilteredComparedAndHeldToTheirBounds) {
    ASSERT_EQ(
        client
            .send("PUT", "/v1/locations/main", support::write_headers(tenant), R"({"name":"Main"})")
            .status,
        200);
    post("/v1/metrics/points", R"({"series":[
        {"metric":"revenue","location":"main","dimensions":{"channel":"web"},
         "points":[["2025-06-02","1"],["2025-06-09","10"]]},
        {"metric":"revenue","location":"main","points":[["2025-06-09","20"]]},
        {"metric":"revenue","points":[["2025-06-09","40"]]}]})");
    const std::string day = "/v1/metrics/revenue/series?from=2025-06-09&to=2025-06-10";
    EXPECT_EQ(values(day), "70");
    EXPECT_FALSE(get(day).header("consistency-token").empty()) << "an answer tells its position";
    EXPECT_EQ(values(day + "&location=main"), "30");
    EXPECT_EQ(values(day + "&dimension=channel:web"), "10");
    const auto compared = get(day + "&compare=same_weekday").body;
    EXPECT_NE(compared.find(R"("comparison":[{"at":"2025-06-02","value":"1"}])"), std::string::npos)
        << compared;
    const std::string all = "/v1/metrics/revenue/series";
    EXPECT_EQ(get(all + "?grain=minute").status, 400);
    EXPECT_EQ(get(all + "?from=2025-06-09&to=2025-06-09").status, 400);
    EXPECT_EQ(get(all + "?grain=hour&from=2000-01-01&to=2025-06-09").status, 400);
    EXPECT_EQ(get(all + "?compare=luck").status, 400);
    EXPECT_EQ(get(all + "?colour=red").status, 400);
    EXPECT_EQ(get("/v1/metrics/nix/series").status, 404);
}

TEST_F(MetricApi, OverviewsAndCsvAnswers) {
    post("/v1/metrics/points", R"({"series":[
        {"metric":"revenue",
         "points":[["2025-06-02","100"],["2025-06-09","150"],["2025-06-10","50"]]},
        {"metric":"covers","points":[["2025-06-01","10"],["2025-06-09","5"]]}]})");
    const auto both =
        get("/v1/metrics/query?metric=revenue&metric=covers&from=2025-06-09"
            "&to=2025-06-11");
    EXPECT_EQ(both.body, R"({"series":[{"metric":"revenue","unit":"USD","grain":"day","points":[)"
                         R"({"at":"2025-06-09","value":"150"},{"at":"2025-06-10","value":"50"}]},)"
                         R"({"metric":"covers","unit":"count","grain":"day","points":[)"
                         R"({"at":"2025-06-09","value":"5"},{"at":"2025-06-10","value":"0"}]}]})");
    EXPECT_EQ(get("/v1/metrics/query?from=2025-06-09").status, 400);
    EXPECT_EQ(get("/v1/metrics/latest")
                  .body.find(R"({"items":[{"metric":"covers","unit":"count",)"
                             R"("day":"2025-06-09","value":"5")"),
              0u);
    EXPECT_EQ(
        get("/v1/metrics/movers?to=2025-06-11&days=7").body,
        R"({"days":7,"movers":[{"metric":"revenue","unit":"USD","good_direction":"up",)"
        R"("value":"200","before":"100","change":1},{"metric":"covers","unit":"count",)"
        R"("good_direction":"up","value":"5","before":"10","change":-0.5}],"truncated":false})");
    const auto quality = get("/v1/metrics/revenue/quality?from=2025-06-01&to=2025-06-11");
    EXPECT_EQ(quality.body,
              R"({"from":"2025-06-01","to":"2025-06-11","expected_days":10,"received_days":3,)"
              R"("completeness":0.3,"points":3,"late_points":3,"replaced_points":0,)"
              R"("duplicate_points":0,"gaps":[{"from":"2025-06-01",)"
              R"("to":"2025-06-01","days":1},{"from":"2025-06-03","to":"2025-06-08","days":6}]})");
    auto headers = support::read_headers(tenant);
    headers.emplace_back("Accept", "text/csv");
    const auto csv =
        client.send("GET", "/v1/metrics/revenue/series?from=2025-06-09&to=2025-06-12", headers, "");
    EXPECT_EQ(csv.header("content-type"), "text/csv; charset=utf-8");
    EXPECT_EQ(csv.body,
              "metric,at,value,unit\r\nrevenue,2025-06-09,150,USD\r\nrevenue,2025-06-10,50,USD\r\n"
              "revenue,2025-06-11,,USD\r\n");
    const auto moving =
        get("/v1/metrics/revenue/series?from=2025-06-09&to=2025-06-11"
            "&moving_average=2");
    EXPECT_NE(moving.body.find(R"("value":"50","moving_average":100)"), std::string::npos)
        << moving.body;
}

TEST_F(MetricApi, AnotherTenantSeesNothingOfIt) {
    post("/v1/metrics/points", R"({"points":[{"metric":"covers","at":"2025-06-02","value":3}]})");
    const auto batch = last_.header("location");
    const auto metric = member(get("/v1/metrics/covers").body, "id");
    const auto stranger = support::register_tenant(client);
    for (const auto& path : {std::string{"/v1/metrics/covers"}, "/v1/metrics/" + metric, batch,
                             batch + "/rejects", "/v1/metrics/" + metric + "/series"}) {
        const auto answer = client.send("GET", path, support::read_headers(stranger), "");
        EXPECT_EQ(answer.status, 404) << path;
    }
    const auto reverted =
        client.send("POST", batch + "/revert", support::write_headers(stranger), "{}");
    EXPECT_EQ(reverted.status, 404);
}

}  // namespace
}  // namespace metric_test
