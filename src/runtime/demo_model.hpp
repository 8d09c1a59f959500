#pragma once
#include "domain/base/time.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// The structure behind the demo: a linear model of deviations in logarithms (review, rain and
/// weather are additive), so causes, lags, elasticities and effects are known exactly.
namespace runtime::demo {

/// In an order in which causes of the same day come first.
enum class Variable {
    rain,          ///< tens of millimetres, at most three
    weather,       ///< degrees Celsius away from the season
    warmth,        ///< tens of degrees above the year's mean: season and weather
    event,         ///< 1 on festival days
    staff,         ///< rostered over required hours
    promo,         ///< 1 on days with a promotion of the shop
    ads,           ///< spend
    sessions,      ///< on the web site
    reservations,  ///<
    covers,        ///<
    wait,          ///< minutes for a table
    review,        ///< points
    visitors,      ///< of the shop
    conversion,    ///< of the shop
    iced,          ///< iced drinks sold
    patio,         ///< share of guests on the patio
    supplier,      ///< price index
    food,          ///< cost over sales
    followers,     ///< heads, a walk that causes nothing
    check,         ///< average check
    order,         ///< average order of the shop
};
inline constexpr int variables_count = static_cast<int>(Variable::order) + 1;
constexpr std::size_t index(Variable variable) { return static_cast<std::size_t>(variable); }

/// A number for every variable.
using State = std::array<double, variables_count>;

std::string_view name_of(Variable variable);
/// The standard deviation of a day's own noise; 0 for what is drawn otherwise, or not at all.
double noise_of(Variable variable);

struct Arc {
    Variable cause{}, effect{};
    int lag{};  ///< days
    double coefficient{};
};
/// All of the structure.
std::span<const Arc> arcs();

/// What somebody or something did to a variable, day after day.
struct Intervention {
    Variable on{};
    domain::Date from, to;  ///< both in it
    double amount{};        ///< added each day
    std::string_view what;
};
std::span<const Intervention> interventions();

/// Something known that did not happen, by its name in the truth and its first day; nothing by
/// default. What is random stays the same.
struct Without {
    std::string_view what;
    domain::Date from;
    bool is(std::string_view name, domain::Date on) const { return name == what && on == from; }
};

inline constexpr int days_count = 731;
domain::Date first_day();

/// cos over the year with its peak at day `peak`, in [-1, 1]; `t` counts from the first day.
double yearly(int t, int peak);

/// One history of every variable.
class Deviations {
public:
    explicit Deviations(std::uint64_t seed, const Without& without = {});

    /// 0 before the first day.
    double at(Variable variable, int t) const;
    const State& on(int t) const { return z_[static_cast<std::size_t>(t)]; }
    double rain_millimetres(int t) const { return millimetres_[static_cast<std::size_t>(t)]; }

private:
    std::vector<State> z_;
    std::vector<double> millimetres_;
};

/// What `amount`, added to a variable on each of `pushed` days, does to every variable: so many
/// `days` from the first one on, loops included.
std::vector<State> response_to(Variable on, double amount, int pushed, int days);

/// What `effect` ends at when `cause` is held one unit higher for ever, loops included.
double steady_effect(Variable cause, Variable effect);
/// What every variable ends at when `amount` is added to `cause` every day; for a walk, once.
State steady_response(Variable cause, double amount);

}  // namespace runtime::demo
