#include "src/runtime/demo_model.hpp"

#include "src/runtime/demo_random.hpp"

#include <algorithm>

namespace runtime::demo {
namespace {

using domain::Date;
using enum Variable;

struct Nature {
    std::string_view name;
    double noise{};
};
constexpr std::array<Nature, variables_count> natures{
    {{"rain"},           {"temperature", 2.2}, {"warmth"},
     {"event"},          {"staff", 0.07},      {"promo"},
     {"ads", 0.21},      {"sessions", 0.06},   {"reservations", 0.07},
     {"covers", 0.05},   {"wait", 0.08},       {"review", 0.05},
     {"visitors", 0.06}, {"conversion", 0.06}, {"iced", 0.08},
     {"patio", 0.08},    {"supplier", 0.002},  {"food"},
     {"followers", 2.5}, {"check", 0.02},      {"order", 0.04}}};
static_assert(natures.back().name == "order");

constexpr Arc structure[]{
    {weather, weather, 1, 0.75},       {weather, warmth, 0, 0.1},
    {staff, staff, 1, 0.50},           {ads, ads, 1, 0.80},
    {sessions, sessions, 1, 0.35},     {ads, sessions, 1, 0.22},
    {ads, sessions, 2, 0.10},          {reservations, reservations, 1, 0.30},
    {sessions, reservations, 2, 0.40}, {review, reservations, 7, 0.25},
    {covers, covers, 1, 0.15},         {reservations, covers, 0, 0.55},
    {event, covers, 0, 0.12},          {rain, covers, 0, -0.08},
    {covers, wait, 0, 0.80},           {staff, wait, 0, -0.90},
    {review, review, 1, 0.40},         {wait, review, 1, -0.30},
    {visitors, visitors, 1, 0.30},     {covers, visitors, 0, 0.25},
    {rain, visitors, 0, -0.12},        {promo, conversion, 0, 0.18},
    {warmth, iced, 0, 0.35},           {warmth, patio, 0, 0.40},
    {supplier, supplier, 1, 1},        {supplier, food, 3, 0.7},
    {followers, followers, 1, 1},
};

constexpr int peak_day = 196;  // the middle of July
constexpr double season_degrees = 11;
constexpr double followers_a_day = 0.8;
constexpr double wet_after_wet = 0.45, wet_after_dry = 0.24;
constexpr double rain_shape = 0.9, rain_scale = 8, rain_cap = 30;
constexpr double promo_share = 0.07;
constexpr int festivals = 24;

Date day(std::string_view text) { return domain::date_from(text).value_or(Date{}); }

std::size_t index(Variable variable) { return static_cast<std::size_t>(variable); }

/// Every one of the festival days is another one.
std::vector<double> festival_days(std::uint64_t seed) {
    Random random{seed, name_of(event)};
    std::vector<double> days(days_count, 0.0);
    for (int left = festivals; left > 0;) {
        auto& one = days[static_cast<std::size_t>(random.below(days_count))];
        if (one > 0) continue;
        one = 1;
        --left;
    }
    return days;
}

double intervened(Variable variable, int t) {
    const auto date = first_day() + t;
    double sum = 0;
    for (const auto& one : interventions()) {
        if (one.on == variable && one.from <= date && date <= one.to) sum += one.amount;
    }
    return sum;
}

}  // namespace

std::string_view name_of(Variable variable) { return natures[index(variable)].name; }
double noise_of(Variable variable) { return natures[index(variable)].noise; }
std::span<const Arc> arcs() { return structure; }
Date first_day() { return day("2024-01-01"); }

std::span<const Intervention> interventions() {
    static const std::array all{
        Intervention{wait, day("2025-07-14"), day("2025-07-18"), logarithm(1.6), "oven"},
        Intervention{covers, day("2025-04-01"), day("2025-12-31"), -0.0233, "price-rise"},
        // The index keeps what it has reached.
        Intervention{supplier, day("2025-02-10"), day("2025-02-10"), logarithm(1.18),
                     "supplier-price"},
    };
    return all;
}

double yearly(int t, int peak) { return cosine_of_turns((t - peak) / 365.25); }

Deviations::Deviations(std::uint64_t seed) : millimetres_(days_count, 0.0) {
    std::vector<Random> random;
    for (const auto& nature : natures) random.emplace_back(seed, nature.name);
    const auto festival = festival_days(seed);
    for (auto& one : z_) one.assign(days_count, 0.0);
    // What a variable is on a day besides its causes and its noise.
    const auto own = [&](Variable variable, int t) {
        auto& chance = random[index(variable)];
        const auto at_t = static_cast<std::size_t>(t);
        if (variable == rain) {
            const bool wet =
                chance.uniform() < (at(rain, t - 1) > 0 ? wet_after_wet : wet_after_dry);
            const double amount = chance.gamma(rain_shape, rain_scale);
            millimetres_[at_t] = wet ? amount : 0;
            return std::min(millimetres_[at_t], rain_cap) / 10;
        }
        if (variable == warmth) return season_degrees * yearly(t, peak_day) / 10;
        if (variable == event) return festival[at_t];
        if (variable == promo) return chance.uniform() < promo_share ? 1.0 : 0.0;
        return variable == followers ? followers_a_day : 0.0;
    };
    for (int t = 0; t < days_count; ++t) {
        for (int i = 0; i < variables_count; ++i) {
            const auto variable = static_cast<Variable>(i);
            double sum = own(variable, t) + intervened(variable, t);
            for (const auto& arc : structure) {
                if (arc.effect == variable) sum += arc.coefficient * at(arc.cause, t - arc.lag);
            }
            if (noise_of(variable) > 0) sum += random[index(variable)].normal(noise_of(variable));
            z_[index(variable)][static_cast<std::size_t>(t)] = sum;
        }
    }
}

double Deviations::at(Variable variable, int t) const {
    return t < 0 ? 0 : z_[index(variable)][static_cast<std::size_t>(t)];
}

double steady_effect(Variable cause, Variable effect) {
    constexpr int days_to_settle = 2'000;
    constexpr int lag_max = 7;
    // The last days of every variable, the newest first.
    std::array<std::array<double, lag_max + 1>, variables_count> last{};
    for (int t = 0; t < days_to_settle; ++t) {
        for (auto& days : last) std::shift_right(days.begin(), days.end(), 1);
        for (int i = 0; i < variables_count; ++i) {
            double sum = 0;
            for (const auto& arc : structure) {
                if (index(arc.effect) == static_cast<std::size_t>(i) && arc.lag <= lag_max)
                    sum +=
                        arc.coefficient * last[index(arc.cause)][static_cast<std::size_t>(arc.lag)];
            }
            last[static_cast<std::size_t>(i)][0] = static_cast<Variable>(i) == cause ? 1 : sum;
        }
    }
    return last[index(effect)][0];
}

}  // namespace runtime::demo
