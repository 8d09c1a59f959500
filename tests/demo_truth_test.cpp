// What the truth of the demo says is what the numbers do: each thing in it is compared with the
// same business in which it did not happen.
#include "domain/base/business_day.hpp"
#include "events/document.hpp"
#include "src/runtime/demo_business.hpp"
#include "src/runtime/demo_levels.hpp"
#include "src/runtime/demo_plan.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace demo_truth_test {
namespace {

using namespace runtime::demo;
using domain::Date;

Date day(std::string_view text) { return domain::date_from(text).value(); }

/// Sums of every metric over some days, of derived ones too.
using Sums = std::map<std::string, double>;

Sums sums_of(const Business& business, Date from, Date to) {
    Sums sums;
    for (const auto& series : business.series) {
        for (const auto& [on, value] : series.values) {
            if (from <= on && on <= to) sums[series.metric] += value.approximate();
        }
    }
    const double sales = sums["restaurant_revenue"];
    sums["total_revenue"] = sales + sums["shop_revenue"];
    sums["average_check"] = sales / sums["covers"];
    sums["shop_conversion"] = sums["shop_orders"] / sums["shop_visitors"];
    sums["food_cost_share"] = sums["food_cost"] / sales;
    sums["labour_share"] = sums["labour_cost"] / sales;
    sums["prime_cost_share"] = sums["food_cost_share"] + sums["labour_share"];
    for (const auto* cause : {"festival", "shop_promotion", "rain"}) sums.erase(cause);
    return sums;
}

/// How far rounding to whole guests, orders and reservations may move a factor.
double rounding_of(const std::string& metric, const Sums& without, int days) {
    const bool of_shop = metric.starts_with("shop") || metric == "total_revenue";
    const auto* heads = of_shop                    ? "shop_orders"
                        : metric == "reservations" ? "reservations"
                        : metric == "iced_drinks"  ? "iced_drinks"
                                                   : "covers";
    return 0.006 + 1.2 * days / without.at(heads);
}

/// Every metric moves by what is said of it, and those of which nothing is said stay.
void expect_factors(const std::map<std::string, double>& factors, const Business& told,
                    const Business& without, Date from, Date to, const std::string& what) {
    const auto really = sums_of(told, from, to), else_ = sums_of(without, from, to);
    for (const auto& [metric, sum] : really) {
        const double factor = sum / else_.at(metric);
        if (!std::isfinite(factor)) continue;
        const auto said = factors.find(metric);
        EXPECT_NEAR(factor, said == factors.end() ? 1 : said->second,
                    rounding_of(metric, else_, to - from + 1))
            << what << " " << domain::to_text(from) << " " << metric;
    }
}

TEST(DemoTruth, EventsDoWhatIsSaidOfThem) {
    const auto business = make_business(golden_seed);
    std::map<std::string, int> seen;
    for (const auto& truth : business.truth) {
        if (truth.effects.empty()) continue;
        // Of what happens often, every sixth is enough to know how it is counted.
        const bool often =
            truth.what == "festival" || truth.what == "promotion" || truth.what == "downpour";
        if (seen[truth.what]++ % 6 != 0 && often) continue;
        std::map<std::string, double> factors;
        for (const auto& effect : truth.effects) factors[effect.metric] = effect.factor;
        const auto without = make_business(golden_seed, {truth.what, truth.began});
        expect_factors(factors, business, without, truth.from, truth.to, truth.what);
    }
    EXPECT_EQ(seen["festival"], 24);
    EXPECT_GE(seen["promotion"], 35);
    EXPECT_GE(seen["downpour"], 8);
    EXPECT_EQ(seen["refund"], 6);
    EXPECT_EQ(seen["oven"], 2) << "the week, and what followed from it";
    for (const auto* once : {"outage", "viral", "power-cut", "dip", "double"})
        EXPECT_EQ(seen[once], 1) << once;
}

TEST(DemoTruth, ShiftsAreWhatStaysWhenTheyHaveSettled) {
    constexpr int days_to_settle = 60;
    const auto business = make_business(golden_seed);
    std::map<std::pair<std::string, Date>, std::map<std::string, double>> shifts;
    for (const auto& shift : business.shifts)
        shifts[{shift.what, shift.began}][shift.metric] = shift.factor;
    ASSERT_EQ(shifts.size(), 3u);
    for (const auto& [cause, factors] : shifts) {
        const auto& [what, began] = cause;
        const auto without = make_business(golden_seed, {what, began});
        const auto from = began + days_to_settle, to = day("2025-12-31");
        const auto really = sums_of(business, from, to), else_ = sums_of(without, from, to);
        for (const auto& [metric, sum] : really) {
            const auto said = factors.find(metric);
            EXPECT_NEAR(sum / else_.at(metric), said == factors.end() ? 1 : said->second, 0.0025)
                << what << " " << metric;
        }
    }
    const auto& price = shifts.at({"price-rise", price_rise_day()});
    EXPECT_NEAR(price.at("covers"), 0.9752, 1e-4) << "with the loop";
    EXPECT_NEAR(price.at("restaurant_revenue"), check_rise * price.at("covers"), 1e-9);
    EXPECT_NEAR(price.at("average_check"), check_rise, 1e-9);
}

TEST(DemoTruth, ShiftsBeginWhenHalfOfThemIsThere) {
    const auto business = make_business(golden_seed);
    std::map<std::string, Date> from;
    for (const auto& shift : business.shifts) from[shift.what + " " + shift.metric] = shift.from;
    EXPECT_EQ(from.at("supplier-price supplier_index"), day("2025-02-10"));
    EXPECT_EQ(from.at("supplier-price food_cost"), day("2025-02-13"));
    EXPECT_EQ(from.at("price-rise restaurant_revenue"), day("2025-04-01"));
    EXPECT_EQ(from.at("price-rise review_score"), day("2025-04-02"));
    EXPECT_EQ(from.at("wage-rise labour_cost"), day("2025-01-02")) << "New Year is closed";
}

TEST(DemoTruth, ClosedDaysHaveNoEffectsAndTheOutageHidesThoseOfTheTill) {
    int on_outage = 0;
    for (const std::uint64_t seed : {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}) {
        for (const auto& truth : make_business(seed).truth) {
            const bool one_day = truth.from == truth.to;
            if (one_day && is_closed(truth.from)) {
                EXPECT_EQ(truth.what, "closed");
            }
            if (truth.from != day("2024-05-17") || truth.what == "outage") continue;
            ++on_outage;
            for (const auto& effect : truth.effects) {
                EXPECT_NE(effect.metric, "covers") << truth.what;
                EXPECT_NE(effect.metric, "restaurant_revenue") << truth.what;
            }
        }
    }
    EXPECT_GT(on_outage, 0);
}

std::size_t count_in(const events::Document& file, std::string_view list) {
    return file.root().find(list).value().items().size();
}

TEST(DemoTruth, TheFileHoldsAllOfIt) {
    const auto business = make_business(golden_seed);
    const auto file = events::Document::parse(truth_json(business)).value();
    EXPECT_EQ(file.root().find("structure")->find("arcs")->items().size(), arcs().size());
    EXPECT_EQ(count_in(file, "level_shifts"), business.shifts.size());
    const auto told = file.root().find("events")->items();
    ASSERT_EQ(told.size(), business.truth.size());
    for (std::size_t i = 0; i < told.size(); ++i) {
        const auto effects = told[i].find("effects")->items();
        ASSERT_EQ(effects.size(), business.truth[i].effects.size());
        for (std::size_t j = 0; j < effects.size(); ++j)
            EXPECT_EQ(effects[j].find("factor")->number(), business.truth[i].effects[j].factor);
    }
    EXPECT_EQ(count_in(file, "stock_outs"), 2u);
    EXPECT_EQ(count_in(file, "goals"), 6u);
    EXPECT_EQ(count_in(file, "hourly"), 8u) << "two metrics around four changes";
    EXPECT_EQ(file.root().find("lateness")->text(), "order-only");
    const auto contrasts = file.root().find("contrasts")->items();
    ASSERT_EQ(contrasts.size(), 3u);
    EXPECT_EQ(contrasts[1].find("days_told")->integer(), 431);
}

/// Months of 2025 whose `value` is in the goal, from the series themselves.
template <class Is>
int months_with(const Business& business, Is is) {
    int months = 0;
    for (auto from = day("2025-01-01"); from < day("2026-01-01");) {
        const auto to = domain::month_of(from + 31);
        months += is(sums_of(business, from, to + -1), from, to);
        from = to;
    }
    return months;
}

TEST(DemoTruth, GoalsEndAsTheirMetricsDo) {
    using domain::goal::Outcome;
    const auto business = make_business(golden_seed);
    std::map<std::string, Ending> endings;
    for (const auto& plan : plans_of(business)) {
        EXPECT_EQ(plan.active, plan.measure.metric != "shop_conversion");
        endings[plan.measure.metric] = ending_of(business, plan);
    }
    const auto& food = endings.at("food_cost_share");
    EXPECT_EQ(food.within, months_with(business, [](const Sums& sums, Date, Date) {
                  return sums.at("food_cost_share") < 0.30005;
              }));
    EXPECT_EQ(food.outcome, Outcome::missed);
    const auto& review = endings.at("review_score");
    EXPECT_EQ(review.within, months_with(business, [](const Sums& sums, Date from, Date to) {
                  int open = 0;
                  for (auto on = from; on < to; on = on + 1) open += !is_closed(on);
                  return sums.at("review_score") / open >= 4.395;
              }));
    const auto december = sums_of(business, day("2025-12-01"), day("2025-12-31"));
    const auto before = sums_of(business, day("2024-12-01"), day("2024-12-31"));
    const auto& sales = endings.at("total_revenue");
    EXPECT_NEAR(sales.final_value.approximate(), december.at("total_revenue"), 0.005);
    EXPECT_NEAR(sales.progress,
                (december.at("total_revenue") / before.at("total_revenue") - 1) / 0.08, 1e-4);
    EXPECT_EQ(sales.outcome, Outcome::achieved);
    EXPECT_EQ(endings.at("wait_minutes").readings, 52);
    EXPECT_EQ(endings.at("wait_minutes").outcome, Outcome::missed);
    EXPECT_LT(endings.at("shop_conversion").progress, 0.5);
}

}  // namespace
}  // namespace demo_truth_test
