#include "commands/catalog.hpp"
#include "events/writer.hpp"
#include "src/runtime/demo_loader.hpp"
#include "src/runtime/demo_plan.hpp"

namespace runtime::demo {
namespace {

using domain::Date;
namespace goal = commands::goal;

std::string day(Date today, int offset) { return domain::to_text(today + offset); }

std::string body_of(const Plan& plan) {
    const auto& measure = plan.measure;
    events::Writer body;
    body.open().key("title").text(plan.title).key("specific").open();
    body.key("description").text(plan.description).key("focus_area").text(plan.focus_area).close();
    body.key("measurable").open().key("metric").text(measure.metric);
    body.key("unit").text(measure.unit);
    body.key("direction").text(domain::goal::to_text(measure.direction));
    body.key("baseline").text(measure.baseline.text());
    body.key("target_value").text(measure.target.text());
    if (measure.low) body.key("low").text(measure.low->text());
    if (measure.high) body.key("high").text(measure.high->text());
    body.close().key("time_bound").open();
    body.key("start_date").text(domain::to_text(plan.timeframe.start));
    body.key("target_date").text(domain::to_text(plan.timeframe.due));
    body.key("cadence").text(domain::goal::to_text(plan.timeframe.cadence)).close();
    return body.close().take();
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

/// Study is nothing that a till tells, so people say it week by week.
void load_learning(Loader& loader) {
    const auto today = loader.today;
    const auto id = domain::to_text(loader.run(
        "learning", goal::draft,
        R"({"title":"Three study days a week","specific":{"description":"Half an hour on numbers, )"
        R"(suppliers or people.","focus_area":"learning"},"measurable":{"metric":"study_days",)"
        R"("direction":"stay_above","baseline":"0","target_value":"3","unit":"count"},)"
        R"("time_bound":{"start_date":")" +
            day(today, -28) + R"(","target_date":")" + day(today, 62) +
            R"(","cadence":"weekly"}})"));
    loader.run("learning active", goal::activate, "{}", {{"goal", id}});
    constexpr std::string_view days_by_week[]{"3", "4", "2", "3"};
    int ends = -28;
    for (const auto days : days_by_week) {
        ends += 7;
        loader.run(
            "learning " + std::to_string(ends), goal::check_in,
            R"({"as_of":")" + day(today, ends) + R"(","value":")" + std::string{days} + "\"}",
            {{"goal", id}});
    }
}

/// What its metric would have checked in at the time; the last reading is left to the clock.
void check_in(Loader& loader, const Business& business, const Plan& plan, const std::string& id) {
    auto readings = readings_of(business, plan);
    readings.pop_back();
    for (const auto& [as_of, value] : readings) {
        const auto on = domain::to_text(as_of);
        loader.acting_on = as_of + 1;
        loader.run("reading " + plan.measure.metric + " " + on, goal::check_in_by_metric,
                   R"({"as_of":")" + on + R"(","value":")" + value.text() + "\"}", {{"goal", id}});
    }
}

void load_by_metrics(Loader& loader, const Business& business) {
    for (const auto& plan : plans_of(business)) {
        loader.acting_on = plan.timeframe.start + 1;
        const auto& metric = plan.measure.metric;
        const auto id = domain::to_text(loader.run("goal " + metric, goal::draft, body_of(plan)));
        if (!plan.active) continue;
        loader.run("goal active " + metric, goal::activate, "{}", {{"goal", id}});
        // Names in notes, so that somebody's erasure has something to find.
        if (metric == "labour_share")
            loader.run("labour note", goal::check_in,
                       R"({"as_of":"2025-01-02","confidence":7,"notes":"Dana Whitlock took the )"
                       R"(Friday shift of Luis Ortega; Priya Nair is off until Monday."})",
                       {{"goal", id}});
        check_in(loader, business, plan, id);
    }
    loader.acting_on = loader.today;
}

}  // namespace

void load_goals(Loader& loader, const Business& business) {
    load_by_hand(loader);
    load_learning(loader);
    load_by_metrics(loader, business);
    loader.run("terrace", goal::draft,
               R"({"title":"Open the terrace","specific":{"description":"Permit, furniture, )"
               R"(a second till.","focus_area":"growth"}})");
}

}  // namespace runtime::demo
