// Odd days and alerts over a real socket: what the labelled demo holds is told, and little else.
#include "tests/support/server.hpp"

#include "domain/base/business_day.hpp"
#include "src/postgres/connect.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/demo_business.hpp"
#include "src/runtime/tenant_pulse.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <pqxx/pqxx>
#include <thread>

namespace watch_test {
namespace {

using support::HttpClient;
using support::member;
using support::Tenant;

/// How often `text` is in `whole`.
int count(const std::string& whole, const std::string& text) {
    int found = 0;
    for (auto at = whole.find(text); at != std::string::npos; at = whole.find(text, at + 1))
        ++found;
    return found;
}

class WatchApi : public testing::Test {
protected:
    HttpClient client{support::app().port()};
    Tenant tenant = support::register_tenant(client);

    support::Response send(const std::string& method, const std::string& path,
                           const std::string& body = {}) {
        return client.send(method, path, support::write_headers(tenant), body);
    }
    std::string get(const std::string& path) {
        return client.send("GET", path, support::read_headers(tenant), "").body;
    }
    /// Asks again until the answer is as wanted, for at most half a minute.
    std::string until(const std::string& path, const std::function<bool(const std::string&)>& is) {
        constexpr int tries_max = 300;
        std::string answer;
        for (int i = 0; i < tries_max; ++i) {
            answer = get(path);
            if (is(answer)) return answer;
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        }
        ADD_FAILURE() << path << " stays " << answer;
        return answer;
    }
    void define(const std::string& key) {
        const auto answer =
            send("POST", "/v1/metrics",
                 R"({"key":")" + key + R"(","name":"X","unit":"USD","precision":2})");
        ASSERT_EQ(answer.status, 201) << answer.body;
    }
    support::Response points(const std::string& metric, const std::string& pairs) {
        return send("POST", "/v1/metrics/points",
                    R"({"series":[{"metric":")" + metric + R"(","points":[)" + pairs + "]}]}");
    }
};

std::string pair_of(domain::Date day, const std::string& value) {
    return "[\"" + domain::to_text(day) + "\",\"" + value + "\"]";
}

domain::Date today_in_new_york() {
    constexpr int cutoff_minutes = 240;
    return domain::business_today("America/New_York", cutoff_minutes, runtime::now());
}

TEST_F(WatchApi, OddDaysOfTheDemoAreToldExplainedAndWithdrawn) {
    const auto business = runtime::demo::make_business(runtime::demo::golden_seed);
    define("restaurant_revenue");
    for (const auto& truth : business.truth) {
        if (truth.what != "closed") continue;
        const auto planned =
            send("POST", "/v1/closures", R"({"from":")" + domain::to_text(truth.from) + "\"}");
        ASSERT_EQ(planned.status, 201) << planned.body;
    }
    std::string pairs;
    for (const auto& series : business.series) {
        if (series.metric != "restaurant_revenue") continue;
        for (const auto& [day, value] : series.values)
            pairs += (pairs.empty() ? "" : ",") + pair_of(day, value.text());
    }
    ASSERT_EQ(points("restaurant_revenue", pairs).status, 201);

    // The clock asks at any moment, so the last anomaly may be told a little after the first.
    const auto critical = "/v1/anomalies?severity=critical&limit=500";
    int wanted = 0;
    for (const auto& truth : business.truth)
        wanted += truth.must_be_found ? truth.to - truth.from + 1 : 0;
    const auto told = until(critical, [&](const std::string& answer) {
        int found = 0;
        for (const auto& truth : business.truth) {
            for (auto day = truth.from; truth.must_be_found && day <= truth.to; day = day + 1)
                found += answer.contains("\"on\":\"" + domain::to_text(day) + "\"");
        }
        return found == wanted;
    });
    for (const auto& truth : business.truth) {
        if (truth.what != "closed") continue;
        EXPECT_FALSE(told.contains("\"on\":\"" + domain::to_text(truth.from) + "\"")) << told;
    }
    EXPECT_LE(count(told, "\"id\""), wanted + 1) << "a storm: " << told;

    const auto outage = get("/v1/anomalies?from=2024-05-17&to=2024-05-18");
    const auto id = member(outage, "id");
    EXPECT_EQ(member(outage, "kind"), "dip");
    EXPECT_EQ(member(outage, "status"), "open");
    const auto path = "/v1/anomalies/" + id;
    EXPECT_EQ(send("POST", path + "/explain", R"({"note":""})").status, 422);
    EXPECT_EQ(send("POST", path + "/explain", R"({"note":"The till was down."})").status, 200);
    const auto explained = until(path, [](const auto& a) { return a.contains("explained"); });
    EXPECT_EQ(member(explained, "note"), "The till was down.");

    // A corrected day is no anomaly any more, and what was said of it stays.
    ASSERT_EQ(
        points("restaurant_revenue", pair_of(domain::date_from("2024-05-17").value(), "4950.00"))
            .status,
        201);
    const auto withdrawn = until(path, [](const auto& a) { return a.contains("withdrawn"); });
    EXPECT_EQ(member(withdrawn, "note"), "The till was down.");
    EXPECT_EQ(send("POST", path + "/dismiss", "{}").status, 409);

    // Neither is a day that turns out to have been a closed one.
    const auto cut = get("/v1/anomalies?from=2025-06-04&to=2025-06-05");
    ASSERT_EQ(member(cut, "status"), "open") << cut;
    ASSERT_EQ(send("POST", "/v1/closures", R"({"from":"2025-06-04"})").status, 201);
    until("/v1/anomalies/" + member(cut, "id"),
          [](const auto& a) { return a.contains("withdrawn"); });
}

TEST_F(WatchApi, AlertsAreRaisedAndResolvedAsPeriodsSay) {
    define("wait");
    const auto rule = send("POST", "/v1/alert-rules",
                           R"({"name":"Slow","metric":"wait","comparison":"above",)"
                           R"("threshold":"20","for_periods":2})");
    ASSERT_EQ(rule.status, 201) << rule.body;
    const auto path = rule.header("location");
    // Today is not over: its value, which is below, must raise nothing.
    ASSERT_EQ(send("POST", "/v1/alert-rules",
                   R"({"name":"Idle","metric":"wait","comparison":"below","threshold":"5"})")
                  .status,
              201);
    const auto known = until(path, [](const auto& a) { return a.contains("\"name\""); });
    const auto set_on = domain::date_from(member(known, "set_on")).value();
    // Today's values make yesterday complete.
    ASSERT_EQ(points("wait", pair_of(set_on + -2, "25") + "," + pair_of(set_on + -1, "26.5") + "," +
                                 pair_of(set_on, "1"))
                  .status,
              201);
    const auto raised = until("/v1/alerts", [](const auto& a) { return a.contains("\"raised\""); });
    EXPECT_EQ(member(raised, "raised_on"), domain::to_text(set_on + -1));
    EXPECT_EQ(member(raised, "value"), "26.5");
    EXPECT_EQ(member(raised, "threshold"), "20");
    EXPECT_EQ(member(get(path), "raised"), "true");
    ASSERT_EQ(points("wait", pair_of(set_on + -1, "19")).status, 201);
    // What raised it may be corrected at any time; the rule itself is changed and goes, too.
    EXPECT_EQ(send("PUT", path,
                   R"({"name":"Slow","metric":"wait","comparison":"above","threshold":"30"})")
                  .status,
              200);
    EXPECT_EQ(send("DELETE", path).status, 200);
    const auto resolved =
        until("/v1/alerts", [](const auto& a) { return a.contains("\"resolved\""); });
    EXPECT_EQ(count(resolved, "\"rule\""), 1);
    EXPECT_EQ(client.send("GET", path, support::read_headers(tenant), "").status, 404);
    EXPECT_EQ(send("POST", "/v1/alert-rules",
                   R"({"name":"S","metric":"nix","comparison":"above","threshold":"1"})")
                  .status,
              422);
}

TEST_F(WatchApi, ADayWithoutPointsIsZeroAtItsOwnPlaceOnceThatHasALaterOne) {
    for (const auto* place : {"east", "west"})
        ASSERT_EQ(send("PUT", "/v1/locations/" + std::string{place}, R"({"name":"Shop"})").status,
                  200);
    ASSERT_EQ(send("POST", "/v1/metrics",
                   R"({"key":"guests","name":"Guests","unit":"count","gap_policy":"zero"})")
                  .status,
              201);
    ASSERT_EQ(send("POST", "/v1/alert-rules",
                   R"({"name":"Few","metric":"guests","location":"west","comparison":"below",)"
                   R"("threshold":"10"})")
                  .status,
              201);
    const auto today = today_in_new_york();
    const auto at = [&](const std::string& place, domain::Date day) {
        return send("POST", "/v1/metrics/points",
                    R"({"series":[{"metric":"guests","location":")" + place + R"(","points":[)" +
                        pair_of(day, "20") + "]}]}")
            .status;
    };
    ASSERT_EQ(at("west", today + -2), 201);
    ASSERT_EQ(at("east", today), 201);
    std::this_thread::sleep_for(std::chrono::milliseconds{3500});
    EXPECT_EQ(count(get("/v1/alerts"), "\"raised_on\""), 0) << "another place's day says nothing";
    ASSERT_EQ(at("west", today), 201);
    const auto raised = until("/v1/alerts", [](const auto& a) { return a.contains("raised_on"); });
    EXPECT_EQ(member(raised, "raised_on"), domain::to_text(today + -1));
    EXPECT_EQ(member(raised, "value"), "0");
}

TEST_F(WatchApi, ADayIsJudgedWhenEveryPlaceIsDoneAndTakenBackWhenItIsCorrected) {
    for (const auto* place : {"east", "west"})
        ASSERT_EQ(send("PUT", "/v1/locations/" + std::string{place}, R"({"name":"Shop"})").status,
                  200);
    define("sales");
    ASSERT_EQ(send("POST", "/v1/alert-rules",
                   R"({"name":"Low","metric":"sales","comparison":"below","threshold":"1000"})")
                  .status,
              201);
    const auto today = today_in_new_york();
    const auto at = [&](const std::string& place, const std::string& pairs) {
        const auto sent = send("POST", "/v1/metrics/points",
                               R"({"series":[{"metric":"sales","location":")" + place +
                                   R"(","points":[)" + pairs + "]}]}");
        EXPECT_EQ(sent.status, 201) << sent.body;
    };
    // East sends at night for the day before, west as it sells.
    at("east", pair_of(today + -2, "800"));
    at("west",
       pair_of(today + -2, "600") + "," + pair_of(today + -1, "600") + "," + pair_of(today, "5"));
    std::this_thread::sleep_for(std::chrono::milliseconds{3500});
    EXPECT_EQ(count(get("/v1/alerts"), "\"raised_on\""), 0) << "half a day is no day";
    at("east", pair_of(today + -1, "80") + "," + pair_of(today, "7"));
    const auto raised = until("/v1/alerts", [](const auto& a) { return a.contains("raised_on"); });
    EXPECT_EQ(member(raised, "raised_on"), domain::to_text(today + -1));
    EXPECT_EQ(member(raised, "value"), "680");
    at("east", pair_of(today + -1, "800"));
    const auto taken_back =
        until("/v1/alerts", [](const auto& a) { return a.contains("\"resolved\""); });
    EXPECT_EQ(count(taken_back, "\"rule\""), 1);
    EXPECT_EQ(member(taken_back, "resolved_on"), domain::to_text(today + -1));
    EXPECT_EQ(member(taken_back, "resolved_value"), "1400");
}

TEST_F(WatchApi, ACountThatIsCarriedCountsOnTheDaysAfterItToo) {
    ASSERT_EQ(send("POST", "/v1/metrics",
                   R"({"key":"stock","name":"Stock","unit":"count","aggregation":"last",)"
                   R"("additivity":"not_over_time","gap_policy":"carry"})")
                  .status,
              201);
    ASSERT_EQ(send("POST", "/v1/alert-rules",
                   R"({"name":"Low","metric":"stock","comparison":"below","threshold":"5",)"
                   R"("for_periods":3})")
                  .status,
              201);
    const auto today = today_in_new_york();
    ASSERT_EQ(points("stock", pair_of(today + -7, "3") + "," + pair_of(today, "3")).status, 201);
    const auto raised = until("/v1/alerts", [](const auto& a) { return a.contains("raised_on"); });
    EXPECT_EQ(member(raised, "raised_on"), domain::to_text(today + -1)) << "the third day in a row";
    EXPECT_EQ(member(raised, "value"), "3");
}

TEST_F(WatchApi, ATillThatSendsNothingIsOdd) {
    ASSERT_EQ(send("POST", "/v1/metrics",
                   R"({"key":"till","name":"Till","unit":"count","gap_policy":"zero"})")
                  .status,
              201);
    const auto today = today_in_new_york();
    std::string pairs;
    for (int i = 120; i > 4; --i)
        pairs += (pairs.empty() ? "" : ",") +
                 pair_of(today + -i, std::to_string(100 + (i * 7) % 5 + (i % 7 == 0 ? 20 : 0)));
    ASSERT_EQ(points("till", pairs).status, 201);
    const auto silent = domain::to_text(today + -4);
    const auto told = until("/v1/anomalies?limit=500",
                            [&](const auto& a) { return a.contains("\"on\":\"" + silent + "\""); });
    EXPECT_TRUE(told.contains(R"("observed":"0")")) << told;
}

TEST_F(WatchApi, AtHalfPastOneItIsStillYesterday) {
    ASSERT_EQ(send("POST", "/v1/metrics", R"({"key":"x","name":"X","unit":"count"})").status, 201);
    ASSERT_EQ(points("x", pair_of(domain::date_from("2026-03-01").value(), "1")).status, 201);
    const auto day_at = [&](const std::string& instant) {
        domain::Date day;
        const auto connection = postgres::connect(support::database(), postgres::As::projector);
        pqxx::nontransaction tx{*connection};
        runtime::each_tenant(tx, domain::instant_from(instant).value(), [&](const auto& pulse) {
            if (domain::to_text(pulse.tenant) == tenant.id) day = pulse.today;
            return true;
        });
        return domain::to_text(day);
    };
    until("/v1/metrics/x", [](const auto& a) { return a.contains("\"key\""); });
    EXPECT_EQ(day_at("2026-03-10T05:30:00Z"), "2026-03-09") << "half past one in New York";
    EXPECT_EQ(day_at("2026-03-10T08:00:00Z"), "2026-03-10") << "four, when its day begins";
}

TEST_F(WatchApi, AnotherTenantSeesNothingOfIt) {
    define("wait");
    ASSERT_EQ(send("POST", "/v1/closures", R"({"from":"2026-12-25","reason":"Christmas"})").status,
              201);
    const auto mine = until("/v1/closures", [](const auto& a) { return a.contains("Christmas"); });
    const auto other = support::register_tenant(client);
    const auto theirs = client.send("GET", "/v1/closures", support::read_headers(other), "").body;
    EXPECT_EQ(count(theirs, "\"id\""), 0) << theirs;
    EXPECT_EQ(
        client
            .send("DELETE", "/v1/closures/" + member(mine, "id"), support::write_headers(other), "")
            .status,
        404);
    EXPECT_EQ(send("DELETE", "/v1/closures/" + member(mine, "id")).status, 200);
    until("/v1/closures", [](const auto& a) { return !a.contains("Christmas"); });
}

}  // namespace
}  // namespace watch_test
