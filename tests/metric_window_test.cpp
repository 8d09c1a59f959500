// What a period is compared with: as many buckets, each beginning where a bucket begins.
#include "projections/metric_window.hpp"

#include <gtest/gtest.h>

namespace metric_window_test {
namespace {

using projections::metric::before;
using projections::metric::compared;
using projections::metric::Grain;
using projections::metric::moment_from;
using projections::metric::next_of;
using projections::metric::text_of;
using projections::metric::Window;

Window window(Grain grain, const std::string& from, const std::string& to) {
    return {grain, *moment_from(from), *moment_from(to), 1};
}

int buckets(const Window& window) {
    int count = 0;
    auto at = window.from;
    for (; at < window.to; at = next_of(window, at)) ++count;
    EXPECT_EQ(at, window.to) << "the end begins a bucket";
    return count;
}

TEST(MetricWindow, AComparisonHasAsManyBucketsAndBeginsAndEndsWithOne) {
    struct Case {
        Grain grain;
        const char *from, *to, *how, *wanted_from, *wanted_to;
    };
    using enum Grain;
    for (const auto& [grain, from, to, how, wanted_from, wanted_to] : {
             Case{hour, "2025-03-10T05:00:00Z", "2025-03-10T08:00:00Z", "previous",
                  "2025-03-10T02:00:00.000000Z", "2025-03-10T05:00:00.000000Z"},
             {hour, "2025-03-10T05:00:00Z", "2025-03-10T08:00:00Z", "same_weekday",
              "2025-03-03T05:00:00.000000Z", "2025-03-03T08:00:00.000000Z"},
             {hour, "2025-03-10T05:00:00Z", "2025-03-10T08:00:00Z", "year_ago",
              "2024-03-11T05:00:00.000000Z", "2024-03-11T08:00:00.000000Z"},
             {day, "2025-03-01", "2025-04-01", "previous", "2025-01-29", "2025-03-01"},
             {day, "2025-03-03", "2025-03-05", "same_weekday", "2025-02-24", "2025-02-26"},
             {day, "2025-03-03", "2025-03-13", "same_weekday", "2025-02-17", "2025-02-27"},
             {day, "2025-03-03", "2025-03-05", "year_ago", "2024-03-04", "2024-03-06"},
             {week, "2025-03-03", "2025-03-17", "previous", "2025-02-17", "2025-03-03"},
             {week, "2025-03-03", "2025-03-17", "same_weekday", "2025-02-17", "2025-03-03"},
             {week, "2025-03-03", "2025-03-17", "year_ago", "2024-03-04", "2024-03-18"},
             {month, "2025-03-01", "2025-04-01", "previous", "2025-02-01", "2025-03-01"},
             {month, "2025-01-01", "2025-04-01", "previous", "2024-10-01", "2025-01-01"},
             {month, "2025-01-01", "2025-02-01", "year_ago", "2024-01-01", "2024-02-01"},
             {month, "2024-02-01", "2024-03-01", "year_ago", "2023-02-01", "2023-03-01"},
             {quarter, "2025-04-01", "2025-07-01", "previous", "2025-01-01", "2025-04-01"},
             {quarter, "2025-01-01", "2026-01-01", "previous", "2024-01-01", "2025-01-01"},
             {quarter, "2025-04-01", "2025-07-01", "year_ago", "2024-04-01", "2024-07-01"},
         }) {
        const auto asked = window(grain, from, to);
        const auto other = compared(asked, how);
        ASSERT_TRUE(other) << from << " " << how;
        EXPECT_EQ(text_of(grain, other->from), wanted_from) << from << " to " << to << " " << how;
        EXPECT_EQ(text_of(grain, other->to), wanted_to) << from << " to " << to << " " << how;
        EXPECT_EQ(buckets(*other), buckets(asked)) << from << " to " << to << " " << how;
    }
}

/// Hours seven days before those from `from` on, as the clock in New York shows them.
std::string week_before(const std::string& from, const std::string& to) {
    const auto clock = domain::BusinessDays::in("America/New_York", 240).value();
    std::string hours;
    for (const auto at : projections::metric::same_hours(window(Grain::hour, from, to), clock, 7))
        hours += (hours.empty() ? "" : " ") + text_of(Grain::hour, at).substr(5, 8);
    return hours;
}

TEST(MetricWindow, HoursAreComparedByTheClockOnTheWall) {
    EXPECT_EQ(week_before("2025-06-10T12:00:00Z", "2025-06-10T14:00:00Z"), "06-03T12 06-03T13");
    EXPECT_EQ(week_before("2025-11-03T17:00:00Z", "2025-11-03T19:00:00Z"), "10-27T16 10-27T17")
        << "noon is noon";
    EXPECT_EQ(week_before("2025-11-02T04:00:00Z", "2025-11-02T08:00:00Z"),
              "10-26T04 10-26T05 10-26T05 10-26T06")
        << "one o'clock comes twice";
    EXPECT_EQ(week_before("2025-03-16T05:00:00Z", "2025-03-16T08:00:00Z"),
              "03-09T06 03-09T07 03-09T07")
        << "two o'clock is skipped";
}

TEST(MetricWindow, WhatCannotBeComparedIsRefused) {
    for (const auto grain : {Grain::month, Grain::quarter})
        EXPECT_FALSE(compared(window(grain, "2025-01-01", "2025-04-01"), "same_weekday"));
    EXPECT_FALSE(compared(window(Grain::day, "2025-01-01", "2025-04-01"), "luck"));
    EXPECT_FALSE(compared(window(Grain::day, "1970-01-02", "1970-02-02"), "previous"));
    EXPECT_FALSE(compared(window(Grain::month, "1970-02-01", "1970-06-01"), "year_ago"));
}

TEST(MetricWindow, BucketsAreCountedBackward) {
    const auto months = window(Grain::month, "2025-03-01", "2025-04-01");
    EXPECT_EQ(text_of(Grain::month, before(months, months.from, 2)), "2025-01-01");
    const auto weeks = window(Grain::week, "2025-03-03", "2025-03-10");
    EXPECT_EQ(text_of(Grain::week, before(weeks, weeks.from, 2)), "2025-02-17");
}

}  // namespace
}  // namespace metric_window_test
