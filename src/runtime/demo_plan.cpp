#include "src/runtime/demo_plan.hpp"

#include "src/runtime/demo_levels.hpp"

#include <algorithm>

namespace runtime::demo {
namespace {

using domain::Date;
using domain::Decimal;
using namespace domain::goal;

Date day(std::string_view text) { return domain::date_from(text).value_or(Date{}); }
Decimal decimal(std::string_view text) { return Decimal::from(text).value_or(Decimal{}); }

/// Sum and count of what a metric tells from a day to before another.
struct Told {
    std::int64_t units{};
    double divisor = 1;
    int count{};
    double sum() const { return static_cast<double>(units) / divisor; }
};
Told told_of(const Business& business, std::string_view metric, Date from, Date to) {
    Told told;
    const auto series = std::ranges::find(business.series, metric, &Series::metric);
    for (const auto& [on, value] : series->values) {
        if (on < from || on >= to) continue;
        told.units += value.units();
        told.divisor = 1;
        for (int i = 0; i < value.scale(); ++i) told.divisor *= 10;
        ++told.count;
    }
    return told;
}

/// As the metric service has it: shares are of sums, and what does not add up is a mean.
Decimal value_of(const Business& business, std::string_view metric, Date from, Date to) {
    const auto told = [&](std::string_view one) { return told_of(business, one, from, to); };
    const auto share = [&](std::string_view part, std::string_view whole) {
        return decimal_of(told(part).sum() / told(whole).sum(), 4);
    };
    if (metric == "total_revenue") {
        const auto restaurant = told("restaurant_revenue"), shop = told("shop_revenue");
        return decimal_of(static_cast<double>(restaurant.units + shop.units) / 100, 2);
    }
    if (metric == "food_cost_share") return share("food_cost", "restaurant_revenue");
    if (metric == "labour_share") return share("labour_cost", "restaurant_revenue");
    if (metric == "shop_conversion") return share("shop_orders", "shop_visitors");
    const auto all = told(metric);
    return decimal_of(all.sum() / all.count, metric == "review_score" ? 2 : 1);
}

Measure measure_of(std::string metric, std::string unit, Direction direction, Decimal baseline,
                   Decimal target) {
    return {.metric = std::move(metric),
            .direction = direction,
            .baseline = baseline,
            .target = target,
            .unit = std::move(unit)};
}

Timeframe year(Cadence cadence) { return {day("2025-01-01"), day("2025-12-31"), cadence}; }

Plan sales_plan(const Business& business) {
    constexpr double wanted = 1.08;
    const auto sales = value_of(business, "total_revenue", day("2024-12-01"), day("2025-01-01"));
    return {"Sales 8 % above last year", "End December 8 % above the December before.", "sales",
            measure_of("total_revenue", "USD", Direction::increase, sales,
                       decimal_of(wanted * sales.approximate(), 2)),
            year(Cadence::monthly)};
}

/// The state of the goal, one request after the other.
class Story {
public:
    domain::goal::State state;
    std::vector<HealthChanged> health;

    void tell(const Command& command) {
        const auto facts = decide(state, command);
        if (!facts) return;
        for (const auto& fact : *facts) {
            state = evolve(std::move(state), fact);
            if (const auto* changed = std::get_if<HealthChanged>(&fact)) health.push_back(*changed);
        }
    }
};

}  // namespace

std::vector<Plan> plans_of(const Business& business) {
    using enum Direction;
    auto labour =
        measure_of("labour_share", "ratio", stay_within, decimal("0.34"), decimal("0.31"));
    labour.low = decimal("0.28");
    labour.high = decimal("0.34");
    return {
        sales_plan(business),
        {"Food cost at most 30 %", "Weigh portions and order twice a week to cut waste.", "cost",
         measure_of("food_cost_share", "ratio", stay_below, decimal("0.30"), decimal("0.30")),
         year(Cadence::monthly)},
        {"Labour between 28 and 34 %", "Plan shifts by expected covers.", "cost", std::move(labour),
         year(Cadence::monthly)},
        {"Reviews of 4.4 and better", "Seat guests in time and ask them for a word.", "quality",
         measure_of("review_score", "points", stay_above, decimal("4.35"), decimal("4.40")),
         year(Cadence::monthly)},
        {"A table within 12 minutes", "Seat by reservation and clear tables faster.", "quality",
         measure_of("wait_minutes", "min", stay_below, decimal("14"), decimal("12")),
         year(Cadence::weekly)},
        {"26 of 100 visitors buy", "From 24 to 26 % without more promotions.", "sales",
         measure_of("shop_conversion", "ratio", increase, decimal("0.24"), decimal("0.26")),
         year(Cadence::monthly), false},
    };
}

std::vector<Reading> readings_of(const Business& business, const Plan& plan) {
    std::vector<Reading> readings;
    for (int i = 0;; ++i) {
        const auto from = period_start(plan.timeframe, i), to = period_start(plan.timeframe, i + 1);
        if (to > plan.timeframe.due + 1) return readings;
        readings.push_back({to + -1, value_of(business, plan.measure.metric, from, to)});
    }
}

Ending ending_of(const Business& business, const Plan& plan) {
    const auto readings = readings_of(business, plan);
    Story story;
    story.tell(Draft{.title = plan.title,
                     .specific = {plan.description, plan.focus_area},
                     .measure = plan.measure,
                     .timeframe = plan.timeframe});
    story.tell(Activate{plan.timeframe.start, {}});
    for (const auto& [as_of, value] : readings)
        story.tell(
            CheckIn{.as_of = as_of, .value = value, .source = Source::metric, .today = as_of + 1});
    story.tell(Complete{.today = plan.timeframe.due + 1});
    const auto conclusion = story.state.conclusion.value_or(Conclusion{});
    return {static_cast<int>(readings.size()),
            story.state.readings_within,
            conclusion.final_value.value_or(Decimal{}),
            conclusion.completion_rate,
            conclusion.outcome,
            std::move(story.health)};
}

}  // namespace runtime::demo
