// Benchmarks, their vintages, periods and percentiles, and who shares with peers.
#include "domain/benchmark.hpp"

#include "domain/benchmark_period.hpp"
#include "domain/benchmark_standing.hpp"
#include "domain/cohort.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace benchmark_test {
namespace {

using namespace domain::benchmark;
using domain::Date;
using domain::Decimal;

const domain::BenchmarkId id{*domain::uuid_from("01a1fbf3-4a80-7736-b7bd-2fb5b811b5e1")};
const domain::MetricId metric{*domain::uuid_from("01a1fbf3-4a80-7736-b7bd-2fb5b811b5d2")};
const domain::ImportId import_id{*domain::uuid_from("01a1fbf3-4a80-7736-b7bd-2fb5b811b5e2")};

Date day(std::string_view text) { return *domain::date_from(text); }
const Date today = day("2024-06-01");

Definition prices() {
    return {Provider::fred,   "CPIAUCSL", "Prices", "index",
            Frequency::month, "",         "US",     {true, true, "BLS via FRED"}};
}
State registered(const Definition& definition = prices()) {
    return evolve({}, Registered{id, definition});
}
Row row(int line, std::string_view period, std::string_view vintage, std::string_view value) {
    return {line, {day(period), day(vintage), {*Decimal::from(value), {}}}};
}
Import import_of(std::vector<Row> rows) {
    return {import_id, "fred-json", std::move(rows), 0, {}, today};
}
/// `period=value@vintage …; known n; line code …`
std::string told(const domain::Decision<Event>& decision) {
    if (!decision) return std::string{decision.error().why.slug};
    if (decision->empty()) return "nothing";
    const auto& fact = std::get<ObservationsImported>(decision->front());
    std::string out;
    for (const auto& one : fact.observations)
        out += domain::to_text(one.period) + "=" + one.figures.value.text() + "@" +
               domain::to_text(one.vintage) + " ";
    out += "known " + std::to_string(fact.known);
    for (const auto& reject : fact.rejects)
        out += ", " + std::to_string(reject.line) + " " + reject.code;
    return out;
}
std::string faults_of(const domain::Decision<Event>& decision) {
    std::string out;
    if (decision) return out;
    for (const auto& fault : decision.error().faults)
        out += (out.empty() ? "" : ", ") + fault.pointer + " " + fault.code;
    return out;
}

TEST(Benchmark, IsRegisteredOnceWithEveryFaultNamed) {
    EXPECT_EQ(decide({}, Register{id, prices()})->size(), 1u);
    EXPECT_EQ(decide(registered(), Register{id, prices()}).error().why, already_registered);
    EXPECT_EQ(decide({}, Retire{today}).error().why, unknown);
    Definition wrong{Provider::ibisworld, "",  " ", "US$",
                     Frequency::year,     "7", "",  {true, true, ""}};
    EXPECT_EQ(faults_of(decide({}, Register{id, wrong})),
              "#/external_id required, #/title required, #/geo required, "
              "#/licence/attribution required, #/unit format, #/naics format, "
              "#/licence/redistribute licence, #/licence/cloud_model_use licence");
}

TEST(Benchmark, KeepsALaterVintageBesideTheEarlier) {
    auto state = registered();
    const auto first = decide(state, import_of({row(1, "2024-01-01", "2024-02-13", "308.417"),
                                                row(2, "2024-02-01", "2024-03-12", "310.1")}));
    EXPECT_EQ(told(first), "2024-01-01=308.417@2024-02-13 2024-02-01=310.1@2024-03-12 known 0");
    state = evolve(state, first->front());
    EXPECT_EQ(told(decide(state, import_of({row(1, "2024-01-01", "2024-02-13", "308.417")}))),
              "nothing")
        << "the same file again";
    EXPECT_EQ(told(decide(state, import_of({row(1, "2024-01-01", "2024-04-10", "308.4170"),
                                            row(2, "2024-02-01", "2024-04-10", "310.326")}))),
              "2024-01-01=308.4170@2024-04-10 2024-02-01=310.326@2024-04-10 known 0")
        << "a later vintage that says the same is told too: an earlier may come between";
    EXPECT_EQ(told(decide(state, import_of({row(1, "2024-01-01", "2024-02-13", "309"),
                                            row(2, "2024-01-01", "2024-01-31", "308")}))),
              "2024-01-01=308@2024-01-31 known 0, 1 vintage-known")
        << "nothing is overwritten, and an earlier vintage may come later";
}

TEST(Benchmark, RejectsWhatCannotBe) {
    auto falls = row(3, "2023-01-01", "2024-01-01", "5");
    falls.observation.figures.percentiles = {Decimal::whole(4), {}, Decimal::whole(3), {}, {}};
    EXPECT_EQ(told(decide(registered(), import_of({row(1, "2024-01-01", "2024-06-03", "1"),
                                                   row(2, "2035-01-01", "2024-01-01", "1"), falls,
                                                   row(4, "2023-01-01", "2024-01-01", "1"),
                                                   row(5, "2023-01-01", "2024-01-01", "2")}))),
              "2023-01-01=1@2024-01-01 known 0, 1 vintage, 2 period, 3 percentiles, "
              "5 vintage-known");
    EXPECT_EQ(told(decide(registered(), import_of({row(1, "2024-01-01", "2024-06-03", "1")}))),
              "no-valid-observations");
    EXPECT_EQ(told(decide(evolve(registered(), Retired{today}), import_of({}))),
              "benchmark-retired");
}

TEST(Benchmark, IsMappedWithUnitsThatFit) {
    const auto state = registered();
    Mapping mapping{Transform::mean, Adjustment::none, {}, Decimal::whole(1), ""};
    const auto map = [&](const Mapping& one, const char* unit) {
        return decide(state, Map{metric, unit, one});
    };
    ASSERT_EQ(map(mapping, "index")->size(), 1u);
    EXPECT_EQ(faults_of(map(mapping, "USD")), "#/factor_unit unit");
    mapping.factor_unit = "USD/index";
    EXPECT_EQ(map(mapping, "USD")->size(), 1u);
    mapping.factor = Decimal{};
    mapping.adjustment = Adjustment::inflation;
    EXPECT_EQ(faults_of(map(mapping, "USD")), "#/factor range, #/deflator required");
    mapping.factor = Decimal::whole(1);
    mapping.deflator = id;
    EXPECT_EQ(faults_of(map(mapping, "USD")), "#/deflator cycle");
    mapping.deflator = domain::BenchmarkId{metric.value};
    const auto mapped = evolve(state, map(mapping, "USD")->front());
    EXPECT_TRUE(decide(mapped, Map{metric, "USD", mapping})->empty()) << "already so";
    EXPECT_EQ(decide(mapped, Unmap{metric})->size(), 1u);
    EXPECT_TRUE(decide(state, Unmap{metric})->empty()) << "already so";
}

/// What was known of a period on a day, by its definition and nothing of the code under test.
std::map<Date, Decimal> as_of(const std::vector<Observation>& all, Date on) {
    std::map<Date, std::pair<Date, Decimal>> newest;
    for (const auto& one : all) {
        if (one.vintage > on) continue;
        const auto found = newest.find(one.period);
        if (found == newest.end() || found->second.first < one.vintage)
            newest[one.period] = {one.vintage, one.figures.value};
    }
    std::map<Date, Decimal> out;
    for (const auto& [period, known] : newest) out[period] = known.second;
    return out;
}
std::vector<Observation> observations_of(const State& state) {
    std::vector<Observation> out;
    for (const auto& [period, vintages] : state.known) {
        for (const auto& [vintage, figures] : vintages) out.push_back({period, vintage, figures});
    }
    return out;
}

RC_GTEST_PROP(Benchmark, WhatWasKnownOnADayNeverChangesByLaterVintages, ()) {
    auto state = registered();
    std::vector<Observation> sent;
    const Date first = day("2024-01-01");
    for (int file = 0; file < 8; ++file) {
        const auto before = observations_of(state);
        const Date vintage = first + *rc::gen::inRange(0, 12);
        std::vector<Row> rows;
        const int count = *rc::gen::inRange(1, 8);
        for (int i = 0; i < count; ++i) {
            const Date period =
                period_from("2023-0" + std::to_string(*rc::gen::inRange(1, 5)))->from;
            rows.push_back(
                {i + 1, {period, vintage, {Decimal::whole(*rc::gen::inRange(1, 4)), {}}}});
            sent.push_back(rows.back().observation);
        }
        const auto decision = decide(state, import_of(rows));
        // A file of rows that all contradict what is there is refused whole.
        if (decision) {
            for (const auto& fact : *decision) state = evolve(state, fact);
        }
        const auto after = observations_of(state);
        for (Date on = first + -1; on < vintage; on = on + 1)
            RC_ASSERT(as_of(before, on) == as_of(after, on));
        // Of one period and one vintage what was said first stands, whatever order files came in.
        for (Date on = first + -1; on < first + 13; on = on + 1)
            RC_ASSERT(as_of(sent, on) == as_of(after, on));
    }
}

TEST(BenchmarkPeriod, IsNamedInItsOwnFormOrByItsFirstDay) {
    const auto start = [](std::string_view text, Frequency frequency) {
        const auto found = period_start(text, frequency);
        return found ? domain::to_text(*found) : "none";
    };
    EXPECT_EQ(start("1913-01", Frequency::month), "1913-01-01");
    EXPECT_EQ(start("2024-Q3", Frequency::quarter), "2024-07-01");
    EXPECT_EQ(start("2024", Frequency::year), "2024-01-01");
    EXPECT_EQ(start("2024-01-01", Frequency::year), "2024-01-01");
    EXPECT_EQ(start("2024-02-29", Frequency::week), "2024-02-29");
    for (const auto* wrong : {"2024-02-01", "2024-Q3", "24", "2024-13", "2024-1", "", "2024-Q5",
                              "2024-06-31", "+024", "2024-0a", "99999"})
        EXPECT_EQ(start(wrong, Frequency::year), "none") << wrong;
    EXPECT_EQ(start("2024-05-01", Frequency::quarter), "none");
    for (const auto* text : {"2024", "2024-03", "2024-Q4", "2024-02-29", "1913-Q2"})
        EXPECT_EQ(to_text(*period_from(text)), text);
    EXPECT_EQ(domain::to_text(period_from("2024-Q4")->to), "2025-01-01");
}

Percentiles published(std::string_view p10, std::string_view p25, std::string_view p50,
                      std::string_view p75, std::string_view p90) {
    return {Decimal::from(p10), Decimal::from(p25), Decimal::from(p50), Decimal::from(p75),
            Decimal::from(p90)};
}

TEST(BenchmarkStanding, IsLinearBetweenPublishedPercentiles) {
    const auto bands = published("20", "26", "30", "36", "40");
    const auto at = [&](std::string_view own) {
        return among_percentiles(*Decimal::from(own), bands).value();
    };
    EXPECT_DOUBLE_EQ(at("30").percentile, 50);
    EXPECT_DOUBLE_EQ(at("31.5").percentile, 56.25);
    EXPECT_DOUBLE_EQ(at("31.5").low, 50);
    EXPECT_DOUBLE_EQ(at("31.5").high, 75);
    EXPECT_DOUBLE_EQ(at("22").percentile, 15);
    EXPECT_DOUBLE_EQ(at("19").high, 10) << "below the first only the side is known";
    EXPECT_DOUBLE_EQ(at("19").low, 0);
    EXPECT_DOUBLE_EQ(at("41").low, 90);
    EXPECT_DOUBLE_EQ(at("41").high, 100);
    const auto flat = among_percentiles(Decimal::whole(3), published("1", "3", "3", "3", "4"));
    EXPECT_DOUBLE_EQ(flat->percentile, 50) << "in the middle of what is equal";
    const auto some = among_percentiles(Decimal::whole(3), published("", "2", "", "4", ""));
    EXPECT_DOUBLE_EQ(some->percentile, 50);
    EXPECT_FALSE(among_percentiles(Decimal::whole(3), published("", "2", "", "", "")));
    EXPECT_FALSE(among_percentiles(Decimal::whole(3), published("1", "5", "4", "6", "7")));
}

TEST(BenchmarkStanding, AmongValuesHasWilsonsInterval) {
    // 8 of 10: 49.02 to 94.33 as R's prop.test(8, 10, correct = FALSE) has it.
    const auto most = among_values(8, 0, 10).value();
    EXPECT_DOUBLE_EQ(most.percentile, 80);
    EXPECT_NEAR(most.low, 49.01625, 1e-4);
    EXPECT_NEAR(most.high, 94.33178, 1e-4);
    EXPECT_DOUBLE_EQ(among_values(3, 2, 8)->percentile, 50) << "mid-rank";
    EXPECT_DOUBLE_EQ(among_values(0, 0, 5)->low, 0);
    EXPECT_DOUBLE_EQ(among_values(5, 0, 5)->high, 100);
    EXPECT_FALSE(among_values(0, 0, 0));
}

TEST(Cohort, IsJoinedOnceAndLeft) {
    namespace cohort = domain::cohort;
    const domain::TenantId tenant{id.value};
    const cohort::Group group{"722511", "US"};
    EXPECT_FALSE(decide(cohort::State{}, cohort::Share{tenant, {"", "US"}}));
    const auto joined = decide(cohort::State{}, cohort::Share{tenant, group});
    ASSERT_EQ(joined->size(), 1u);
    const auto state = evolve({}, joined->front());
    EXPECT_TRUE(decide(state, cohort::Share{tenant, group})->empty());
    EXPECT_EQ(decide(state, cohort::Share{tenant, {"722515", "US"}})->size(), 1u);
    const auto left = decide(state, cohort::StopSharing{tenant});
    ASSERT_EQ(left->size(), 1u);
    EXPECT_TRUE(decide(evolve(state, left->front()), cohort::StopSharing{tenant})->empty());
}

}  // namespace
}  // namespace benchmark_test
