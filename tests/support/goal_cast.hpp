#pragma once
#include "domain/goal.hpp"
#include "tests/support/given.hpp"

/// The cast of the plays about goals: a hundred days from 100 to 200 orders, checked in weekly.
namespace support {

using namespace domain;
using namespace domain::goal;

inline constexpr Given<Goal> given;

inline const auto goal_id = id<GoalId>(1);
inline const auto anna = id<UserId>(1);
inline const auto ben = id<UserId>(2);
inline const Date start_day{20'000};
inline const Date due_day{20'100};

inline Decimal number(std::string_view text) { return *Decimal::from(text); }

inline const Specific described{"Win orders from restaurants nearby", "sales"};
inline const Measure orders{"orders", {},     Direction::increase, number("100"), number("200"), {},
                            {},       "count"};
inline const Measure waste{"waste", {},  Direction::decrease, number("200"), number("100"), {},
                           {},      "kg"};
inline const Measure rating{
    "rating", {}, Direction::stay_above, number("4.0"), number("4.5"), {}, {}, "points"};
inline const Measure stock{"stock",      {},           Direction::stay_within, number("50"),
                           number("50"), number("40"), number("60"),           "count"};
inline const Timeframe hundred_days{start_day, due_day, Cadence::weekly};

inline Drafted drafted_with(std::optional<Measure> measure,
                            std::optional<Timeframe> timeframe = hundred_days) {
    return {goal_id, "More orders", anna, described, std::move(measure), timeframe, {}, {}};
}

inline const Drafted drafted = drafted_with(orders);
inline const Path straight{{start_day, number("100")}, {due_day, number("200")}};
inline const Activated activated{goal_id, start_day, straight};
inline const HealthChanged found_on_track{
    goal_id, Health::unknown, Health::on_track, {"on-path", "no-reading"}, start_day, 0, 0};
inline const Completed completed{goal_id, Outcome::missed, {}, 0, {}, due_day};
inline const Abandoned abandoned{goal_id, {}, start_day + 1};
inline const Archived archived{goal_id, start_day + 2};

/// A check-in of the metric alone.
inline CheckedIn reading(Date day, std::string_view value, std::optional<int> confidence = {}) {
    return {goal_id,
            id<CheckInId>(day.days - start_day.days + 100),
            day,
            number(value),
            confidence,
            {},
            {},
            {},
            Source::manual};
}

}  // namespace support
