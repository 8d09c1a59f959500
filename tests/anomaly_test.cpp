// Anomalies on two years of labelled sales: what must be found is, and little else.
#include "domain/anomaly_detect.hpp"
#include "src/runtime/demo_business.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace {

using namespace domain::anomaly;
using runtime::demo::Business;
using runtime::demo::make_business;

constexpr int seeds = 20;

const runtime::demo::Series& series_of(const Business& business, std::string_view metric) {
    for (const auto& series : business.series) {
        if (series.metric == metric) return series;
    }
    throw std::runtime_error{"no such series"};
}

bool is(const Business& business, domain::Date day, std::string_view what) {
    for (const auto& truth : business.truth) {
        if (truth.what == what && truth.from <= day && day <= truth.to) return true;
    }
    return false;
}

std::vector<Day> sales_of(const Business& business) {
    std::vector<Day> days;
    for (const auto& [day, value] : series_of(business, "restaurant_revenue").values)
        days.push_back({day, value.approximate(), is(business, day, "closed")});
    return days;
}

bool must_be_found(const Business& business, domain::Date day) {
    for (const auto& truth : business.truth) {
        if (truth.must_be_found && truth.from <= day && day <= truth.to) return true;
    }
    return false;
}

TEST(Anomaly, FindsWhatIsLabelledAndLittleElse) {
    int labelled = 0, found = 0, right = 0, notices = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const auto business = make_business(seed);
        for (int t = 0; t < business.days; ++t)
            labelled += must_be_found(business, business.start + t);
        for (const auto& anomaly : detect(sales_of(business))) {
            EXPECT_FALSE(is(business, anomaly.day, "closed")) << "a closed day is no anomaly";
            notices += anomaly.severity == Severity::notice;
            if (anomaly.severity != Severity::critical) continue;
            ++found;
            right += must_be_found(business, anomaly.day);
        }
    }
    const double precision = static_cast<double>(right) / found;
    const double recall = static_cast<double>(right) / labelled;
    std::printf(
        "critical anomalies over %d businesses: precision %.2f, recall %.2f; %.1f notices "
        "a business in two years\n",
        seeds, precision, recall, static_cast<double>(notices) / seeds);
    EXPECT_GE(precision, 0.8);
    EXPECT_GE(recall, 0.8);
    EXPECT_LE(notices, seeds * 20);
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

TEST(Demo, IsTheSameForTheSameSeedAndLooksLikeAShop) {
    const auto one = make_business(7), again = make_business(7), other = make_business(8);
    ASSERT_EQ(one.series.size(), 11u);
    for (std::size_t i = 0; i < one.series.size(); ++i) {
        EXPECT_EQ(one.series[i].values, again.series[i].values);
        EXPECT_GE(one.series[i].values.size(), 719u);
    }
    EXPECT_NE(one.series[0].values, other.series[0].values);
    double covers = 0, days = 0;
    for (const auto& [day, value] : series_of(one, "covers").values) {
        covers += value.approximate();
        ++days;
    }
    EXPECT_NEAR(covers / days, 150, 12);
    EXPECT_EQ(days, 725) << "six days are missing";
}

}  // namespace
