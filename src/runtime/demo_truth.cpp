#include "events/writer.hpp"
#include "src/runtime/demo_business.hpp"
#include "src/runtime/demo_levels.hpp"

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

void put_shift(Writer& out, domain::Date from, std::string_view metric, double factor) {
    out.open().key("from").text(domain::to_text(from)).key("metric").text(metric);
    out.key("factor").number(factor).close();
}

/// From a day on and for good. Food follows the supplier's price after three days.
void put_shifts(Writer& out) {
    constexpr double food_cost_factor = 1.1229;  // 1.18 to the power of 0.7
    constexpr double covers_factor = 0.977;      // exp(-0.0233)
    constexpr int food_lag_days = 3;
    out.key("level_shifts").open_list();
    put_shift(out, wage_rise_day(), "labour_cost", wage_rise);
    put_shift(out, price_rise_day(), "restaurant_revenue", check_rise);
    put_shift(out, price_rise_day(), "covers", covers_factor);
    for (const auto& one : interventions()) {
        if (one.on != supplier) continue;
        put_shift(out, one.from, "supplier_index", 1.18);
        put_shift(out, one.from + food_lag_days, "food_cost", food_cost_factor);
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
        out.key("effects").open_list();
        for (const auto& effect : truth.effects) {
            out.open().key("metric").text(effect.metric).key("factor").number(effect.factor);
            out.key("must_be_found").boolean(effect.must_be_found).close();
        }
        out.close_list().close();
    }
    out.close_list();
}

void put_arrivals(Writer& out, const Business& business) {
    out.key("batches").open_list();
    for (const auto& batch : business.batches) {
        out.open().key("name").text(batch.name);
        out.key("arrived").text(domain::to_text(batch.arrived));
        out.key("again").boolean(batch.again).close();
    }
    out.close_list().key("stock_outs").open_list();
    for (const auto& one : business.stock_outs) {
        out.open().key("item").text(one.item).key("from").text(domain::to_text(one.from));
        out.key("to").text(domain::to_text(one.to)).key("lost").integer(one.lost).close();
    }
    out.close_list();
}

}  // namespace

std::string truth_json(const Business& business) {
    Writer out;
    out.open();
    put_structure(out);
    put_levels(out);
    put_shifts(out);
    put_steady_effects(out);
    put_events(out, business);
    put_arrivals(out, business);
    return out.close().take();
}

}  // namespace runtime::demo
