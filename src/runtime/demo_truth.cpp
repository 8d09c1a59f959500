#include "events/writer.hpp"
#include "src/runtime/demo_business.hpp"
#include "src/runtime/demo_hours.hpp"
#include "src/runtime/demo_levels.hpp"
#include "src/runtime/demo_plan.hpp"

#include <algorithm>

namespace runtime::demo {
namespace {

using events::Writer;
using enum Variable;

void put_structure(Writer& out) {
    out.key("structure").open().key("variables").open_list();
    for (int i = 0; i < variables_count; ++i) {
        const auto variable = static_cast<Variable>(i);
        out.open().key("name").text(name_of(variable));
        out.key("noise").number(noise_of(variable)).close();
    }
    out.close_list().key("arcs").open_list();
    for (const auto& arc : arcs()) {
        out.open().key("cause").text(name_of(arc.cause)).key("effect").text(name_of(arc.effect));
        out.key("lag").integer(arc.lag).key("coefficient").number(arc.coefficient).close();
    }
    out.close_list().key("interventions").open_list();
    for (const auto& one : interventions()) {
        out.open().key("on").text(name_of(one.on)).key("what").text(one.what);
        out.key("from").text(domain::to_text(one.from)).key("to").text(domain::to_text(one.to));
        out.key("amount").number(one.amount).close();
    }
    out.close_list().close();
}

void put_levels(Writer& out) {
    out.key("levels").open_list();
    for (const auto& level : {covers_level, reservations_level, visitors_level}) {
        out.open().key("metric").text(level.metric).key("mean").number(level.mean);
        out.key("growth_a_day").number(level.growth).key("week_from_sunday").open_list();
        for (const double weekday : level.shop_week ? shop_week : restaurant_week)
            out.number(weekday);
        out.close_list().key("season_peak_mid_july").number(level.season);
        out.key("december").number(level.december).close();
    }
    out.close_list();
}

/// From a day on and for good.
void put_shifts(Writer& out, const Business& business) {
    out.key("level_shifts").open_list();
    for (const auto& shift : business.shifts) {
        out.open().key("what").text(shift.what).key("began").text(domain::to_text(shift.began));
        out.key("from").text(domain::to_text(shift.from)).key("metric").text(shift.metric);
        out.key("factor").number(shift.factor).close();
    }
    out.close_list();
}

/// Elasticities, and points for the review: of what is held one log unit higher for ever.
void put_steady_effects(Writer& out) {
    out.key("steady_effects").open_list();
    for (const auto cause : {ads, staff}) {
        for (const auto effect : {sessions, reservations, covers, wait, review}) {
            out.open().key("cause").text(name_of(cause)).key("effect").text(name_of(effect));
            out.key("value").number(steady_effect(cause, effect)).close();
        }
    }
    out.close_list();
}

void put_events(Writer& out, const Business& business) {
    out.key("events").open_list();
    for (const auto& truth : business.truth) {
        out.open().key("from").text(domain::to_text(truth.from));
        out.key("to").text(domain::to_text(truth.to)).key("what").text(truth.what);
        out.key("began").text(domain::to_text(truth.began)).key("effects").open_list();
        for (const auto& effect : truth.effects) {
            out.open().key("metric").text(effect.metric).key("factor").number(effect.factor);
            out.key("must_be_found").boolean(effect.must_be_found).close();
        }
        out.close_list().close();
    }
    out.close_list();
}

void put_arrivals(Writer& out, const Business& business) {
    // They are recorded when the demo is loaded.
    out.key("lateness").text("order-only").key("batches").open_list();
    for (const auto& batch : business.batches) {
        out.open().key("name").text(batch.name);
        out.key("would_have_arrived").text(domain::to_text(batch.arrived));
        out.key("again").boolean(batch.again).close();
    }
    out.close_list().key("stock_outs").open_list();
    for (const auto& one : business.stock_outs) {
        out.open().key("item").text(one.item).key("from").text(domain::to_text(one.from));
        out.key("to").text(domain::to_text(one.to)).key("lost").integer(one.lost).close();
    }
    out.close_list();
}

void put_hours(Writer& out, const Business& business) {
    out.key("hourly").open_list();
    for (const auto& hours : hours_around_clock_changes(business)) {
        for (const auto change : clock_changes()) {
            out.open().key("metric").text(hours.metric).key("clock_change");
            out.text(domain::to_text(change)).key("from");
            out.text(domain::to_text(change + -days_around_clock_change)).key("to");
            out.text(domain::to_text(change + (days_around_clock_change - 1))).close();
        }
    }
    out.close_list();
}

void put_ending(Writer& out, const Ending& ending) {
    out.key("outcome").text(domain::goal::to_text(ending.outcome)).key("health").open_list();
    for (const auto& one : ending.health) {
        out.open().key("on").text(domain::to_text(one.on));
        out.key("to").text(domain::goal::to_text(one.to)).close();
    }
    out.close_list();
}

void put_goals(Writer& out, const Business& business) {
    out.key("goals").open_list();
    for (const auto& plan : plans_of(business)) {
        const auto ending = ending_of(business, plan);
        out.open().key("title").text(plan.title).key("metric").text(plan.measure.metric);
        out.key("direction").text(domain::goal::to_text(plan.measure.direction));
        out.key("target").text(plan.measure.target.text()).key("draft").boolean(!plan.active);
        out.key("readings").integer(ending.readings).key("within").integer(ending.within);
        out.key("final_value").text(ending.final_value.text());
        out.key("progress").number(ending.progress);
        // Nobody checks a draft in, so what its metric tells is all that is known of it.
        if (plan.active) put_ending(out, ending);
        out.close();
    }
    out.close_list();
}

void put_contrasts(Writer& out, const Business& business) {
    out.key("contrasts").open_list();
    for (const auto& one : make_contrasts(business.seed)) {
        const auto& values = one.series.values;
        out.open().key("name").text(one.name).key("metric").text(one.series.metric);
        out.key("from").text(domain::to_text(values.front().day));
        out.key("to").text(domain::to_text(values.back().day));
        out.key("days_told").integer(static_cast<std::int64_t>(values.size()));
        out.key("zero_days").integer(std::ranges::count(values, domain::Decimal{}, &Value::value));
        out.close();
    }
    out.close_list();
}

}  // namespace

std::string truth_json(const Business& business) {
    Writer out;
    out.open();
    put_structure(out);
    put_levels(out);
    put_shifts(out, business);
    put_steady_effects(out);
    put_events(out, business);
    put_arrivals(out, business);
    put_hours(out, business);
    put_goals(out, business);
    put_contrasts(out, business);
    return out.close().take();
}

}  // namespace runtime::demo
