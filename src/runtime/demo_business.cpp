#include "src/runtime/demo_business.hpp"

#include "src/runtime/demo_arrival.hpp"
#include "src/runtime/demo_day.hpp"
#include "src/runtime/demo_events.hpp"
#include "src/runtime/demo_random.hpp"
#include "src/runtime/demo_stock.hpp"

#include <algorithm>

namespace runtime::demo {
namespace {

using domain::Date;

/// Writes the values of one day after the other into their series.
class Ledger {
public:
    explicit Ledger(std::vector<Series>& series) : series_{series} {}

    Date today;

    void put(const Measure& one) {
        series_of(one.metric, one.location)
            .values.push_back({today, decimal_of(one.value, one.decimals)});
    }

private:
    Series& series_of(std::string_view metric, std::string_view location) {
        const auto found = std::ranges::find(series_, metric, &Series::metric);
        if (found != series_.end()) return *found;
        return series_.emplace_back(std::string{metric}, std::string{location}, "",
                                    std::vector<Value>{});
    }

    std::vector<Series>& series_;
};

/// One day after the other, of both places.
class Diary {
public:
    Diary(std::uint64_t seed, const Without& without) : model_{seed, without}, without_{without} {}

    std::vector<Series> series;
    std::vector<Circumstances> days;
    std::vector<int> orders;  ///< of the shop, by day

    void write(int t) {
        Ledger ledger{series};
        ledger.today = first_day() + t;
        days.push_back(circumstances(t));
        for (const auto& one : measures_of(days.back())) {
            ledger.put(one);
            if (one.metric == "shop_orders") orders.push_back(static_cast<int>(one.value));
        }
    }

private:
    Circumstances circumstances(int t) const {
        const auto date = first_day() + t;
        Circumstances day{.open = !is_closed(date),
                          .covers = usual(covers_level, t),
                          .reservations = usual(reservations_level, t),
                          .visitors = usual(visitors_level, t),
                          .millimetres = model_.rain_millimetres(t),
                          .z = model_.on(t)};
        for (const auto& one : happenings()) {
            if (date < one.from || one.to < date || without_.is(one.what, one.from)) continue;
            day.guests = one.guests;
            day.till = one.till;
        }
        const auto since = [&](std::string_view what, Date from) {
            return date >= from && !without_.is(what, from);
        };
        if (since("price-rise", price_rise_day())) day.check = check_rise;
        if (since("wage-rise", wage_rise_day())) day.pay = wage_rise;
        return day;
    }

    Deviations model_;
    Without without_;
};

/// What came once more and what was paid back is in the circumstances too, as it is told.
void tell_the_rest(Business& business, std::vector<Circumstances>& days, const Without& without) {
    const auto of = [&](Date day) -> auto& {
        return days[static_cast<std::size_t>(day - business.start)];
    };
    if (!without.is("double", double_day())) {
        count_twice(business.series);
        of(double_day()).till = 2;
    }
    for (const auto day : refund_days()) {
        if (without.is("refund", day)) continue;
        take_back(business.series, day);
        of(day).refunded = refund;
    }
}

}  // namespace

Business make_business(std::uint64_t seed, const Without& without) {
    Business business{.seed = seed, .start = first_day(), .days = days_count};
    Diary diary{seed, without};
    for (int t = 0; t < days_count; ++t) diary.write(t);
    business.series = std::move(diary.series);
    auto stock = make_stock(seed, business.start, diary.orders);
    business.items = std::move(stock.items);
    business.stock_outs = std::move(stock.stock_outs);
    business.batches = arrivals_of(business);
    tell_the_rest(business, diary.days, without);
    business.truth = events_of(diary.days);
    business.shifts = shifts_of(diary.days);
    return business;
}

std::vector<Contrast> make_contrasts(std::uint64_t seed) {
    constexpr int young_days = 35;
    constexpr double missing_share = 0.40, bookings_a_week = 8;
    std::vector<Contrast> all{
        {"Five Weeks Bistro", "young", {"covers", "", "", {}}},
        {"Patchy Corner Shop", "patchy", {"orders", "", "", {}}},
        {"Eight Bookings Plumbing", "sparse", {"bookings", "", "", {}}},
    };
    Random young{seed, "young"}, patchy{seed, "patchy"}, sparse{seed, "sparse"};
    for (int t = 0; t < days_count; ++t) {
        const auto day = first_day() + t;
        const double guests = usual(covers_level, t) * exponential(young.normal(0.1)) / 3;
        const double orders = usual(visitors_level, t) * exponential(patchy.normal(0.15)) / 5;
        const bool missing = patchy.uniform() < missing_share;
        if (t >= days_count - young_days)
            all[0].series.values.push_back({day, decimal_of(guests, 0)});
        if (!missing) all[1].series.values.push_back({day, decimal_of(orders, 0)});
        all[2].series.values.push_back(
            {day, domain::Decimal::whole(sparse.poisson(bookings_a_week / 7))});
    }
    return all;
}

}  // namespace runtime::demo
