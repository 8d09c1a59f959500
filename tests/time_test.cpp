#include "domain/base/time.hpp"

#include "domain/base/business_day.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace time_test {

using domain::Date;
using domain::date_from;
using domain::day_in_zone;
using domain::Instant;
using domain::instant_from;
using domain::midnight;
using domain::to_text;
using domain::utc_day;

TEST(Date, IsWrittenAndReadAsYearMonthDay) {
    EXPECT_EQ(to_text(Date{0}), "1970-01-01");
    EXPECT_EQ(date_from("1970-01-01"), Date{0});
    EXPECT_EQ(date_from("2000-02-29"), Date{11'016});
    EXPECT_EQ(date_from("9999-12-31"), Date{2'932'896});
    EXPECT_EQ(to_text(Date{2'932'896}), "9999-12-31");
}

TEST(Date, IsADayThatExists) {
    for (const auto* text : {"", "2023-02-29", "1900-01-01", "1969-12-31", "2024-00-01",
                             "2024-13-01", "2024-01-00", "2024-04-31", "2024-1-01", "24-01-01",
                             "2024/01/01", "2024-01-01T", "2024-01-0x", "-024-01-01"})
        EXPECT_FALSE(date_from(text)) << text;
}

TEST(Date, CountsDays) {
    EXPECT_EQ(*date_from("2024-03-01") - *date_from("2024-02-01"), 29);
    EXPECT_EQ(to_text(*date_from("2024-12-31") + 1), "2025-01-01");
}

TEST(Date, BeginsAndEndsAtMidnightInUtcAlsoBefore1970) {
    for (const auto days : {-719'162, -2, -1, 0, 1, 19'000}) {
        const auto first = midnight(Date{days});
        EXPECT_EQ(utc_day(first), Date{days});
        EXPECT_EQ(utc_day(Instant{first.micros - 1}), Date{days - 1});
        EXPECT_EQ(utc_day(Instant{midnight(Date{days + 1}).micros - 1}), Date{days});
    }
    EXPECT_EQ(midnight(Date{-1}), Instant{-86'400'000'000});
}

TEST(Instant, IsWrittenInUtcWithMicroseconds) {
    EXPECT_EQ(to_text(Instant{0}), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(to_text(Instant{1'700'000'000'123'456}), "2023-11-14T22:13:20.123456Z");
    EXPECT_EQ(to_text(Instant{86'399'999'999}), "1970-01-01T23:59:59.999999Z");
}

TEST(Instant, IsReadWithAnyOffsetAndFraction) {
    EXPECT_EQ(instant_from("2023-11-14T22:13:20.123456Z"), Instant{1'700'000'000'123'456});
    EXPECT_EQ(instant_from("2023-11-14T23:13:20.123456+01:00"), Instant{1'700'000'000'123'456});
    EXPECT_EQ(instant_from("2023-11-14T16:43:20.5-05:30"), Instant{1'700'000'000'500'000});
    EXPECT_EQ(instant_from("1970-01-01T00:00:00Z"), Instant{0});
    EXPECT_EQ(instant_from("1970-01-01t00:00:01z"), Instant{1'000'000});
}

TEST(Instant, IsRefusedWhenMalformed) {
    for (const auto* text :
         {"", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z", "2023-11-14T24:00:00Z",
          "2023-11-14T22:60:00Z", "2023-11-14T22:13:60Z", "2023-11-14T22:13:20.Z",
          "2023-11-14T22:13:20.1234567Z", "2023-11-14T22:13:20+1:00", "2023-11-14T22:13:20+24:00",
          "2023-02-30T22:13:20Z", "2023-11-14T22:13:20ZZ", "2023-11-14T22-13-20Z"})
        EXPECT_FALSE(instant_from(text)) << text;
}

TEST(DayInZone, FollowsTheLocalCalendar) {
    const auto late = *instant_from("2024-06-30T23:30:00Z");
    EXPECT_EQ(day_in_zone(late, "UTC"), date_from("2024-06-30"));
    EXPECT_EQ(day_in_zone(late, "Europe/Amsterdam"), date_from("2024-07-01"));
    EXPECT_EQ(day_in_zone(late, "America/Los_Angeles"), date_from("2024-06-30"));
    EXPECT_EQ(day_in_zone(*instant_from("2024-01-01T10:30:00Z"), "Pacific/Kiritimati"),
              date_from("2024-01-02"));
}

TEST(DayInZone, FollowsSummerTime) {
    const auto zone = "Europe/Amsterdam";
    EXPECT_EQ(day_in_zone(*instant_from("2024-03-30T22:59:59Z"), zone), date_from("2024-03-30"));
    EXPECT_EQ(day_in_zone(*instant_from("2024-03-30T23:00:00Z"), zone), date_from("2024-03-31"));
    EXPECT_EQ(day_in_zone(*instant_from("2024-03-31T22:00:00Z"), zone), date_from("2024-04-01"));
}

TEST(DayInZone, IsEmptyForAnUnknownZone) {
    EXPECT_FALSE(day_in_zone(Instant{0}, "Mars/Olympus"));
    EXPECT_FALSE(domain::is_time_zone("Mars/Olympus"));
    EXPECT_FALSE(domain::is_time_zone(""));
    EXPECT_TRUE(domain::is_time_zone("Europe/Amsterdam"));
    EXPECT_TRUE(domain::is_time_zone("UTC"));
}

RC_GTEST_PROP(DateProperty, ReadsBackWhatItWrites, ()) {
    const Date date{*rc::gen::inRange(0, 2'932'897)};
    RC_ASSERT(date_from(to_text(date)) == date);
}

RC_GTEST_PROP(InstantProperty, ReadsBackWhatItWrites, ()) {
    const Instant instant{*rc::gen::inRange<std::int64_t>(0, 253'402'300'799'999'999)};
    RC_ASSERT(instant_from(to_text(instant)) == instant);
}

RC_GTEST_PROP(InstantProperty, NeverThrowsOnAnyText, (const std::string& text)) {
    static_cast<void>(instant_from(text));
    static_cast<void>(date_from(text));
}

TEST(Date, MonthsAfterKeepTheirDayWhereThereIsOne) {
    const auto after = [](const char* day, int months) {
        return to_text(domain::months_after(*date_from(day), months));
    };
    EXPECT_EQ(after("2026-01-31", 1), "2026-02-28");
    EXPECT_EQ(after("2024-01-31", 1), "2024-02-29");
    EXPECT_EQ(after("2026-01-31", 2), "2026-03-31");
    EXPECT_EQ(after("2026-11-15", 3), "2027-02-15");
    EXPECT_EQ(after("2026-11-15", 0), "2026-11-15");
}

}  // namespace time_test
