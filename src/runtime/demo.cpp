#include "src/runtime/demo.hpp"

#include "commands/catalog.hpp"
#include "domain/base/business_day.hpp"
#include "src/runtime/demo_business.hpp"
#include "src/runtime/demo_hours.hpp"
#include "src/runtime/demo_levels.hpp"
#include "src/runtime/demo_loader.hpp"

namespace runtime {
namespace {

using demo::Loader;

constexpr std::string_view zone = "America/New_York";
constexpr int day_cutoff_minutes = 240;

std::string tenant_body(const std::string& name, const std::string& industry,
                        const std::string& email) {
    // The plan that keeps points long enough for two years of the past.
    return R"({"name":")" + name + R"(","country":"US","currency":"USD","time_zone":")" +
           std::string{zone} + R"(","industry":")" + industry +
           R"(","plan_tier":"enterprise","owner":{"email":")" + email +
           R"(","display_name":"Demo Owner"}})";
}

void load_people(Loader& loader) {
    namespace user = commands::user;
    loader.run("register", commands::tenant::register_tenant,
               tenant_body("Harbor Table & Goods", "722511", "owner@demo.example"));
    loader.run("manager", user::register_user,
               R"({"email":"manager@demo.example","display_name":"Demo Manager",)"
               R"("role":"manager"})");
    loader.run("staff", user::register_user,
               R"({"email":"staff@demo.example","display_name":"Demo Cook","role":"staff"})");
}

struct DemoMetric {
    std::string_view key, name, unit, more;
};
constexpr DemoMetric metrics[]{
    {"covers", "Covers", "count", R"("gap_policy":"zero","minimum":0)"},
    {"restaurant_revenue", "Restaurant revenue", "USD", R"("precision":2)"},
    {"covers_hourly", "Covers by the hour", "count", R"("minimum":0)"},
    {"restaurant_revenue_hourly", "Restaurant revenue by the hour", "USD", R"("precision":2)"},
    {"reservations", "Reservations", "count", R"("minimum":0)"},
    {"wait_minutes", "Wait for a table", "min",
     R"("aggregation":"mean","additivity":"none","good_direction":"down","precision":1)"},
    {"review_score", "Review score", "points",
     R"("aggregation":"mean","additivity":"none","precision":2,"minimum":1,"maximum":5)"},
    {"patio_share", "Guests on the patio", "ratio",
     R"("aggregation":"mean","additivity":"none","good_direction":"neutral","precision":4)"},
    {"iced_drinks", "Iced drinks", "count", R"("minimum":0)"},
    {"food_cost", "Food cost", "USD", R"("good_direction":"down","precision":2)"},
    {"labour_hours", "Hours rostered", "h", R"("good_direction":"neutral","precision":1)"},
    {"labour_hours_required", "Hours required", "h", R"("good_direction":"neutral","precision":1)"},
    {"labour_cost", "Labour cost", "USD", R"("good_direction":"down","precision":2)"},
    {"supplier_index", "Supplier's prices", "ratio",
     R"("aggregation":"mean","additivity":"none","good_direction":"down","precision":4)"},
    {"shop_visitors", "Shop visitors", "count", R"("minimum":0)"},
    {"shop_orders", "Shop orders", "count", R"("minimum":0)"},
    {"shop_revenue", "Shop revenue", "USD", R"("precision":2)"},
    {"shop_promotion", "Days with a promotion", "count", R"("good_direction":"neutral")"},
    {"item_sales", "Sold of an item", "count",
     R"("gap_policy":"zero","minimum":0,"dimensions":["item"])"},
    {"item_stock", "Left of an item", "count",
     R"("aggregation":"last","additivity":"not_over_time","gap_policy":"carry","minimum":0,)"
     R"("good_direction":"neutral","dimensions":["item"])"},
    {"ad_spend", "Spent on ads", "USD", R"("good_direction":"neutral","precision":2)"},
    {"web_sessions", "Web sessions", "count", R"("minimum":0)"},
    {"social_followers", "Followers", "count",
     R"("aggregation":"last","additivity":"not_over_time","gap_policy":"carry")"},
    {"festival", "Festival days", "count", R"("good_direction":"neutral")"},
    {"rain", "Rain", "mm", R"("good_direction":"neutral","precision":1,"minimum":0)"},
    {"temperature", "Temperature", "celsius",
     R"("aggregation":"mean","additivity":"none","good_direction":"neutral","precision":1)"},
    {"total_revenue", "Revenue", "USD",
     R"("kind":"derived","formula":"restaurant_revenue + shop_revenue","precision":2)"},
    {"average_check", "Average check", "USD/count",
     R"("kind":"ratio","formula":"restaurant_revenue / covers","precision":2)"},
    {"shop_conversion", "Shop conversion", "ratio",
     R"("kind":"ratio","formula":"shop_orders / shop_visitors","precision":4)"},
    {"food_cost_share", "Food cost of sales", "ratio",
     R"("kind":"ratio","formula":"food_cost / restaurant_revenue","good_direction":"down",)"
     R"("precision":4)"},
    {"labour_share", "Labour cost of sales", "ratio",
     R"("kind":"ratio","formula":"labour_cost / restaurant_revenue","good_direction":"down",)"
     R"("precision":4)"},
    {"prime_cost_share", "Food and labour of sales", "ratio",
     R"("kind":"ratio","formula":"(food_cost + labour_cost) / restaurant_revenue",)"
     R"("good_direction":"down","precision":4)"},
};

void define(Loader& loader, const DemoMetric& metric) {
    loader.run("metric " + std::string{metric.key}, commands::metric::define,
               R"({"key":")" + std::string{metric.key} + R"(","name":")" +
                   std::string{metric.name} + R"(","unit":")" + std::string{metric.unit} + "\"," +
                   std::string{metric.more} + "}");
}

/// The list of points, comma by comma.
class Points {
public:
    void add(const std::string& at, const domain::Decimal& value) {
        if (!text_.empty()) text_ += ',';
        text_ += "[\"" + at + "\",\"" + value.text() + "\"]";
    }
    /// All of them as one series of a batch's body.
    std::string series(const std::string& metric, const std::string& location,
                       const std::string& item = {}) const {
        const auto place = location.empty() ? "" : R"("location":")" + location + "\",";
        const auto which = item.empty() ? "" : R"("dimensions":{"item":")" + item + "\"},";
        return R"({"metric":")" + metric + "\"," + place + which + R"("points":[)" + text_ + "]}";
    }

private:
    std::string text_;
};

void load_points(Loader& loader, const std::string& name, const std::string& series) {
    loader.run("points " + name, commands::metric_batch::ingest, R"({"series":[)" + series + "]}");
}

/// What comes again has new ids, so it stands a second after the first.
std::string moment_of(domain::Date day, bool again, domain::BusinessDays& days) {
    if (!again) return domain::to_text(day);
    return domain::to_text(domain::Instant{days.start_of(day).micros + domain::second_micros});
}

void load_batch(Loader& loader, const demo::Batch& batch, domain::BusinessDays& days) {
    std::string series;
    for (const auto& one : batch.series) {
        Points points;
        for (const auto& [day, value] : one.values)
            points.add(moment_of(day, batch.again, days), value);
        series += (series.empty() ? "" : ",") + points.series(one.metric, one.location, one.item);
    }
    load_points(loader, batch.name, series);
}

/// Six refunds of the shop; nobody un-eats a dinner, so the same of covers is rejected.
void load_refunds(Loader& loader) {
    Points sales, covers;
    for (const auto day : demo::refund_days()) {
        const auto at = domain::to_text(day) + "T20:30:00Z";
        sales.add(at, demo::decimal_of(-demo::refund, 2));
        covers.add(at, domain::Decimal::whole(-1));
    }
    loader.run("refunds", commands::metric_batch::ingest,
               R"({"series":[)" + sales.series("shop_revenue", "shop") + "," +
                   covers.series("covers", "restaurant") + "]}");
}

void load_metrics(Loader& loader, const demo::Business& business) {
    loader.run("restaurant", commands::location::put, R"({"name":"Restaurant"})",
               {{"location", "restaurant"}});
    loader.run("shop", commands::location::put, R"({"name":"Shop"})", {{"location", "shop"}});
    for (const auto& metric : metrics) define(loader, metric);
    for (const auto day : demo::closed_days()) {
        const auto on = domain::to_text(day);
        loader.run("closed " + on, commands::closure::plan,
                   R"({"from":")" + on + R"(","reason":"Holiday"})");
    }
    loader.run("slow tables", commands::alert_rule::set,
               R"({"name":"Guests wait too long","metric":"wait_minutes","comparison":"above",)"
               R"("threshold":"18","grain":"week","severity":"critical"})");
    if (auto days = domain::BusinessDays::in(zone, day_cutoff_minutes)) {
        for (const auto& batch : business.batches) load_batch(loader, batch, *days);
    }
    for (const auto& hours : demo::hours_around_clock_changes(business)) {
        Points points;
        for (const auto& [at, value] : hours.values) points.add(domain::to_text(at), value);
        load_points(loader, hours.metric, points.series(hours.metric, hours.location));
    }
    load_refunds(loader);
}

/// Small tenants of which most methods have too few numbers. The first refusal ends it.
std::optional<domain::Refusal> load_contrasts(App& app) {
    for (const auto& contrast : demo::make_contrasts(demo::golden_seed)) {
        Loader loader{app, contrast.slug + " "};
        loader.run("register", commands::tenant::register_tenant,
                   tenant_body(contrast.name, "", contrast.slug + "@demo.example"));
        define(loader, {contrast.series.metric, contrast.series.metric, "count", R"("minimum":0)"});
        Points points;
        for (const auto& [day, value] : contrast.series.values)
            points.add(domain::to_text(day), value);
        load_points(loader, contrast.series.metric, points.series(contrast.series.metric, ""));
        if (loader.refusal) return std::move(loader.refusal);
    }
    return std::nullopt;
}

}  // namespace

domain::Result<DemoTenant> load_demo(App& app) {
    Loader loader{app, ""};
    const auto business = demo::make_business(demo::golden_seed);
    load_people(loader);
    load_metrics(loader, business);
    load_goals(loader, business);
    if (loader.refusal) return std::unexpected(*std::move(loader.refusal));
    if (auto refusal = load_contrasts(app)) return std::unexpected(*std::move(refusal));
    return loader.demo;
}

}  // namespace runtime
