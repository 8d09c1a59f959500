// The demo business: the same everywhere, as its structure says, and in with its batches.
#include "src/runtime/demo_business.hpp"
#include "src/runtime/demo_hours.hpp"
#include "src/runtime/demo_levels.hpp"
#include "src/runtime/demo_model.hpp"
#include "src/runtime/demo_random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>

namespace demo_business_test {
namespace {

using namespace runtime::demo;

const Series& series_of(const Business& business, std::string_view metric) {
    for (const auto& series : business.series) {
        if (series.metric == metric) return series;
    }
    throw std::runtime_error{"no such series"};
}

/// FNV-1a, 64 bits.
class Hash {
public:
    std::uint64_t value = 0xcbf29ce484222325;

    void add(std::string_view text) {
        for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    void add(const Series& series) {
        add(series.metric + " " + series.location + " " + series.item);
        for (const auto& [day, number] : series.values)
            add(domain::to_text(day) + " " + number.text());
    }
};

/// Over all that is loaded and all that is said of it, as text.
std::uint64_t hash_of(const Business& business) {
    Hash hash;
    for (const auto& batch : business.batches) {
        hash.add(batch.name);
        for (const auto& series : batch.series) hash.add(series);
    }
    for (const auto& series : business.series) hash.add(series);
    for (const auto& hours : hours_around_clock_changes(business)) {
        hash.add(hours.metric);
        for (const auto& [at, number] : hours.values)
            hash.add(domain::to_text(at) + " " + number.text());
    }
    for (const auto& contrast : make_contrasts(business.seed)) hash.add(contrast.series);
    hash.add(truth_json(business));
    return hash.value;
}

double mean(const Series& series) {
    double sum = 0;
    for (const auto& one : series.values) sum += one.value.approximate();
    return sum / static_cast<double>(series.values.size());
}

TEST(DemoBusiness, IsTheSameOnEveryMachine) {
    EXPECT_EQ(hash_of(make_business(golden_seed)), 8956507714730296537u);
    EXPECT_NE(hash_of(make_business(8)), hash_of(make_business(7)));
}

TEST(DemoBusiness, FunctionsAreThoseOfMathematics) {
    for (double x = -3; x < 3; x += 0.0137) {
        EXPECT_NEAR(exponential(x) / std::exp(x), 1, 1e-15) << x;
        EXPECT_NEAR(logarithm(std::exp(x)), x, 1e-14) << x;
        EXPECT_NEAR(cosine_of_turns(x), std::cos(2 * std::numbers::pi * x), 1e-13) << x;
    }
}

TEST(DemoBusiness, LooksLikeARestaurantAndAShop) {
    constexpr int seeds = 8;
    std::map<std::string, double> means;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        for (const auto& series : make_business(seed).series) {
            EXPECT_GE(series.values.size(), 725u) << series.metric << ": late days are there";
            means[series.metric] += mean(series) / seeds;
        }
    }
    const std::map<std::string, double> wanted{{"covers", 150},
                                               {"shop_visitors", 229},
                                               {"shop_orders", 56},
                                               {"restaurant_revenue", 4537},
                                               {"shop_revenue", 2280}};
    for (const auto& [metric, value] : wanted)
        EXPECT_NEAR(means.at(metric) / value, 1, 0.025) << metric;
    EXPECT_NEAR(means.at("temperature"), 11.5, 0.5);
}

/// A cost over the sales from one day to before another.
double share(const Business& business, std::string_view cost, std::string_view from,
             std::string_view to) {
    double sums[2]{};
    const std::string_view metrics[]{cost, "restaurant_revenue"};
    for (int i = 0; i < 2; ++i) {
        for (const auto& [day, value] : series_of(business, metrics[i]).values) {
            const auto text = domain::to_text(day);
            if (from <= text && text < to) sums[i] += value.approximate();
        }
    }
    return sums[0] / sums[1];
}

TEST(DemoBusiness, FoodCostsMoreThreeDaysAfterTheSupplierDoes) {
    const auto business = make_business(golden_seed);
    const double before = share(business, "food_cost", "2025-01-20", "2025-02-13");
    const double after = share(business, "food_cost", "2025-02-13", "2025-03-09");
    EXPECT_NEAR(after / before, std::pow(1.18, 0.7), 0.02);
    const auto prime = [&](std::string_view from, std::string_view to) {
        return share(business, "food_cost", from, to) + share(business, "labour_cost", from, to);
    };
    EXPECT_NEAR(prime("2024-01-01", "2025-02-13"), 0.62, 0.015);
    EXPECT_NEAR(prime("2025-02-13", "2026-01-01"), 0.65, 0.015);
}

TEST(DemoBusiness, EffectsThatLastAreThoseOfTheStructure) {
    const std::pair<Variable, double> of_ads[]{{Variable::sessions, 0.4923},
                                               {Variable::reservations, 0.2575},
                                               {Variable::covers, 0.1666},
                                               {Variable::wait, 0.1333},
                                               {Variable::review, -0.0667}};
    for (const auto& [effect, value] : of_ads)
        EXPECT_NEAR(steady_effect(Variable::ads, effect), value, 1e-4) << name_of(effect);
    EXPECT_EQ(steady_effect(Variable::staff, Variable::sessions), 0);
    EXPECT_NEAR(steady_effect(Variable::staff, Variable::wait), -0.8238, 1e-4);
    EXPECT_NEAR(steady_effect(Variable::staff, Variable::review), 0.4119, 1e-4);
}

TEST(DemoBusiness, BatchesBringInWhatIsTold) {
    const auto business = make_business(golden_seed);
    std::map<std::string, std::map<domain::Date, double>> told;
    int late = 0, again = 0;
    for (const auto& batch : business.batches) {
        std::size_t points = 0;
        for (const auto& series : batch.series) {
            points += series.values.size();
            late += batch.name.starts_with("late") ? static_cast<int>(series.values.size()) : 0;
            again += batch.again ? static_cast<int>(series.values.size()) : 0;
            if (!series.item.empty()) continue;
            for (const auto& [day, value] : series.values) {
                EXPECT_LE(day, batch.arrived) << batch.name;
                told[series.metric][day] += value.approximate();
            }
        }
        EXPECT_LE(points, 10'000u) << batch.name;
    }
    EXPECT_EQ(late, 3 * (4 + 2)) << "three series of the till, nine and three days late";
    EXPECT_EQ(again, 3);
    for (const auto day : refund_days()) told["shop_revenue"][day] -= refund;
    for (const auto& series : business.series) {
        const auto& days = told[series.metric];
        ASSERT_EQ(days.size(), series.values.size()) << series.metric;
        for (const auto& [day, value] : series.values)
            EXPECT_NEAR(days.at(day), value.approximate(), 1e-6) << series.metric;
    }
}

TEST(DemoBusiness, TwoItemsRanOut) {
    const auto business = make_business(golden_seed);
    EXPECT_EQ(business.stock_outs.size(), 2u);
    for (const auto& out : business.stock_outs) EXPECT_GT(out.lost, 0) << out.item;
    EXPECT_EQ(business.items.size(), 80u);
}

TEST(DemoBusiness, ContrastsHaveTooFewNumbers) {
    const auto all = make_contrasts(golden_seed);
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all[0].series.values.size(), 35u);
    EXPECT_NEAR(static_cast<double>(all[1].series.values.size()) / days_count, 0.60, 0.05);
    EXPECT_NEAR(7 * mean(all[2].series), 8, 1);
}

}  // namespace
}  // namespace demo_business_test
