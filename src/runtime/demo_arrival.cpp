#include "src/runtime/demo_arrival.hpp"

#include "src/runtime/demo_levels.hpp"

#include <algorithm>

namespace runtime::demo {
namespace {

using domain::Date;

constexpr std::size_t points_max = 10'000;

bool is_late(const Series& series, Date day) {
    return is_from_till(series.metric) && std::ranges::any_of(gaps(), [&](const Gap& gap) {
               return gap.from <= day && day <= gap.to;
           });
}

/// What `wanted` picks of all series; those with nothing are left out.
template <class Wanted>
std::vector<Series> picked(const std::vector<Series>& from, Wanted wanted) {
    std::vector<Series> parts;
    for (const auto& series : from) {
        Series part{series.metric, series.location, series.item, {}};
        for (const auto& value : series.values) {
            if (wanted(series, value.day)) part.values.push_back(value);
        }
        if (!part.values.empty()) parts.push_back(std::move(part));
    }
    return parts;
}

/// Series of items in batches that are nearly as large as they may be.
std::vector<Batch> of_items(const std::vector<Series>& items) {
    std::vector<Batch> batches;
    std::size_t points = points_max;
    for (const auto& series : items) {
        if (points + series.values.size() > points_max) {
            batches.push_back({"items " + std::to_string(batches.size() + 1),
                               series.values.back().day,
                               false,
                               {}});
            points = 0;
        }
        points += series.values.size();
        batches.back().series.push_back(series);
    }
    return batches;
}

}  // namespace

bool is_from_till(std::string_view metric) {
    return metric == "covers" || metric == "restaurant_revenue" || metric == "reservations";
}

std::vector<Batch> arrivals_of(const Business& business) {
    const auto last = business.start + (business.days - 1);
    auto ends = std::vector{
        double_day(), domain::Date{(gaps()[0].arrived.days + gaps()[1].arrived.days) / 2}, last};
    for (const auto& gap : gaps()) ends.push_back(gap.arrived);
    std::ranges::sort(ends);
    std::vector<Batch> batches;
    Date from = business.start;
    for (const auto to : ends) {
        batches.push_back({"until " + domain::to_text(to), to, false,
                           picked(business.series, [&](const Series& series, Date day) {
                               return from <= day && day <= to && !is_late(series, day);
                           })});
        if (to == double_day())
            batches.push_back({"again " + domain::to_text(to), to, true,
                               picked(business.series, [&](const Series& series, Date day) {
                                   return is_from_till(series.metric) && day == to;
                               })});
        for (const auto& gap : gaps()) {
            if (gap.arrived != to) continue;
            batches.push_back({"late " + domain::to_text(gap.from), to, false,
                               picked(business.series, [&](const Series& series, Date day) {
                                   return is_late(series, day) && gap.from <= day && day <= gap.to;
                               })});
        }
        from = to + 1;
    }
    std::ranges::move(of_items(business.items), std::back_inserter(batches));
    return batches;
}

void count_twice(std::vector<Series>& series) {
    for (auto& one : series) {
        if (!is_from_till(one.metric)) continue;
        for (auto& [day, value] : one.values) {
            if (day == double_day()) value = decimal_of(2 * value.approximate(), value.scale());
        }
    }
}

void take_back(std::vector<Series>& series, Date day) {
    const auto sales = std::ranges::find(series, "shop_revenue", &Series::metric);
    const auto told = std::ranges::find(sales->values, day, &Value::day);
    told->value = decimal_of(told->value.approximate() - refund, told->value.scale());
}

}  // namespace runtime::demo
