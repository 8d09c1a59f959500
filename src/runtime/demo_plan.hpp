#pragma once
#include "domain/goal.hpp"
#include "src/runtime/demo_business.hpp"

/// What the people of the demo want of 2025, and what comes of it.
namespace runtime::demo {

/// A goal that a metric measures.
struct Plan {
    std::string title, description, focus_area;
    domain::goal::Measure measure;
    domain::goal::Timeframe timeframe;
    bool active = true;  ///< otherwise it stays a draft
};
std::vector<Plan> plans_of(const Business& business);

/// The metric's value in each complete period of the goal, as of its last day.
std::vector<domain::goal::Reading> readings_of(const Business& business, const Plan& plan);

/// How the goal ends when each of its readings is checked in on the day after.
struct Ending {
    int readings{};
    int within{};  ///< those on the right side of a goal to stay somewhere
    domain::Decimal final_value;
    double progress{};
    domain::goal::Outcome outcome{};
    std::vector<domain::goal::HealthChanged> health;
};
Ending ending_of(const Business& business, const Plan& plan);

}  // namespace runtime::demo
