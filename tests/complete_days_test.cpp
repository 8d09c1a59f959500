// Which days are over: what has a later day, and what had two days to come.
#include "src/runtime/system_command.hpp"

#include <gtest/gtest.h>

namespace {

using runtime::complete_before;

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

}  // namespace
