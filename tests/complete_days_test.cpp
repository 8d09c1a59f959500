// Which days are over: what has a later day, and what had two days to come.
#include "domain/base/business_day.hpp"

#include <gtest/gtest.h>

namespace complete_days_test {
namespace {

using domain::business_today;
using domain::complete_before;

const domain::Date today = domain::date_from("2026-03-10").value();

TEST(CompleteDays, TheNewestDayMayStillGrow) {
    EXPECT_EQ(complete_before(today + -1, today), today + -1);
}

TEST(CompleteDays, TodayIsNeverOverWhateverCameOfTomorrow) {
    EXPECT_EQ(complete_before(today, today), today);
    EXPECT_EQ(complete_before(today + 3, today), today);
}

TEST(CompleteDays, WhatHadTwoDaysToComeIsOver) {
    EXPECT_EQ(complete_before(today + -40, today), today + -2);
    EXPECT_EQ(complete_before({}, today), today + -2);
}

domain::Date day_at(std::string_view zone, int cutoff_minutes, std::string_view instant) {
    return business_today(zone, cutoff_minutes, domain::instant_from(instant).value());
}

TEST(BusinessToday, BetweenMidnightAndTheCutOffItIsStillYesterday) {
    // Half past one in New York.
    EXPECT_EQ(day_at("America/New_York", 240, "2026-03-10T05:30:00Z"), today + -1);
    EXPECT_EQ(day_at("America/New_York", 240, "2026-03-10T07:59:59.999999Z"), today + -1);
    EXPECT_EQ(day_at("America/New_York", 240, "2026-03-10T08:00:00Z"), today);
    EXPECT_EQ(day_at("America/New_York", 0, "2026-03-10T05:30:00Z"), today);
    EXPECT_EQ(day_at("Mars/Olympus", 240, "2026-03-10T01:30:00Z"), today) << "by UTC";
}

}  // namespace
}  // namespace complete_days_test
