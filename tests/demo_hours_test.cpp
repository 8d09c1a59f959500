// Hours of the demo business: exact sums, and days of 23 and 25 hours.
#include "src/runtime/demo_hours.hpp"

#include "domain/base/business_day.hpp"

#include <gtest/gtest.h>

#include <map>

namespace demo_hours_test {
namespace {

using namespace runtime::demo;

TEST(DemoHours, AddUpToTheirDaysAndChangeWithTheClocks) {
    const auto business = make_business(golden_seed);
    const auto hours = hours_around_clock_changes(business);
    EXPECT_EQ(hours_around_clock_changes(business).front().values, hours.front().values);
    ASSERT_EQ(hours.size(), 2u);
    auto days = domain::BusinessDays::in("America/New_York", 240).value();
    for (const auto& series : hours) {
        std::map<domain::Date, std::vector<domain::Decimal>> by_day;
        for (const auto& hour : series.values) by_day[days.day_of(hour.at)].push_back(hour.value);
        EXPECT_EQ(by_day.size(), 120u) << "30 days around each of four changes";
        for (const auto& [day, length] : std::map<std::string, std::size_t>{{"2024-03-09", 23},
                                                                            {"2024-11-02", 25},
                                                                            {"2025-03-08", 23},
                                                                            {"2025-11-01", 25},
                                                                            {"2025-11-02", 24}})
            EXPECT_EQ(by_day[*domain::date_from(day)].size(), length) << day;
        for (const auto& daily : business.series) {
            if (daily.metric + "_hourly" != series.metric) continue;
            for (const auto& [day, value] : daily.values) {
                if (!by_day.contains(day)) continue;
                std::int64_t sum = 0;
                for (const auto& part : by_day[day]) {
                    EXPECT_EQ(part.scale(), value.scale());
                    EXPECT_GE(part.units(), 0);
                    sum += part.units();
                }
                EXPECT_EQ(sum, value.units()) << domain::to_text(day);
            }
        }
    }
}

TEST(DemoHours, PartsOfAValueHaveItsSum) {
    const auto parts = split(*domain::Decimal::from("-10.01"), {1, 1, 1, 0});
    ASSERT_EQ(parts.size(), 4u);
    EXPECT_EQ(parts[0].text(), "-3.33");
    EXPECT_EQ(parts[1].text(), "-3.34");
    EXPECT_EQ(parts[2].text(), "-3.34");
    EXPECT_EQ(parts[3].text(), "0.00");
}

}  // namespace
}  // namespace demo_hours_test
