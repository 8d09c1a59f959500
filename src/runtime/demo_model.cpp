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

double intervened(Variable variable, Date date, const Without& without) {
    double sum = 0;
    for (const auto& one : interventions()) {
        if (one.on == variable && one.from <= date && date <= one.to &&
            !without.is(one.what, one.from))
            sum += one.amount;
    }
    return sum;
}

double at_or_zero(const std::vector<State>& z, Variable variable, int t) {
    return t < 0 ? 0 : z[static_cast<std::size_t>(t)][index(variable)];
}

/// What a variable's causes bring it on a day; those of the same day must be there.
double caused(const std::vector<State>& z, Variable variable, int t) {
    double sum = 0;
    for (const auto& arc : structure) {
        if (arc.effect == variable) sum += arc.coefficient * at_or_zero(z, arc.cause, t - arc.lag);
    }
    return sum;
}

/// A variable that keeps for ever what it has reached.
bool is_walk(Variable variable) {
    return std::ranges::any_of(structure, [&](const Arc& arc) {
        return arc.cause == variable && arc.effect == variable && arc.coefficient == 1;
    });
}

constexpr int days_to_settle = 2'000;

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

Deviations::Deviations(std::uint64_t seed, const Without& without)
    : z_(days_count), millimetres_(days_count, 0.0) {
    std::vector<Random> random;
    for (const auto& nature : natures) random.emplace_back(seed, nature.name);
    const auto festival = festival_days(seed);
    bool was_wet = false;
    // What a variable is on a day besides its causes and its noise.
    const auto own = [&](Variable variable, int t) {
        auto& chance = random[index(variable)];
        const auto at_t = static_cast<std::size_t>(t);
        const auto date = first_day() + t;
        if (variable == rain) {
            const bool wet = chance.uniform() < (was_wet ? wet_after_wet : wet_after_dry);
            const double amount = chance.gamma(rain_shape, rain_scale);
            was_wet = wet;
            millimetres_[at_t] = wet && !without.is("downpour", date) ? amount : 0;
            return std::min(millimetres_[at_t], rain_cap) / 10;
        }
        if (variable == warmth) return season_degrees * yearly(t, peak_day) / 10;
        if (variable == event) return without.is("festival", date) ? 0 : festival[at_t];
        if (variable == promo) {
            const bool promoted = chance.uniform() < promo_share;
            return promoted && !without.is("promotion", date) ? 1.0 : 0.0;
        }
        return variable == followers ? followers_a_day : 0.0;
    };
    for (int t = 0; t < days_count; ++t) {
        for (int i = 0; i < variables_count; ++i) {
            const auto variable = static_cast<Variable>(i);
            double sum = own(variable, t) + intervened(variable, first_day() + t, without) +
                         caused(z_, variable, t);
            if (noise_of(variable) > 0) sum += random[index(variable)].normal(noise_of(variable));
            z_[static_cast<std::size_t>(t)][index(variable)] = sum;
        }
    }
}

double Deviations::at(Variable variable, int t) const { return at_or_zero(z_, variable, t); }

std::vector<State> response_to(Variable on, double amount, int pushed, int days) {
    std::vector<State> z(static_cast<std::size_t>(days));
    for (int t = 0; t < days; ++t) {
        for (int i = 0; i < variables_count; ++i) {
            const auto variable = static_cast<Variable>(i);
            z[static_cast<std::size_t>(t)][index(variable)] =
                caused(z, variable, t) + (variable == on && t < pushed ? amount : 0);
        }
    }
    return z;
}

double steady_effect(Variable cause, Variable effect) {
    std::vector<State> z(days_to_settle);
    for (int t = 0; t < days_to_settle; ++t) {
        for (int i = 0; i < variables_count; ++i) {
            const auto variable = static_cast<Variable>(i);
            z[static_cast<std::size_t>(t)][index(variable)] =
                variable == cause ? 1 : caused(z, variable, t);
        }
    }
    return z.back()[index(effect)];
}

State steady_response(Variable cause, double amount) {
    return response_to(cause, amount, is_walk(cause) ? 1 : days_to_settle, days_to_settle).back();
}

}  // namespace runtime::demo
