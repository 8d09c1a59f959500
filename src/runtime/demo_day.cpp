#include "src/runtime/demo_day.hpp"

#include "src/runtime/demo_random.hpp"

#include <algorithm>
#include <cmath>

namespace runtime::demo {
namespace {

using enum Variable;

/// One day of both places.
class Page {
public:
    explicit Page(const Circumstances& day) : day_{day} {}

    std::vector<Measure> measures;

    void restaurant() {
        const double guests = heads(if_open(day_.covers) * day_.guests * factor(covers));
        const double bill = check_mean * day_.check * factor(check);
        put("covers", "restaurant", guests * day_.till, 0);
        put("restaurant_revenue", "restaurant", guests * day_.till * bill, 2);
        put("reservations", "restaurant",
            if_open(day_.reservations) * day_.till * factor(reservations), 0);
        costs(guests, bill);
        if (!day_.open) return;
        put("wait_minutes", "restaurant", wait_mean * factor(wait), 1);
        put("review_score", "restaurant", std::clamp(review_mean + z(review), 1.0, 5.0), 2);
        put("patio_share", "restaurant", std::min(1.0, patio_mean * factor(patio)), 4);
    }

    void shop() {
        const double visited = heads(if_open(day_.visitors) * factor(visitors));
        const double bought = heads(visited * conversion_mean * factor(conversion));
        put("shop_visitors", "shop", visited, 0);
        put("shop_orders", "shop", bought, 0);
        put("shop_revenue", "shop", bought * order_mean * factor(order) - day_.refunded, 2);
        put("shop_promotion", "shop", z(promo), 0);
    }

    void people_outside() {
        put("ad_spend", "", ads_mean * factor(ads), 2);
        put("web_sessions", "", sessions_mean * factor(sessions), 0);
        put("social_followers", "", followers_start + z(followers), 0);
        put("festival", "", z(event), 0);
    }

    void weather() {
        put("rain", "", day_.millimetres, 1);
        put("temperature", "", temperature_mean + 10 * z(warmth), 1);
    }

private:
    /// Costs follow the guests, whatever the till tells.
    void costs(double guests, double bill) {
        const double required = if_open(hours_a_day + hours_a_cover * guests);
        const double rostered = required * factor(staff);
        put("supplier_index", "restaurant", factor(supplier), 4);
        put("food_cost", "restaurant", guests * bill * food_share * factor(food), 2);
        put("labour_hours_required", "restaurant", required, 1);
        put("labour_hours", "restaurant", rostered, 1);
        put("labour_cost", "restaurant", if_open(rostered * wage * day_.pay + salaries_a_day), 2);
        put("iced_drinks", "restaurant", if_open(iced_mean * factor(iced)), 0);
    }

    double z(Variable variable) const { return day_.z[index(variable)]; }
    double factor(Variable variable) const { return exponential(z(variable)); }
    double if_open(double value) const { return day_.open ? value : 0; }
    double heads(double value) const { return day_.in_heads ? std::round(value) : value; }
    void put(std::string_view metric, std::string_view location, double value, int decimals) {
        measures.push_back({metric, location, value, decimals});
    }

    const Circumstances& day_;
};

}  // namespace

std::vector<Measure> measures_of(const Circumstances& day) {
    Page page{day};
    page.restaurant();
    page.shop();
    page.people_outside();
    page.weather();
    return std::move(page.measures);
}

}  // namespace runtime::demo
