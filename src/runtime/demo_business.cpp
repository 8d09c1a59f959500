#include "src/runtime/demo_business.hpp"

#include "src/runtime/demo_arrival.hpp"
#include "src/runtime/demo_levels.hpp"
#include "src/runtime/demo_random.hpp"
#include "src/runtime/demo_stock.hpp"

#include <algorithm>
#include <cmath>

namespace runtime::demo {
namespace {

using domain::Date;
using enum Variable;

/// Writes the values of one day after the other into their series.
class Ledger {
public:
    explicit Ledger(std::vector<Series>& series) : series_{series} {}

    Date today;

    void put(std::string_view metric, std::string_view location, double value, int decimals) {
        series_of(metric, location).values.push_back({today, decimal_of(value, decimals)});
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

/// Guests who really came, and what the till tells of them.
struct Share {
    double guests = 1, till = 1;
};
Share happened(Date date) {
    for (const auto& one : happenings()) {
        if (one.from <= date && date <= one.to) return {one.guests, one.till};
    }
    return {};
}

/// One day after the other, of both places.
class Diary {
public:
    Diary(std::uint64_t seed, std::vector<Series>& series) : model_{seed}, ledger_{series} {}

    std::vector<int> orders;  ///< of the shop, by day

    void write(int t) {
        t_ = t;
        ledger_.today = first_day() + t;
        open_ = !is_closed(ledger_.today);
        restaurant();
        shop();
        people_outside();
        weather();
    }

private:
    double factor(Variable variable) const { return exponential(model_.at(variable, t_)); }
    double usual_if_open(const Level& level) const { return open_ ? usual(level, t_) : 0; }

    void restaurant() {
        const auto date = ledger_.today;
        const auto share = happened(date);
        const double guests =
            std::round(usual_if_open(covers_level) * share.guests * factor(covers));
        const double bill =
            check_mean * (date >= price_rise_day() ? check_rise : 1) * factor(check);
        ledger_.put("covers", "restaurant", guests * share.till, 0);
        ledger_.put("restaurant_revenue", "restaurant", guests * share.till * bill, 2);
        ledger_.put("reservations", "restaurant",
                    usual_if_open(reservations_level) * share.till * factor(reservations), 0);
        costs(guests, bill);
        if (!open_) return;
        ledger_.put("wait_minutes", "restaurant", wait_mean * factor(wait), 1);
        ledger_.put("review_score", "restaurant",
                    std::clamp(review_mean + model_.at(review, t_), 1.0, 5.0), 2);
        ledger_.put("patio_share", "restaurant", std::min(1.0, patio_mean * factor(patio)), 4);
    }

    /// Costs follow the guests, whatever the till tells.
    void costs(double guests, double bill) {
        const double pay = wage * (ledger_.today >= wage_rise_day() ? wage_rise : 1);
        const double required = open_ ? hours_a_day + hours_a_cover * guests : 0;
        const double rostered = required * factor(staff);
        ledger_.put("supplier_index", "restaurant", factor(supplier), 4);
        ledger_.put("food_cost", "restaurant", guests * bill * food_share * factor(food), 2);
        ledger_.put("labour_hours_required", "restaurant", required, 1);
        ledger_.put("labour_hours", "restaurant", rostered, 1);
        ledger_.put("labour_cost", "restaurant", open_ ? rostered * pay + salaries_a_day : 0, 2);
        ledger_.put("iced_drinks", "restaurant", open_ ? iced_mean * factor(iced) : 0, 0);
    }

    void shop() {
        const double visited = std::round(usual_if_open(visitors_level) * factor(visitors));
        const double bought = std::round(visited * conversion_mean * factor(conversion));
        orders.push_back(static_cast<int>(bought));
        ledger_.put("shop_visitors", "shop", visited, 0);
        ledger_.put("shop_orders", "shop", bought, 0);
        ledger_.put("shop_revenue", "shop", bought * order_mean * factor(order), 2);
        ledger_.put("shop_promotion", "shop", model_.at(promo, t_), 0);
    }

    void people_outside() {
        ledger_.put("ad_spend", "", ads_mean * factor(ads), 2);
        ledger_.put("web_sessions", "", sessions_mean * factor(sessions), 0);
        ledger_.put("social_followers", "", followers_start + model_.at(followers, t_), 0);
        ledger_.put("festival", "", model_.at(event, t_), 0);
    }

    void weather() {
        ledger_.put("rain", "", model_.rain_millimetres(t_), 1);
        ledger_.put("temperature", "", temperature_mean + 10 * model_.at(warmth, t_), 1);
    }

    Deviations model_;
    Ledger ledger_;
    int t_{};
    bool open_{};
};

/// Rain of which many stay at home.
constexpr double downpour_millimetres = 20;

Truth truth_of(Date from, Date to, std::string_view what, std::vector<Effect> effects) {
    const auto sales = std::ranges::find(effects, "restaurant_revenue", &Effect::metric);
    const bool must = sales != effects.end() && sales->must_be_found;
    return {from, to, std::string{what}, must, std::move(effects)};
}

/// Hours have a part that does not follow guests.
double hours_factor(double guests) {
    return (hours_a_day + hours_a_cover * guests * covers_level.mean) /
           (hours_a_day + hours_a_cover * covers_level.mean);
}

std::vector<Effect> effects_of(const Happening& one) {
    const bool must = one.must_be_found;
    const double told = one.guests * one.till;
    std::vector<Effect> effects{{"covers", told, must}, {"restaurant_revenue", told, must}};
    if (one.till != 1) effects.push_back({"reservations", one.till, must});
    if (one.guests == 1) return effects;
    const double hours = hours_factor(one.guests);
    const double labour = hours * wage * (hours_a_day + hours_a_cover * covers_level.mean);
    const double usually = wage * (hours_a_day + hours_a_cover * covers_level.mean);
    effects.push_back({"food_cost", one.guests, must});
    effects.push_back({"labour_hours_required", hours, must});
    // The roster varies so much by itself that no single day of these stands out.
    effects.push_back({"labour_hours", hours, false});
    effects.push_back(
        {"labour_cost", (labour + salaries_a_day) / (usually + salaries_a_day), false});
    return effects;
}

/// Days that the owner knows to be other than others: who is told of them is told nothing wrong.
void put_known_days(Business& business) {
    struct Known {
        std::string_view metric, what;
        double from{};      ///< the value that makes a day one of them
        double guests = 1;  ///< factors on who comes, and on what the shop sells
        double visitors = 1, orders = 1;
    };
    static const std::array all{
        Known{"festival", "festival", 1, exponential(0.12), exponential(0.03), exponential(0.03)},
        Known{"shop_promotion", "promotion", 1, 1, 1, exponential(0.18)},
        Known{"rain", "downpour", downpour_millimetres, exponential(-0.16), exponential(-0.28),
              exponential(-0.28)},
    };
    for (const auto& known : all) {
        const auto days = std::ranges::find(business.series, known.metric, &Series::metric);
        for (const auto& [day, value] : days->values) {
            if (value.approximate() < known.from) continue;
            std::vector<Effect> effects;
            for (const auto* metric : {"covers", "restaurant_revenue", "food_cost"}) {
                if (known.guests != 1) effects.push_back({metric, known.guests, false});
            }
            if (known.visitors != 1) effects.push_back({"shop_visitors", known.visitors, false});
            for (const auto* metric : {"shop_orders", "shop_revenue"})
                effects.push_back({metric, known.orders, false});
            business.truth.push_back(truth_of(day, day, known.what, std::move(effects)));
        }
    }
}

void put_events(Business& business) {
    auto& truth = business.truth;
    for (const auto& one : happenings())
        truth.push_back(truth_of(one.from, one.to, one.what, effects_of(one)));
    truth.push_back(truth_of(
        double_day(), double_day(), "double",
        {{"covers", 2, true}, {"restaurant_revenue", 2, true}, {"reservations", 2, true}}));
    for (const auto& one : gaps()) truth.push_back(truth_of(one.from, one.to, "missing", {}));
    for (const auto on : closed_days()) truth.push_back(truth_of(on, on, "closed", {}));
    for (const auto& one : interventions()) {
        if (one.what == "oven")
            truth.push_back(truth_of(one.from, one.to, one.what,
                                     {{"wait_minutes", exponential(one.amount), true}}));
    }
    put_known_days(business);
}

}  // namespace

Business make_business(std::uint64_t seed) {
    Business business{first_day(), days_count, {}, {}, {}, {}, {}};
    Diary diary{seed, business.series};
    for (int t = 0; t < days_count; ++t) diary.write(t);
    auto stock = make_stock(seed, business.start, diary.orders);
    business.items = std::move(stock.items);
    business.stock_outs = std::move(stock.stock_outs);
    put_events(business);
    business.batches = arrivals_of(business);
    count_twice(business.series);
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
