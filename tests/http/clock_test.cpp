// Clocks over a real socket: goals check themselves in, and fall behind, without anybody asking.
#include "domain/base/business_day.hpp"
#include "src/runtime/clock.hpp"
#include "tests/support/server.hpp"

#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <thread>

namespace clock_test {
namespace {

using support::Headers;
using support::HttpClient;
using support::member;
using support::Tenant;

constexpr int cutoff_minutes = 240;

class Clocks : public testing::Test {
protected:
    HttpClient client{support::app().port()};
    Tenant tenant = support::register_tenant(client);
    const domain::Date today =
        domain::business_today("America/New_York", cutoff_minutes, runtime::now());
    const domain::Date start = today + -20;

    void SetUp() override {
        const auto covers =
            post("/v1/metrics", R"({"key":"covers","name":"Covers","unit":"count"})");
        ASSERT_EQ(covers.status, 201) << covers.body;
    }
    support::Response post(const std::string& path, const std::string& body) {
        auto headers = support::write_headers(tenant);
        headers.emplace_back("Prefer", "return=representation");
        last_ = client.send("POST", path, headers, body);
        return last_;
    }
    std::string get(const std::string& path) {
        auto headers = support::read_headers(tenant);
        headers.emplace_back("Consistency-Token", last_.header("consistency-token"));
        return client.send("GET", path, headers, "").body;
    }
    /// The address of an active goal over weeks from `from` on.
    std::string goal(const std::string& measurable, domain::Date from, domain::Date due,
                     const std::string& metric = "covers") {
        const auto drafted =
            post("/v1/goals",
                 R"({"title":"More covers","specific":{"description":"Fill the house."},)"
                 R"("measurable":{"metric":")" +
                     metric + R"(","unit":"count",)" + measurable +
                     R"(},"time_bound":{"start_date":")" + domain::to_text(from) +
                     R"(","target_date":")" + domain::to_text(due) + R"(","cadence":"weekly"}})");
        EXPECT_EQ(drafted.status, 201) << drafted.body;
        const auto path = drafted.header("location");
        EXPECT_EQ(post(path + "/activate", "{}").status, 200) << last_.body;
        return path;
    }
    /// `value` on each of `days` days from `first` on.
    void points(domain::Date first, int days, int value, const std::string& metric = "covers") {
        std::string list;
        for (int i = 0; i < days; ++i)
            list += (i == 0 ? "[\"" : ",[\"") + domain::to_text(first + i) + "\"," +
                    std::to_string(value) + "]";
        const auto batch = post("/v1/metrics/points", R"({"series":[{"metric":")" + metric +
                                                          R"(","points":[)" + list + "]}]}");
        EXPECT_EQ(batch.status, 201) << batch.body;
    }
    /// Reads until `holds`, for ten seconds.
    template <class Holds>
    std::string read_until(const std::string& path, Holds holds) {
        std::string body;
        for (int tenths = 0; tenths < 100; ++tenths) {
            body = get(path);
            if (holds(body)) break;
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        }
        return body;
    }
    std::string current(const std::string& path, const std::string& value) {
        const auto body = read_until(
            path, [&](const auto& goal) { return member(goal, "current_value") == value; });
        EXPECT_EQ(member(body, "current_value"), value) << body;
        return body;
    }
    static std::size_t count(const std::string& text, const std::string& what) {
        std::size_t found = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
            ++found;
        return found;
    }

    support::Response last_;
    const std::string rising = R"("direction":"increase","baseline":"10","target_value":"100")";
};

TEST_F(Clocks, AGoalMeasuredByAMetricChecksItselfIn) {
    const auto path = goal(rising, start, today + 200);
    points(start, 15, 3);
    const auto second = R"("as_of":")" + domain::to_text(start + 13);
    const auto body = read_until(path, [&](const auto& all) { return all.contains(second); });
    EXPECT_EQ(member(body, "current_value"), "21") << body;
    EXPECT_NE(body.find(R"("source":"metric")"), std::string::npos) << body;
    EXPECT_EQ(member(body, "health"), "on_track") << body;
}

TEST_F(Clocks, APeriodThatIsCorrectedIsCheckedInAgainAndOnlyOnce) {
    const auto path = goal(rising, start, today + 200);
    points(start, 15, 3);
    current(path, "21");
    points(start + 7, 1, 10);
    auto body = current(path, "28");
    EXPECT_EQ(member(body, "as_of"), domain::to_text(start + 13)) << "the same day";
    points(start + 7, 1, 3);
    current(path, "21");
    points(start + 7, 1, 10);
    current(path, "28");
    EXPECT_EQ(post(last_.header("location") + "/revert", "{}").status, 200) << last_.body;
    body = current(path, "21");
    EXPECT_EQ(count(body, R"("source":"metric")"), 6u) << "and the week before: " << body;
    std::this_thread::sleep_for(std::chrono::milliseconds{2500});
    EXPECT_EQ(get(path), body) << "and then it rests";
}

TEST_F(Clocks, AnOlderPeriodIsCorrectedToo) {
    // The second week is complete once there is a day after it: today.
    const auto first = today + -15;
    const auto path = goal(rising, first, today + 200);
    points(first, 8, 3);
    current(path, "21");
    points(first + 8, 8, 4);
    current(path, "27");
    points(first, 1, 103);
    const auto body = read_until(path + "/check-ins", [](const auto& all) {
        return all.find(R"("value":"121")") != std::string::npos;
    });
    EXPECT_NE(body.find(R"("as_of":")" + domain::to_text(first + 6) + R"(","value":"121")"),
              std::string::npos)
        << body;
    EXPECT_EQ(member(get(path), "current_value"), "27") << "the newest period stays the current";
}

TEST_F(Clocks, EveryCompletePeriodIsCheckedInAfterABackFill) {
    const auto first = today + -70;
    const auto path =
        goal(R"("direction":"stay_above","baseline":"10","target_value":"20")", first, today + 200);
    points(first, 7, 3);
    points(first + 28, 7, 4);
    points(first + 14, 14, 2);
    points(first + 35, 28, 2);
    points(today, 1, 3);
    const auto body = read_until(path + "/check-ins", [](const auto& all) {
        return count(all, R"("source":"metric")") >= 8u;
    });
    EXPECT_EQ(count(body, R"("source":"metric")"), 8u) << "of ten weeks two are empty: " << body;
    std::this_thread::sleep_for(std::chrono::milliseconds{2500});
    EXPECT_EQ(get(path + "/check-ins"), body) << "and then it rests";
    EXPECT_EQ(member(get(path), "progress"), "0.25") << "two readings of eight are above";
}

TEST_F(Clocks, TheLastDaysOfAGoalCountWhereAShortPeriodCanStandBesideWholeOnes) {
    // A goal over 17 days ends today, and that is yesterday once the business has moved from the
    // last zone of the world to the first.
    const std::string last_zone = "Pacific/Pago_Pago";
    tenant = support::register_tenant(client, last_zone);
    const auto due = domain::business_today(last_zone, cutoff_minutes, runtime::now());
    const auto first = due + -16;
    const auto reaches = [&](const std::string& metric, const std::string& more) {
        const auto defined = post(
            "/v1/metrics", R"({"key":")" + metric + R"(","name":"X","unit":"count")" + more + "}");
        EXPECT_EQ(defined.status, 201) << defined.body;
        points(first, 18, 5, metric);
        return goal(R"("direction":"increase","baseline":"0","target_value":"90")", first, due,
                    metric);
    };
    const auto sold = reaches("sold", R"(,"kind":"cumulative")");
    const auto staff = reaches("staff", R"(,"additivity":"not_over_time")");
    const auto covers = reaches("covers", "");
    const auto second_week = R"("as_of":")" + domain::to_text(first + 13);
    EXPECT_TRUE(current(sold, "70").contains(second_week));
    const auto moved = client.send("PUT", "/v1/tenant", support::write_headers(tenant),
                                   R"({"name":"Reef","country":"AS","currency":"USD",)"
                                   R"("time_zone":"Pacific/Kiritimati"})");
    ASSERT_EQ(moved.status, 200) << moved.body;
    const auto last_day = R"("as_of":")" + domain::to_text(due);
    EXPECT_TRUE(current(sold, "85").contains(last_day)) << "17 days of 5";
    EXPECT_EQ(count(get(sold + "/check-ins"), R"("source":"metric")"), 3u);
    const auto stands = read_until(staff, [&](const auto& all) { return all.contains(last_day); });
    EXPECT_TRUE(stands.contains(last_day)) << stands;
    EXPECT_EQ(member(stands, "current_value"), "5");
    EXPECT_TRUE(current(covers, "35").contains(second_week)) << "three days of a week are no week";
}

TEST_F(Clocks, AMonthWithoutComplaintsIsZeroComplaints) {
    ASSERT_EQ(post("/v1/metrics", R"({"key":"complaints","name":"Complaints","unit":"count",)"
                                  R"("gap_policy":"zero"})")
                  .status,
              201);
    const auto path = goal(R"("direction":"decrease","baseline":"9","target_value":"0")", start,
                           today + 200, "complaints");
    ASSERT_EQ(post("/v1/metrics/points", R"({"series":[{"metric":"complaints","points":[[")" +
                                             domain::to_text(start) + R"(","5"]]}]})")
                  .status,
              201);
    const auto body = current(path, "0");
    EXPECT_NE(body.find(R"("as_of":")" + domain::to_text(start + 13)), std::string::npos) << body;
}

TEST_F(Clocks, ACorrectedReadingOfAStayGoalCountsOnce) {
    const auto path =
        goal(R"("direction":"stay_above","baseline":"10","target_value":"20")", start, today + 200);
    points(start + 7, 7, 3);
    EXPECT_EQ(member(current(path, "21"), "progress"), "1");
    points(start + 7, 1, 1);
    EXPECT_EQ(member(current(path, "19"), "progress"), "0") << "one reading, on the wrong side";
}

TEST(HealthClock, AGoalFallsBehindItsPathWithoutAnybodyAsking) {
    // Half of the way is expected today and 55 % tomorrow: 46 % is enough today only. The next day
    // comes by moving the business from the last zone of the world to the first. Days begin at
    // midnight, so that the test says the same at every hour.
    HttpClient client{support::app().port()};
    const auto registered = client.send(
        "POST", "/v1/tenants",
        {{"Content-Type", "application/json"},
         {"Idempotency-Key", domain::to_text(runtime::uuid_v7())}},
        R"({"name":"Reef","country":"AS","currency":"USD","time_zone":"Pacific/Pago_Pago",)"
        R"("day_cutoff_minutes":0,)"
        R"("owner":{"email":"reef@example.com","display_name":"R. Owner"}})");
    ASSERT_EQ(registered.status, 201) << registered.body;
    const Tenant tenant{member(registered.body, "tenant_id"), member(registered.body, "user_id"),
                        member(registered.body, "access_token")};
    std::string token;
    const auto write = [&](const std::string& method, const std::string& path,
                           const std::string& body) {
        const auto answer = client.send(method, path, support::write_headers(tenant), body);
        EXPECT_LT(answer.status, 300) << path << answer.body;
        token = answer.header("consistency-token");
        return answer.header("location");
    };
    const auto read = [&](const std::string& path) {
        auto headers = support::read_headers(tenant);
        headers.emplace_back("Consistency-Token", token);
        return client.send("GET", path, headers, "").body;
    };
    const auto today = domain::day_in_zone(runtime::now(), "Pacific/Pago_Pago").value();
    const auto goal = write("POST", "/v1/goals",
                            R"({"title":"More","specific":{"description":"More of the same."},)"
                            R"("measurable":{"metric":"guests","direction":"increase",)"
                            R"("baseline":"0","target_value":"100","unit":"count"},"time_bound":)"
                            R"({"start_date":")" +
                                domain::to_text(today + -10) + R"(","target_date":")" +
                                domain::to_text(today + 10) + R"(","cadence":"weekly"}})");
    write("POST", goal + "/activate", "{}");
    write("POST", goal + "/check-ins", R"({"value":"46"})");
    ASSERT_EQ(member(read(goal), "health"), "on_track") << read(goal);
    write("PUT", "/v1/tenant",
          R"({"name":"Reef","country":"AS","currency":"USD","time_zone":"Pacific/Kiritimati",)"
          R"("day_cutoff_minutes":0})");
    // The API remembers a zone for a minute, so it is the history that tells.
    const std::string fell = R"("to":"at_risk","reasons":["behind-path"])";
    std::string history;
    for (int tenths = 0; tenths < 100; ++tenths) {
        history = read(goal + "/history");
        if (history.find(fell) != std::string::npos) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    const auto at = history.find(fell);
    ASSERT_NE(at, std::string::npos) << history;
    const auto event = history.rfind(R"("type":"goal.health-changed")", at);
    EXPECT_NE(history.substr(event, at - event).find(R"("actor":{"kind":"system")"),
              std::string::npos)
        << history;
}

/// No tenant reaches the read models while this lives.
class NoDirectory {
public:
    NoDirectory() {
        set("insert into projection.state (name, paused) values ('directory', true) on conflict "
            "(name) do update set paused = true");
    }
    ~NoDirectory() { set("update projection.state set paused = false where name = 'directory'"); }

private:
    static void set(const char* sql) {
        pqxx::connection connection{support::admin_database().url};
        pqxx::nontransaction{connection}.exec(sql);
    }
};

TEST(Calendar, ANewTenantHasItsOwnDayBeforeItIsProjected) {
    const NoDirectory paused;
    // One of the two has another business day than UTC at any hour.
    for (const auto* zone : {"Pacific/Pago_Pago", "Pacific/Kiritimati"}) {
        HttpClient client{support::app().port()};
        const auto tenant = support::register_tenant(client, zone);
        const auto today = [&] {
            return domain::to_text(domain::business_today(zone, cutoff_minutes, runtime::now()));
        };
        const auto before = today();
        const auto drafted =
            client.send("POST", "/v1/goals", support::write_headers(tenant), support::goal_body());
        const auto archived =
            client.send("DELETE", drafted.header("location"), support::write_headers(tenant), "");
        const auto after = today();
        EXPECT_EQ(archived.status, 200) << archived.body;
        pqxx::connection connection{support::admin_database().url};
        pqxx::nontransaction tx{connection};
        const auto on = tx.query_value<std::string>(
            "select data->>'on' from log.event where type = 'goal.archived' and tenant = $1",
            pqxx::params{tenant.id});
        EXPECT_EQ(tx.query_value<int>("select count(*) from board.tenant where tenant = $1",
                                      pqxx::params{tenant.id}),
                  0);
        EXPECT_TRUE(on == before || on == after) << on << " where it is " << before;
    }
}

}  // namespace
}  // namespace clock_test
