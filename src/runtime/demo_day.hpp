#pragma once
#include "src/runtime/demo_levels.hpp"

/// From deviations and what happened to the numbers of one day.
namespace runtime::demo {

/// All that a day's numbers follow from.
struct Circumstances {
    bool open = true;
    double covers{}, reservations{}, visitors{};  ///< usual on such a day
    double millimetres{};                         ///< of rain
    State z{};
    double guests = 1, till = 1;  ///< factors on who comes, and on what the till tells of it
    double check = 1, pay = 1;    ///< factors on prices and on wages
    double refunded{};            ///< by the shop
    bool in_heads = true;         ///< guests, visitors and orders are whole
};
struct Measure {
    std::string_view metric, location;
    double value{};
    int decimals{};
};

/// Always in the same order; a closed day has no wait, reviews and patio.
std::vector<Measure> measures_of(const Circumstances& day);

}  // namespace runtime::demo
