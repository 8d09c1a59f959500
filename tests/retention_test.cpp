// History is never given up earlier than a plan promised, wherever on earth the business is.
#include "domain/retention.hpp"

#include "domain/base/business_day.hpp"

#include <gtest/gtest.h>

#include <array>
#include <climits>
#include <random>

namespace retention_test {
namespace {

using namespace domain::tenant;
using domain::Date;
using domain::Instant;
namespace retention = domain::retention;

/// From the last place to begin a day to the first, with half hours and late clock changes.
constexpr std::array zones{"Etc/GMT+12",   "Pacific/Niue",        "America/New_York",
                           "UTC",          "Australia/Lord_Howe", "Asia/Kolkata",
                           "Pacific/Apia", "Pacific/Kiritimati"};

Instant at(const char* text) { return *domain::instant_from(text); }
Date day(const char* text) { return *domain::date_from(text); }

State on(PlanTier tier) { return evolve({}, Registered{{}, {}, tier}); }
/// The state after a command at `now`.
State after(State state, const Command& command) {
    const auto events = decide(state, command);
    for (const auto& event : *events) state = evolve(std::move(state), event);
    return state;
}

TEST(Retention, APointOutlivesItsMonthsInEveryZoneAndWithEveryCutOff) {
    std::mt19937_64 random{20251102};
    const auto below = [&](std::uint64_t limit) { return static_cast<int>(random() % limit); };
    for (int i = 0; i < 20'000; ++i) {
        const auto tier = static_cast<PlanTier>(below(3));
        const auto months = retention::terms_of(tier).points;
        auto days = *domain::BusinessDays::in(zones[static_cast<std::size_t>(below(zones.size()))],
                                              below(721));
        // Half of the time about a leap day or a clock change.
        const auto around = below(2) == 0 ? at("2028-02-29T12:00:00Z") : at("2027-03-14T07:00:00Z");
        const Instant now{around.micros +
                          (below(2) == 0 ? below(96) - 48 : below(40'000)) * domain::hour_micros};
        const auto kept = retention::due(on(tier), now).points;
        const auto today = days.day_of(now);
        // The last day that went was promised until before today.
        EXPECT_LT(domain::months_after(kept + -1, months), today);
        // What goes by its moment belongs to days that went, in every zone.
        const auto gone = retention::points_gone_before(kept);
        EXPECT_LT(days.day_of({gone.micros - 1}), kept);
        // Every point of an hour with a kept day in it is still there.
        EXPECT_GE(days.start_of(kept).micros - domain::hour_micros, gone.micros);
        EXPECT_LE(today - kept, months * 31 + 4);
    }
}

TEST(Retention, LongerPeriodsOutliveShorterOnes) {
    for (const auto tier : {PlanTier::starter, PlanTier::pro, PlanTier::enterprise}) {
        const auto due = retention::due(on(tier), at("2090-05-05T00:00:00Z"));
        EXPECT_LT(due.hours, due.points);
        EXPECT_LT(due.days, due.hours);
        EXPECT_EQ(domain::quarter_of(due.days), due.days);
    }
    EXPECT_EQ(retention::due(on(PlanTier::enterprise), at("2090-05-05T00:00:00Z")).days, Date{});
}

TEST(Retention, LeapDaysAreKeptAsLongAsTheirNeighbours) {
    const auto kept = [](const char* now) {
        return retention::due(on(PlanTier::starter), at(now)).points;
    };
    EXPECT_EQ(kept("2025-03-01T00:00:00Z"), day("2024-02-28"));
    EXPECT_EQ(kept("2025-03-02T00:00:00Z"), day("2024-03-01"));
    EXPECT_EQ(kept("2024-03-01T00:00:00Z"), day("2023-02-28"));
}

TEST(Retention, ALowerPlanKeepsTheFormerPromiseForThirtyWholeDays) {
    std::mt19937_64 random{7};
    for (int i = 0; i < 2'000; ++i) {
        const Instant changed{at("2026-01-01T00:00:00Z").micros +
                              static_cast<std::int64_t>(random() % 10'000) * domain::hour_micros};
        const auto state = after(on(PlanTier::enterprise), ChangePlan{PlanTier::starter, changed});
        const Instant last{changed.micros + 30 * domain::day_micros};
        EXPECT_EQ(retention::due(state, last).points,
                  retention::due(on(PlanTier::enterprise), last).points);
        const Instant later{changed.micros + 33 * domain::day_micros};
        EXPECT_EQ(retention::due(state, later), retention::due(on(PlanTier::starter), later));
    }
}

TEST(Retention, EveryPlanThatWasLeftHasItsOwnGrace) {
    const auto monday = at("2026-01-05T10:00:00Z");
    auto state = after(on(PlanTier::enterprise), ChangePlan{PlanTier::pro, monday});
    state = after(state, ChangePlan{PlanTier::starter, {monday.micros + 10 * domain::day_micros}});
    const auto points_at = [&](int days) {
        return retention::due(state, {monday.micros + days * domain::day_micros}).points;
    };
    const auto of = [&](PlanTier tier, int days) {
        return retention::due(on(tier), {monday.micros + days * domain::day_micros}).points;
    };
    EXPECT_EQ(points_at(29), of(PlanTier::enterprise, 29));
    EXPECT_EQ(points_at(35), of(PlanTier::pro, 35));
    EXPECT_EQ(points_at(45), of(PlanTier::starter, 45));
}

TEST(Retention, HistoryGoesAWeekAtATimeAndNeverComesBack) {
    const auto now = at("2026-01-05T10:00:00Z");
    auto state = after(on(PlanTier::starter), TrimHistory{now});
    EXPECT_EQ(state.kept_from.points, day("2025-01-04"));
    EXPECT_TRUE(decide(state, TrimHistory{{now.micros + 6 * domain::day_micros}})->empty());
    EXPECT_FALSE(decide(state, TrimHistory{{now.micros + 7 * domain::day_micros}})->empty());
    // A better plan promises more from now on; what went stays gone.
    state = after(state, ChangePlan{PlanTier::enterprise, now});
    EXPECT_TRUE(decide(state, TrimHistory{{now.micros + 7 * domain::day_micros}})->empty());
    EXPECT_EQ(state.kept_from.points, day("2025-01-04"));
}

TEST(Retention, ThePlanItIsOnIsNoChange) {
    EXPECT_TRUE(decide(on(PlanTier::pro), ChangePlan{PlanTier::pro, {}})->empty());
    EXPECT_FALSE(decide(State{}, ChangePlan{PlanTier::pro, {}}));
}

TEST(Retention, KeepsHoursAsLongAsPointsAndLonger) {
    for (const auto tier : {PlanTier::starter, PlanTier::pro, PlanTier::enterprise}) {
        const auto terms = retention::terms_of(tier);
        EXPECT_GE(terms.hours, terms.points)
            << "points ask the hours whether any were there before";
        EXPECT_GE(terms.days.value_or(INT_MAX), terms.hours);
    }
}

}  // namespace
}  // namespace retention_test
