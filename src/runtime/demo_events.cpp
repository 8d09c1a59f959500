#include "src/runtime/demo_events.hpp"

#include "src/runtime/demo_random.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace runtime::demo {
namespace {

using domain::Date;
using enum Variable;
using Days = std::vector<Circumstances>;

/// Less than this is not worth a word.
constexpr double effect_min = 0.002;
/// Beside a metric's own variation this is the limit of what single days can tell: so large is the
/// loss of 2025-08-23, which is at most a notice.
constexpr double must_be_found_from = 3.5;
/// How long what followed from the oven is told: reviews recover, reservations fall a week later.
constexpr int aftermath_days = 12;

/// The circumstances of a day, had something not happened.
using Undo = std::function<void(Circumstances& day, Date date)>;

/// What is told of some days, and what would have been.
struct Sums {
    double told{}, without{};
    double factor() const { return told / without; }
};
using Ledger = std::map<std::string, Sums, std::less<>>;

const Circumstances& of(const Days& days, Date date) {
    return days[static_cast<std::size_t>(date - first_day())];
}

/// Promotions, festivals and weather are causes here and have no effect on themselves.
bool is_cause(std::string_view metric) {
    return metric == "shop_promotion" || metric == "festival" || metric == "rain";
}

/// Open days have the same measures in the same order.
void add(std::vector<Measure>& sums, std::vector<Measure> day) {
    if (sums.empty()) return sums.swap(day);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i].value += day[i].value;
}

void add_derived(Ledger& ledger) {
    const auto both = [&](std::string_view a, std::string_view b) {
        const auto &one = ledger.find(a)->second, &other = ledger.find(b)->second;
        return Sums{one.told + other.told, one.without + other.without};
    };
    const auto share = [](const Sums& part, const Sums& whole) {
        return Sums{part.told / whole.told, part.without / whole.without};
    };
    const auto sales = ledger["restaurant_revenue"];
    ledger["total_revenue"] = both("restaurant_revenue", "shop_revenue");
    ledger["average_check"] = share(sales, ledger["covers"]);
    ledger["shop_conversion"] = share(ledger["shop_orders"], ledger["shop_visitors"]);
    ledger["food_cost_share"] = share(ledger["food_cost"], sales);
    ledger["labour_share"] = share(ledger["labour_cost"], sales);
    ledger["prime_cost_share"] = share(both("food_cost", "labour_cost"), sales);
}

/// Over the open days in it, which both ends are.
Ledger compare(const Days& days, Date from, Date to, const Undo& undo) {
    std::vector<Measure> told, without;
    for (auto date = from; date <= to; date = date + 1) {
        auto day = of(days, date);
        if (!day.open) continue;
        day.in_heads = false;
        add(told, measures_of(day));
        undo(day, date);
        add(without, measures_of(day));
    }
    Ledger ledger;
    for (std::size_t i = 0; i < told.size(); ++i) {
        if (!is_cause(told[i].metric))
            ledger[std::string{told[i].metric}] = {told[i].value, without[i].value};
    }
    if (!ledger.empty()) add_derived(ledger);
    return ledger;
}

/// A share of nothing has no factor.
bool is_effect(const Sums& sums) {
    return std::isfinite(sums.factor()) && std::abs(sums.factor() - 1) >= effect_min;
}

/// Takes off what a push of so many days does to every variable.
Undo undo_push(Variable on, Date from, int pushed, int days, double amount) {
    return [from, response = response_to(on, amount, pushed, days)](Circumstances& day, Date date) {
        const auto& gone = response[static_cast<std::size_t>(date - from)];
        for (std::size_t i = 0; i < gone.size(); ++i) day.z[i] -= gone[i];
    };
}

using Noises = std::map<std::string, double, std::less<>>;

/// How much each metric varies from day to day by the noise of the structure alone: a standard
/// deviation of logarithms, on a usual day.
Noises structural_noises() {
    constexpr int days_to_fade = 40;
    Circumstances usually{.covers = covers_level.mean,
                          .reservations = reservations_level.mean,
                          .visitors = visitors_level.mean,
                          .in_heads = false};
    const auto usual_measures = measures_of(usually);
    Noises variances;
    for (int i = 0; i < variables_count; ++i) {
        const auto source = static_cast<Variable>(i);
        for (const auto& z : response_to(source, noise_of(source), 1, days_to_fade)) {
            usually.z = z;
            const auto moved = measures_of(usually);
            for (std::size_t m = 0; m < moved.size(); ++m) {
                if (is_cause(moved[m].metric) || moved[m].value == usual_measures[m].value)
                    continue;
                const double change = logarithm(moved[m].value / usual_measures[m].value);
                variances[std::string{moved[m].metric}] += change * change;
            }
        }
    }
    for (auto& [metric, value] : variances) value = std::sqrt(value);
    return variances;
}

/// Collects what happened.
class Chronicle {
public:
    explicit Chronicle(const Days& days) : days_{days}, noises_{structural_noises()} {}

    std::vector<Truth> truth;

    /// `must_be_found`: it came as a surprise, and is large enough to be one.
    void add(Date from, Date to, std::string_view what, bool must_be_found, const Undo& undo,
             std::optional<Date> began = {}) {
        Truth one{from, to, std::string{what}, began.value_or(from), false, {}};
        for (const auto& [metric, sums] : compare(days_, from, to, undo)) {
            if (!is_effect(sums)) continue;
            const bool must = must_be_found && stands_out(metric, sums.factor());
            one.must_be_found |= must && metric == "restaurant_revenue";
            one.effects.push_back({metric, sums.factor(), must});
        }
        if (!one.effects.empty()) truth.push_back(std::move(one));
    }

    void add_without_effect(Date from, Date to, std::string_view what) {
        truth.push_back({from, to, std::string{what}, from, false, {}});
    }

    /// Something that is known of each day of which `amount` is not 0.
    void add_days(std::string_view what, Variable on,
                  const std::function<double(const Circumstances&)>& amount) {
        for (int t = 0; t < static_cast<int>(days_.size()); ++t) {
            const auto date = first_day() + t;
            const double pushed = amount(of(days_, date));
            if (pushed != 0) add(date, date, what, false, undo_push(on, date, 1, 1, pushed));
        }
    }

private:
    /// What is derived is told of what it derives from.
    bool stands_out(const std::string& metric, double factor) const {
        const auto noise = noises_.find(metric);
        if (noise == noises_.end()) return false;
        return factor == 0 || std::abs(logarithm(factor)) > must_be_found_from * noise->second;
    }

    const Days& days_;
    Noises noises_;
};

void add_happenings(Chronicle& chronicle) {
    for (const auto& one : happenings())
        chronicle.add(one.from, one.to, one.what, one.must_be_found,
                      [](Circumstances& day, Date) { day.guests = day.till = 1; });
    chronicle.add(double_day(), double_day(), "double", true,
                  [](Circumstances& day, Date) { day.till = 1; });
    for (const auto day : refund_days())
        chronicle.add(day, day, "refund", false, [](Circumstances& at, Date) { at.refunded = 0; });
    for (const auto& one : gaps()) chronicle.add_without_effect(one.from, one.to, "missing");
    for (const auto day : closed_days()) chronicle.add_without_effect(day, day, "closed");
}

void add_oven(Chronicle& chronicle) {
    for (const auto& one : interventions()) {
        if (one.what != "oven") continue;
        const int pushed = one.to - one.from + 1;
        const auto undo = undo_push(one.on, one.from, pushed, pushed + aftermath_days, one.amount);
        chronicle.add(one.from, one.to, one.what, true, undo);
        chronicle.add(one.to + 1, one.to + aftermath_days, one.what, false, undo, one.from);
    }
}

/// Days that the owner knows to be other than others: who is told of them is told nothing wrong.
void add_known_days(Chronicle& chronicle) {
    chronicle.add_days("festival", event,
                       [](const Circumstances& day) { return day.z[index(event)]; });
    chronicle.add_days("promotion", promo,
                       [](const Circumstances& day) { return day.z[index(promo)]; });
    chronicle.add_days("downpour", rain, [](const Circumstances& day) {
        return day.millimetres < downpour_millimetres ? 0 : day.z[index(rain)];
    });
}

struct Lasting {
    std::string_view what;
    Date from;
    std::vector<State> response;  ///< by day; the last one for ever
    double check = 1, pay = 1;
};

std::vector<Lasting> lasting() {
    constexpr int days_to_settle = 60;
    const std::vector<State> nothing(2);
    std::vector<Lasting> all{{"wage-rise", wage_rise_day(), nothing, 1, wage_rise}};
    for (const auto& one : interventions()) {
        if (one.what == "oven") continue;
        auto response = response_to(one.on, one.amount, one.to - one.from + 1, days_to_settle);
        response.push_back(steady_response(one.on, one.amount));
        all.push_back({one.what, one.from, std::move(response),
                       one.what == "price-rise" ? check_rise : 1, 1});
    }
    return all;
}

/// `day` counts from the first one of it.
Undo undo_lasting(const Lasting& one, std::size_t day) {
    const auto& gone = one.response[std::min(day, one.response.size() - 1)];
    return [&one, &gone](Circumstances& at, Date) {
        at.check /= one.check;
        at.pay /= one.pay;
        for (std::size_t i = 0; i < gone.size(); ++i) at.z[i] -= gone[i];
    };
}

/// For each metric the first day with half of what it ends at.
std::map<std::string, Date> arrivals_of(const Days& days, const Lasting& one,
                                        const Ledger& settled) {
    std::map<std::string, Date> arrivals;
    for (std::size_t since = 0; since < one.response.size(); ++since) {
        const auto date = one.from + static_cast<int>(since);
        for (const auto& [metric, sums] : compare(days, date, date, undo_lasting(one, since))) {
            const double end = settled.at(metric).factor() - 1;
            if ((sums.factor() - 1) / end >= 0.5) arrivals.emplace(metric, date);
        }
    }
    return arrivals;
}

}  // namespace

std::vector<Truth> events_of(const Days& days) {
    Chronicle chronicle{days};
    add_happenings(chronicle);
    add_oven(chronicle);
    add_known_days(chronicle);
    return std::move(chronicle.truth);
}

std::vector<Shift> shifts_of(const Days& days) {
    std::vector<Shift> shifts;
    for (const auto& one : lasting()) {
        const auto settled = compare(days, one.from, first_day() + (days_count - 1),
                                     undo_lasting(one, one.response.size()));
        const auto arrivals = arrivals_of(days, one, settled);
        for (const auto& [metric, sums] : settled) {
            if (is_effect(sums))
                shifts.push_back(
                    {std::string{one.what}, one.from, arrivals.at(metric), metric, sums.factor()});
        }
    }
    return shifts;
}

}  // namespace runtime::demo
