// Anomalies on two years of labelled series: what must be found is, and little else.
#include "domain/anomaly_detect.hpp"
#include "src/runtime/demo_business.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>

namespace {

using namespace domain::anomaly;
using runtime::demo::Business;
using runtime::demo::golden_seed;
using runtime::demo::make_business;

constexpr std::uint64_t seeds = 12;  ///< besides the golden one

/// Labelled days of one metric; whether each must be found.
using Labels = std::map<domain::Date, bool>;

Labels labels_of(const Business& business, const std::string& metric) {
    Labels labels;
    for (const auto& truth : business.truth) {
        for (const auto& effect : truth.effects) {
            if (effect.metric != metric) continue;
            for (auto day = truth.from; day <= truth.to; day = day + 1)
                labels[day] |= effect.must_be_found;
        }
    }
    return labels;
}

bool is_closed(const Business& business, domain::Date day) {
    for (const auto& truth : business.truth) {
        if (truth.what == "closed" && truth.from == day) return true;
    }
    return false;
}

/// What was told, and how much of it was right; of what had to be found, how much was.
struct Tally {
    double told = 0, right = 0, wanted = 0, found = 0;
    double precision() const { return right / told; }
    double recall() const { return found / wanted; }
};
struct Tallies {
    Tally critical, all;  ///< without and with notices
};

void count(Tallies& tallies, const Business& business, const runtime::demo::Series& series,
           const Labels& labels) {
    std::vector<Day> days;
    for (const auto& [day, value] : series.values)
        days.push_back({day, value.approximate(), is_closed(business, day)});
    for (const auto& [day, must] : labels) {
        tallies.critical.wanted += must;
        tallies.all.wanted += must;
    }
    for (const auto& odd : detect(days)) {
        EXPECT_FALSE(is_closed(business, odd.day)) << "a closed day is no anomaly";
        const auto label = labels.find(odd.day);
        for (auto* tally : {&tallies.all, &tallies.critical}) {
            if (tally == &tallies.critical && odd.severity != Severity::critical) continue;
            tally->told += 1;
            tally->right += label != labels.end();
            tally->found += label != labels.end() && label->second;
        }
    }
}

void print(const char* of, const Tallies& tallies) {
    std::printf(
        "%s: critical precision %.3f, recall %.3f; with notices %.3f, %.3f; "
        "%.1f false ones a business in two years\n",
        of, tallies.critical.precision(), tallies.critical.recall(), tallies.all.precision(),
        tallies.all.recall(), (tallies.all.told - tallies.all.right) / (seeds + 1));
}

TEST(Anomaly, FindsWhatIsLabelledAndLittleElse) {
    Tallies sales, labelled, every;
    for (std::uint64_t seed = 0; seed <= seeds; ++seed) {
        const auto business = make_business(seed == 0 ? golden_seed : seed);
        for (const auto& series : business.series) {
            const auto labels = labels_of(business, series.metric);
            count(every, business, series, labels);
            if (!labels.empty()) count(labelled, business, series, labels);
            if (series.metric == "restaurant_revenue") count(sales, business, series, labels);
        }
    }
    print("restaurant revenue", sales);
    print("labelled series", labelled);
    print("all 22 series", every);
    EXPECT_GE(sales.all.precision(), 0.9);
    EXPECT_GE(sales.all.recall(), 0.9);
    // Notices are told to people too.
    EXPECT_GE(labelled.all.precision(), 0.8);
    EXPECT_GE(labelled.all.recall(), 0.8);
    EXPECT_GE(labelled.critical.precision(), 0.8);
    EXPECT_GE(labelled.critical.recall(), 0.8);
    // A false one in six weeks, of all that the two places measure.
    EXPECT_LE(every.all.told - every.all.right, 17 * (seeds + 1));
}

TEST(Anomaly, SaysWhichWayAndHowFar) {
    std::vector<Day> days;
    for (int i = 0; i < 100; ++i)
        days.push_back({{20'000 + i}, 100.0 + 10 * (i % 7) + i % 3, false});
    days[60].value = 10;
    days[70].value = 900;
    const auto found = detect(days);
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].kind, Kind::dip);
    EXPECT_EQ(found[0].day, domain::Date{20'060});
    EXPECT_EQ(found[1].kind, Kind::spike);
    EXPECT_EQ(found[1].severity, Severity::critical);
    EXPECT_GT(found[1].expected, found[1].low);
    EXPECT_LT(found[1].expected, found[1].high);
    EXPECT_NEAR(found[1].expected, 100, 15);
}

TEST(Anomaly, NeedsDaysToJudgeAndSkipsClosedOnes) {
    std::vector<Day> days;
    for (int i = 0; i < 55; ++i) days.push_back({{i}, i == 30 ? 0 : 100.0, false});
    EXPECT_TRUE(detect(days).empty()) << "too few days";
    for (int i = 55; i < 120; ++i) days.push_back({{i}, 100.0, false});
    EXPECT_EQ(detect(days).size(), 1u);
    days[30].closed = true;
    EXPECT_TRUE(detect(days).empty()) << "closed is not down";
    EXPECT_TRUE(detect(std::vector<Day>(200, Day{{1}, 5, false})).empty()) << "nothing moves";
}

/// A hundred days around `level` that vary by `spread` of it.
std::vector<Day> days_around(double level, double spread) {
    std::vector<Day> days;
    for (int i = 0; i < 100; ++i)
        days.push_back({{20'000 + i}, level + spread * ((i * 37) % 11 - 5) / 5, false});
    return days;
}

TEST(Anomaly, AShareIsJudgedAsAnAmountIs) {
    for (const double level : {0.02, 20'000.0}) {
        auto days = days_around(level, 0.1 * level);
        days[60].value = 2 * level;
        const auto found = detect(days);
        ASSERT_EQ(found.size(), 1u) << level;
        EXPECT_EQ(found[0].severity, Severity::critical);
        EXPECT_NEAR(found[0].expected, level, 0.1 * level);
    }
}

TEST(Anomaly, ALossIsJudgedToo) {
    auto days = days_around(100, 150);
    EXPECT_TRUE(detect(days).empty()) << "days below zero are usual here";
    days[60].value = -900;
    const auto found = detect(days);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].day, days[60].day);
    EXPECT_EQ(found[0].kind, Kind::dip);
    EXPECT_LT(found[0].low, 0);
}

TEST(Anomaly, WhatIsAskedForNowAndThenIsNotJudged) {
    auto days = days_around(0, 0);
    for (std::size_t i = 0; i < days.size(); i += 3) days[i].value = 40;
    EXPECT_TRUE(detect(days).empty()) << "two days of three without anything";
}

TEST(Anomaly, ADayAloneInAGapIsItsOwnMeasure) {
    auto days = days_around(100, 10);
    for (int i = 100; i < 200; ++i) days.push_back({{20'000 + i}, std::nullopt, false});
    days[150].value = 100;
    EXPECT_TRUE(detect(days).empty());
}

TEST(Anomaly, EstimatesThatNoDecimalHoldsAreNotTold) {
    Odd odd{.day = {20'000}, .observed = 5, .expected = 4, .low = 3, .high = 6e17, .score = 9};
    const auto told = finding_of(odd, "sales", "", domain::Decimal::whole(5), 2);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->high, domain::Decimal::whole(600'000'000'000'000'000)) << "without decimals";
    odd.high = 1e19;
    EXPECT_FALSE(finding_of(odd, "sales", "", domain::Decimal::whole(5), 2));
}

}  // namespace
