#include "commands/catalog.hpp"
#include "src/runtime/demo_levels.hpp"
#include "src/runtime/demo_loader.hpp"

#include <algorithm>

namespace runtime::demo {
namespace {

using domain::Date;
namespace goal = commands::goal;

std::string day(Date today, int offset) { return domain::to_text(today + offset); }

/// A goal of 2025, month by month, that its metric checks in.
struct Measured {
    std::string title, description, focus_area;
    std::string metric, unit;
    std::string limits;  ///< direction, baseline and target, as members of the body
};

std::string body_of(const Measured& one) {
    return R"({"title":")" + one.title + R"(","specific":{"description":")" + one.description +
           R"(","focus_area":")" + one.focus_area + R"("},"measurable":{"metric":")" + one.metric +
           R"(","unit":")" + one.unit + "\"," + one.limits +
           R"(},"time_bound":{"start_date":"2025-01-01","target_date":"2025-12-31",)"
           R"("cadence":"monthly"}})";
}

/// The whole business' sales in a month, `2024-12`.
domain::Decimal sales_in(const Business& business, std::string_view month) {
    std::int64_t cents = 0;
    for (const auto& series : business.series) {
        if (series.metric != "restaurant_revenue" && series.metric != "shop_revenue") continue;
        for (const auto& [on, value] : series.values) {
            if (domain::to_text(on).starts_with(month)) cents += value.units();
        }
    }
    return decimal_of(static_cast<double>(cents) / 100, 2);
}

void load_by_hand(Loader& loader) {
    const auto today = loader.today;
    const auto id = domain::to_text(loader.run(
        "regulars", goal::draft,
        R"({"title":"More regulars","specific":{"description":"Turn one-time guests into )"
        R"(regulars with a loyalty card.","focus_area":"sales"},"measurable":{"metric":)"
        R"("regular_guests","direction":"increase","baseline":"120","target_value":"200",)"
        R"("unit":"count"},"achievable":{"feasibility_score":7,"reasoning":"The card costs )"
        R"(little."},"relevant":{"business_impact":"Regulars spend twice as much."},)"
        R"("time_bound":{"start_date":")" +
            day(today, -60) + R"(","target_date":")" + day(today, 120) +
            R"(","milestones":[{"title":"150 regulars","due":")" + day(today, 30) +
            R"(","target":"150"}]}})"));
    loader.run("regulars active", goal::activate, "{}", {{"goal", id}});
    loader.run("regulars 1", goal::check_in,
               R"({"as_of":")" + day(today, -40) +
                   R"(","value":"131","confidence":8,"notes":"The card is popular at lunch."})",
               {{"goal", id}});
    loader.run("regulars 2", goal::check_in,
               R"({"as_of":")" + day(today, -3) +
                   R"(","value":"149","confidence":8,"notes":"Evening guests follow slowly."})",
               {{"goal", id}});
    loader.run("regulars item", commands::action_item::add,
               R"({"title":"Print evening cards","due":")" + day(today, 10) + R"("})",
               {{"goal", id}});
}

void load_by_metrics(Loader& loader, const Business& business) {
    const auto sales = sales_in(business, "2024-12");
    constexpr double wanted = 1.08;
    const Measured goals[]{
        {"Sales 8 % above last year", "End December 8 % above the December before.", "sales",
         "total_revenue", "USD",
         R"("direction":"increase","baseline":")" + sales.text() + R"(","target_value":")" +
             decimal_of(wanted * sales.approximate(), 2).text() + "\""},
        {"Food cost at most 30 %", "Weigh portions and order twice a week to cut waste.", "cost",
         "food_cost_share", "ratio",
         R"("direction":"stay_below","baseline":"0.30","target_value":"0.30")"},
        {"Labour between 28 and 34 %", "Plan shifts by expected covers.", "cost", "labour_share",
         "ratio",
         R"("direction":"stay_within","baseline":"0.34","target_value":"0.31","low":"0.28",)"
         R"("high":"0.34")"},
        {"Reviews of 4.4 and better", "Seat guests in time and ask them for a word.", "quality",
         "review_score", "points",
         R"("direction":"stay_above","baseline":"4.35","target_value":"4.40")"},
    };
    std::string id;
    for (const auto& one : goals) {
        id = domain::to_text(loader.run("goal " + one.metric, goal::draft, body_of(one)));
        loader.run("goal active " + one.metric, goal::activate, "{}", {{"goal", id}});
        if (one.metric != "labour_share") continue;
        // Names in notes, so that somebody's erasure has something to find.
        loader.run("labour note", goal::check_in,
                   R"({"as_of":"2025-01-02","value":"0.33","confidence":7,"notes":"Dana Whitlock )"
                   R"(took the Friday shift of Luis Ortega; Priya Nair is off until Monday."})",
                   {{"goal", id}});
    }
}

}  // namespace

void load_goals(Loader& loader, const Business& business) {
    load_by_hand(loader);
    loader.acting_on = domain::date_from("2025-01-02").value_or(loader.today);
    load_by_metrics(loader, business);
    loader.acting_on = loader.today;
    loader.run("terrace", goal::draft,
               R"({"title":"Open the terrace","specific":{"description":"Permit, furniture, )"
               R"(a second till.","focus_area":"growth"}})");
    loader.run("conversion", goal::draft,
               R"({"title":"Every fourth visitor buys","specific":{"description":"From 24 to )"
               R"(26 % without more promotions.","focus_area":"sales"}})");
}

}  // namespace runtime::demo
