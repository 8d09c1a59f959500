// What is wrong is told by its line and reason, the rest lands, and definitions that could never be
// answered are refused.
#include "tests/support/metric_api.hpp"

namespace metric_faults_test {
namespace {

using support::member;

class MetricFaults : public support::MetricApi {
protected:
    support::Response revise(const std::string& key, const std::string& body) {
        last_ = client.send("PATCH", "/v1/metrics/" + key, support::write_headers(tenant), body);
        return last_;
    }
};

TEST_F(MetricFaults, RowsThatNameTheUnitOrNotAreOneSeries) {
    const auto taken = post("/v1/metrics/points",
                            R"({"metric":"revenue","at":"2026-03-02T10:00:00Z","value":"5"})"
                            "\n"
                            R"({"metric":"revenue","at":"2026-03-02T10:00:00Z","value":"7",)"
                            R"("unit":"USD"})",
                            "application/x-ndjson");
    ASSERT_EQ(taken.status, 201) << taken.body;
    EXPECT_EQ(member(taken.body, "duplicate"), "1");
    EXPECT_EQ(values("/v1/metrics/revenue/series?from=2026-03-02&to=2026-03-03"), "7");
}

TEST_F(MetricFaults, AQuoteThatIsNeverClosedLosesNoLaterRow) {
    const auto taken = post("/v1/metrics/import",
                            "at,metric,value,unit\n"
                            "2026-03-03,revenue,6,\"USD\n"
                            "2026-03-04,revenue,7,USD\n"
                            "2026-03-05,revenue,8,USD\n",
                            "text/csv");
    ASSERT_EQ(taken.status, 201) << taken.body;
    EXPECT_EQ(member(taken.body, "accepted"), "2");
    const auto rejects = get("/v1/metrics/batches/" + member(taken.body, "id") + "/rejects").body;
    EXPECT_TRUE(rejects.contains(R"("line":2)")) << rejects;
    EXPECT_TRUE(rejects.contains(R"("code":"quote")")) << rejects;
}

TEST_F(MetricFaults, AColumnThatIsNamedMustBeThere) {
    const std::string csv = "at,metric,value,Store\n2026-03-03,revenue,6,\n";
    EXPECT_EQ(post("/v1/metrics/import", csv, "text/csv").status, 201) << last_.body;
    for (const auto* parameter : {"location", "unit"}) {
        const std::string path = std::string{"/v1/metrics/import?"} + parameter + "=Stroe";
        const auto wrong = post(path, csv, "text/csv");
        EXPECT_EQ(wrong.status, 422) << wrong.body;
        EXPECT_TRUE(wrong.body.contains(std::string{"\"#/"} + parameter + '"')) << wrong.body;
        EXPECT_TRUE(wrong.body.contains("Stroe")) << wrong.body;
        EXPECT_TRUE(wrong.body.contains("It has: at, metric, value, Store.")) << wrong.body;
    }
    EXPECT_EQ(post("/v1/metrics/import?location=location", csv, "text/csv").status, 422)
        << "the default, when it is named";
    EXPECT_EQ(post("/v1/metrics/import?location=Store&unit=", csv, "text/csv").status, 201)
        << last_.body;
}

TEST_F(MetricFaults, TextThatIsNotUtf8LosesNoOtherRow) {
    const std::string csv =
        "at,metric,value,Shop\n"
        "2026-03-03,revenue,6,Caf\xE9\n"
        "2026-03-04,revenue,7,Caf\xC3\xA9\n"
        "2026-03-05,revenue,8,B" +
        std::string(1, '\0') + "r\n";
    const auto told =
        post("/v1/metrics/import?dimension=Shop:channel&validate_only=true", csv, "text/csv");
    EXPECT_EQ(told.status, 200) << told.body;
    EXPECT_EQ(member(told.body, "accepted"), "1") << told.body;
    EXPECT_EQ(member(told.body, "code"), "encoding") << told.body;
    const auto taken = post("/v1/metrics/import?dimension=Shop:channel", csv, "text/csv");
    ASSERT_EQ(taken.status, 201) << taken.body;
    EXPECT_EQ(member(taken.body, "accepted"), "1");
    const auto rejects = get("/v1/metrics/batches/" + member(taken.body, "id") + "/rejects").body;
    EXPECT_TRUE(rejects.contains(R"("line":2,)") && rejects.contains(R"("line":4,)")) << rejects;
    EXPECT_EQ(values("/v1/metrics/revenue/series?from=2026-03-03&to=2026-03-06"), "- 7 -");
    const auto header =
        post("/v1/metrics/import?unit=Unit", "at,metric,value,Caf\xE9\n", "text/csv");
    EXPECT_EQ(header.status, 422);
    EXPECT_TRUE(header.body.contains("not UTF-8")) << header.body;
}

TEST_F(MetricFaults, JsonHoldsNoNul) {
    const std::string row =
        R"({"metric":"revenue","at":"2026-03-03","value":1,"dimensions":{"channel":"a\u0000b"}})";
    EXPECT_EQ(post("/v1/metrics/points", R"({"points":[)" + row + "]}").status, 400);
    const auto lines =
        post("/v1/metrics/points",
             row + "\n" + R"({"metric":"revenue","at":"2026-03-04","value":2})" + "\n",
             "application/x-ndjson");
    ASSERT_EQ(lines.status, 201) << lines.body;
    EXPECT_EQ(member(lines.body, "rejected"), "1");
    EXPECT_EQ(values("/v1/metrics/revenue/series?from=2026-03-03&to=2026-03-05"), "- 2");
}

TEST_F(MetricFaults, OfABadGroupEachPointIsRejected) {
    const auto taken = post("/v1/metrics/points", R"({"series":[
        {"metric":"revenue","points":[["2026-03-03",1]]},
        {"metric":"revenue","points":[["2026-03-04",2],["2026-03-05",3],["2026-03-06",4]],"x":1},
        {"metric":"covers","unit":7,"points":[]},
        {"metric":"covers","points":[["2026-03-03"]]}]})");
    ASSERT_EQ(taken.status, 201) << taken.body;
    EXPECT_EQ(member(taken.body, "received"), "6");
    EXPECT_EQ(member(taken.body, "accepted"), "1");
    const auto rejects = get("/v1/metrics/batches/" + member(taken.body, "id") + "/rejects").body;
    for (const auto* reject : {R"("line":2,"metric":"revenue","code":"unknown-member")",
                               R"("line":3,"metric":"revenue","code":"unknown-member")",
                               R"("line":4,"metric":"revenue","code":"unknown-member")",
                               R"("line":5,"metric":"covers","code":"type")",
                               R"("line":6,"metric":"covers","code":"format")"})
        EXPECT_TRUE(rejects.contains(reject)) << reject << rejects;
}

TEST_F(MetricFaults, ALineSaysWhatIsWrongWithIt) {
    const auto taken = post("/v1/metrics/points",
                            R"({"metric":"revenue","metric":"revenue","at":"2026-03-03","value":1})"
                            "\n"
                            R"({"metric":"revenue","at":"2026-03-04","value":2})"
                            "\n",
                            "application/x-ndjson");
    ASSERT_EQ(taken.status, 201) << taken.body;
    const auto rejects = get("/v1/metrics/batches/" + member(taken.body, "id") + "/rejects").body;
    EXPECT_EQ(member(rejects, "detail"), "An object names a member twice") << rejects;
}

TEST_F(MetricFaults, EveryBadRowIsListedWhetherAGoodOneCameOrNot) {
    std::string csv = "at,metric,value\n";
    constexpr int bad = 2'500;
    for (int line = 0; line < bad; ++line) csv += "2026-03-03,revenue,nonsense\n";
    const auto refused = post("/v1/metrics/import", csv, "text/csv");
    ASSERT_EQ(refused.status, 422);
    for (const auto* line : {"\"#/2\"", "\"#/1777\"", "\"#/2501\""})
        EXPECT_TRUE(refused.body.contains(line)) << line;
    const auto taken = post("/v1/metrics/import", csv + "2026-03-04,revenue,5\n", "text/csv");
    ASSERT_EQ(taken.status, 201) << taken.body;
    EXPECT_EQ(member(taken.body, "rejected"), "2500");
    std::string path = taken.header("location") + "/rejects?limit=500";
    int listed = 0;
    for (int pages = 0; !path.empty() && pages < 10; ++pages) {
        const auto page = get(path);
        ASSERT_EQ(page.status, 200) << page.body;
        for (auto at = page.body.find("\"line\""); at != std::string::npos;
             at = page.body.find("\"line\"", at + 1))
            ++listed;
        path = page.body.contains("\"next\":null") ? "" : member(page.body, "next");
    }
    EXPECT_EQ(listed, bad);
}

TEST_F(MetricFaults, AFileThatIsTooLongIsToldTheOtherWay) {
    std::string csv = "at,metric,value\n";
    for (int line = 0; line < 10'001; ++line) csv += "2026-03-03,revenue,6\n";
    const auto refused = post("/v1/metrics/import", csv, "text/csv");
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(member(refused.body, "code"), "too-many-rows") << refused.body;
    EXPECT_TRUE(refused.body.contains("10000 rows")) << refused.body;
    EXPECT_TRUE(refused.body.contains("cairn metrics import")) << refused.body;
}

TEST_F(MetricFaults, NoFormulaComesBackThroughWhatItWas) {
    define(
        R"({"key":"tables","name":"Tables","kind":"derived","unit":"count","formula":"covers"})");
    define(R"({"key":"seats","name":"Seats","kind":"derived","unit":"count","formula":"tables"})");
    ASSERT_EQ(revise("seats", R"({"formula":"covers","recompute_from":"2026-01-01"})").status, 200);
    const auto back = revise("tables", R"({"formula":"seats"})");
    EXPECT_EQ(back.status, 422) << back.body;
    EXPECT_TRUE(back.body.contains(R"("code":"cycle")")) << back.body;
    // Without the old formula nothing comes back.
    ASSERT_EQ(revise("seats", R"({"formula":"covers + 1"})").status, 200) << last_.body;
    EXPECT_EQ(revise("tables", R"({"formula":"seats"})").status, 200) << last_.body;
}

TEST_F(MetricFaults, AFormulaTooDeepIsToldSo) {
    std::string before = "covers";
    for (int depth = 0; depth < 10; ++depth) {
        const auto key = "level_" + std::to_string(depth);
        define(R"({"key":")" + key +
               R"(","name":"Level","kind":"derived","unit":"count","formula":")" + before + "\"}");
        before = key;
    }
    const auto deep =
        post("/v1/metrics",
             R"({"key":"deepest","name":"Deepest","kind":"derived","unit":"count","formula":")" +
                 before + "\"}");
    EXPECT_EQ(deep.status, 422);
    EXPECT_TRUE(deep.body.contains(R"("code":"depth")")) << deep.body;
}

/// `word` so many times, added up.
std::string sum_of(std::string_view word, int times) {
    std::string sum{word};
    for (int i = 1; i < times; ++i) sum.append("+").append(word);
    return sum;
}

TEST_F(MetricFaults, FormulasOverFormulasAreBoundedWhenTheyAreDefined) {
    const auto follows = [&](const std::string& key, const std::string& formula) {
        return post("/v1/metrics", R"({"key":")" + key +
                                       R"(","name":"X","unit":"count","kind":"derived",)" +
                                       R"("formula":")" + formula + "\"}");
    };
    define(R"({"key":"a","name":"A","unit":"count"})");
    ASSERT_EQ(follows("b", sum_of("a", 500)).status, 201) << last_.body;
    ASSERT_EQ(follows("c", sum_of("b", 3)).status, 201) << last_.body;
    const auto much = follows("d", sum_of("b", 38));
    EXPECT_EQ(much.status, 422) << much.body;
    EXPECT_TRUE(much.body.contains(R"("code":"too-long")")) << much.body;
    // What held before counts too: each revision is one more case of the statement.
    const auto more =
        revise("c", R"({"formula":")" + sum_of("b", 2) + R"(","recompute_from":"2026-01-01"})");
    EXPECT_EQ(more.status, 422) << more.body;
    EXPECT_TRUE(more.body.contains(R"("code":"too-long")")) << more.body;
    EXPECT_EQ(revise("c", R"({"formula":")" + sum_of("b", 2) + R"("})").status, 200) << last_.body;
    ASSERT_EQ(
        post("/v1/metrics/points", R"({"points":[{"metric":"a","at":"2026-03-02","value":"1"}]})")
            .status,
        201);
    EXPECT_EQ(values("/v1/metrics/c/series?from=2026-03-02&to=2026-03-03"), "1000");
}

TEST_F(MetricFaults, AFormulaThatItsInputsMadeTooLongIsToldSo) {
    define(R"({"key":"a","name":"A","unit":"count"})");
    define(R"({"key":"b","name":"B","unit":"count","kind":"derived","formula":"a"})");
    define(R"({"key":"c","name":"C","unit":"count","kind":"derived","formula":")" +
           sum_of("b", 400) + "\"}");
    define(R"({"key":"d","name":"D","unit":"count","kind":"derived","formula":"c+c+c"})");
    const std::string days = "/series?from=2026-03-02&to=2026-03-03";
    EXPECT_EQ(get("/v1/metrics/d" + days).status, 200);
    ASSERT_EQ(revise("b", R"({"formula":")" + sum_of("a", 20) + R"("})").status, 200);
    EXPECT_EQ(get("/v1/metrics/c" + days).status, 200);
    const auto longest = get("/v1/metrics/d" + days);
    EXPECT_EQ(longest.status, 422);
    EXPECT_EQ(member(longest.body, "code"), "formula-invalid") << longest.body;
    EXPECT_TRUE(longest.body.contains("too long")) << longest.body;
}

TEST_F(MetricFaults, EightPeopleOnSevenDaysAreEight) {
    define(R"({"key":"headcount","name":"Staff","unit":"count","additivity":"not_over_time"})");
    define(R"({"key":"mood","name":"Mood","unit":"points","additivity":"none"})");
    std::string points;
    for (int day = 2; day <= 8; ++day) {
        const auto at = R"("at":"2026-03-0)" + std::to_string(day) + R"(","value":"8"})";
        points += (points.empty() ? "" : ",") + (R"({"metric":"headcount",)" + at) +
                  R"(,{"metric":"mood",)" + at;
    }
    ASSERT_EQ(post("/v1/metrics/points", R"({"points":[)" + points + "]}").status, 201);
    const std::string week = "/series?grain=week&from=2026-03-02&to=2026-03-09";
    EXPECT_EQ(values("/v1/metrics/headcount" + week), "8");
    EXPECT_EQ(values("/v1/metrics/mood" + week), "8");
    EXPECT_TRUE(get("/v1/metrics/headcount").body.contains(R"("aggregation":"last")"));
    EXPECT_TRUE(get("/v1/metrics/mood").body.contains(R"("aggregation":"mean")"));
    for (const auto* additivity : {"not_over_time", "none"}) {
        const auto summed = post("/v1/metrics", R"({"key":"s","name":"S","unit":"count",)"
                                                R"("aggregation":"sum","additivity":")" +
                                                    std::string{additivity} + "\"}");
        EXPECT_EQ(summed.status, 422) << summed.body;
        EXPECT_TRUE(summed.body.contains(R"("code":"additivity")")) << summed.body;
    }
    EXPECT_EQ(revise("headcount", R"({"aggregation":"sum"})").status, 422);
    EXPECT_EQ(revise("covers", R"({"additivity":"not_over_time"})").status, 422);
}

TEST_F(MetricFaults, AFormulaFollowsFromSomething) {
    const auto constant = post(
        "/v1/metrics", R"({"key":"k","name":"K","unit":"ratio","kind":"ratio","formula":"42"})");
    EXPECT_EQ(constant.status, 422) << constant.body;
    EXPECT_TRUE(constant.body.contains(R"("code":"no-input")")) << constant.body;
}

TEST_F(MetricFaults, ARatioHasDecimalsUnlessItIsDefinedWithout) {
    const std::string ratio = R"("name":"Share","unit":"ratio","kind":"ratio",)"
                              R"("formula":"covers / covers / 3")";
    define(R"({"key":"share",)" + ratio + "}");
    define(R"({"key":"whole",)" + ratio + R"(,"precision":0})");
    ASSERT_EQ(post("/v1/metrics/points",
                   R"({"points":[{"metric":"covers","at":"2026-03-02","value":"2"}]})")
                  .status,
              201);
    const std::string day = "/series?from=2026-03-02&to=2026-03-03";
    EXPECT_EQ(values("/v1/metrics/share" + day), "0.3333");
    EXPECT_EQ(values("/v1/metrics/whole" + day), "0");
    EXPECT_TRUE(get("/v1/metrics/share").body.contains(R"("precision":4)"));
    EXPECT_TRUE(get("/v1/metrics/covers").body.contains(R"("precision":0)"));
}

TEST_F(MetricFaults, NullTakesALimitAway) {
    const auto below = R"({"points":[{"metric":"covers","at":"2026-03-02","value":"-1"}]})";
    EXPECT_EQ(post("/v1/metrics/points", below).status, 422);
    ASSERT_EQ(revise("covers", R"({"minimum":null})").status, 200) << last_.body;
    EXPECT_EQ(post("/v1/metrics/points", below).status, 201) << last_.body;
}

TEST_F(MetricFaults, AKeyThatAFormulaCannotNameIsRefused) {
    const auto minus = post("/v1/metrics", R"({"key":"labour-cost","name":"L","unit":"USD"})");
    EXPECT_EQ(minus.status, 422);
    EXPECT_TRUE(minus.body.contains("read as minus")) << minus.body;
}

}  // namespace
}  // namespace metric_faults_test
