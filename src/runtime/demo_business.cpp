#include "src/runtime/demo_business.hpp"

#include "events/writer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <numbers>

namespace runtime::demo {
namespace {

using domain::Date;
using Numbers = std::vector<double>;

constexpr int days_count = 731;

/// xoshiro256++ by Blackman and Vigna (2018), seeded by splitmix64 over the seed and a name, so
/// that one variable's numbers do not depend on how many another one draws.
class Random {
public:
    Random(std::uint64_t seed, std::string_view name) {
        std::uint64_t x = seed;
        for (const char c : name) x = x * 0x100000001b3 ^ static_cast<unsigned char>(c);
        for (auto& word : state_) {
            x += 0x9e3779b97f4a7c15;
            auto z = x;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            word = z ^ (z >> 31);
        }
    }
    /// In (0, 1).
    double uniform() {
        const auto bits = std::rotl(state_[0] + state_[3], 23) + state_[0];
        const auto t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = std::rotl(state_[3], 45);
        return (static_cast<double>(bits >> 11) + 0.5) * 0x1.0p-53;
    }
    /// Box and Muller (1958).
    double normal(double deviation) {
        const double radius = std::sqrt(-2 * std::log(uniform()));
        return deviation * radius * std::cos(2 * std::numbers::pi * uniform());
    }
    /// Marsaglia and Tsang (2000); shapes below 1 by their boost.
    double gamma(double shape, double scale) {
        if (shape < 1) return gamma(shape + 1, scale) * std::pow(uniform(), 1 / shape);
        const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
        while (true) {
            const double x = normal(1), v = std::pow(1 + c * x, 3);
            if (v > 0 && std::log(uniform()) < x * x / 2 + d - d * v + d * std::log(v))
                return d * v * scale;
        }
    }

private:
    std::array<std::uint64_t, 4> state_{};
};

double before(const Numbers& z, int t, int lag) {
    return t < lag ? 0 : z[static_cast<std::size_t>(t - lag)];
}

double yearly(int t, int peak) { return std::cos(2 * std::numbers::pi * (t - peak) / 365.25); }

/// The deviations of every variable, day by day: the structural model.
struct Model {
    std::map<std::string, Numbers, std::less<>> z;
    std::map<std::string, Random, std::less<>> random;

    explicit Model(std::uint64_t seed) {
        for (const auto* name : {"ads", "rain", "temperature", "event", "staff", "promo",
                                 "sessions", "reservations", "covers", "wait", "review", "visitors",
                                 "conversion", "followers", "check", "order"}) {
            z[name] = Numbers(days_count, 0.0);
            random.emplace(name, Random{seed, name});
        }
    }
    double lag(std::string_view name, int t, int days) {
        return before(z.find(name)->second, t, days);
    }
    double noise(std::string_view name, double deviation) {
        return random.find(name)->second.normal(deviation);
    }
    double uniform(std::string_view name) { return random.find(name)->second.uniform(); }
    void set(std::string_view name, int t, double value) {
        z.find(name)->second[static_cast<std::size_t>(t)] = value;
    }

    void weather(int t) {
        const bool wet = uniform("rain") < (lag("rain", t, 1) > 0 ? 0.45 : 0.24);
        const double amount = random.find("rain")->second.gamma(0.9, 8);
        set("rain", t, wet ? std::min(amount, 30.0) / 10 : 0);
        set("temperature", t, 0.75 * lag("temperature", t, 1) + noise("temperature", 2.2));
        set("event", t, uniform("event") < 24.0 / days_count ? 1 : 0);
    }
    /// `oven` raises the wait as a failing oven does; `dearer` is the price rise's effect.
    void people(int t, double oven, double dearer) {
        set("ads", t, 0.80 * lag("ads", t, 1) + noise("ads", 0.21));
        set("staff", t, 0.50 * lag("staff", t, 1) + noise("staff", 0.07));
        set("promo", t, uniform("promo") < 0.07 ? 1 : 0);
        set("sessions", t,
            0.35 * lag("sessions", t, 1) + 0.22 * lag("ads", t, 1) + 0.10 * lag("ads", t, 2) +
                noise("sessions", 0.06));
        set("reservations", t,
            0.30 * lag("reservations", t, 1) + 0.40 * lag("sessions", t, 2) +
                0.25 * lag("review", t, 7) + noise("reservations", 0.07));
        set("covers", t,
            0.15 * lag("covers", t, 1) + 0.55 * lag("reservations", t, 0) +
                0.12 * lag("event", t, 0) - 0.08 * lag("rain", t, 0) + dearer +
                noise("covers", 0.05));
        set("wait", t,
            0.80 * lag("covers", t, 0) - 0.90 * lag("staff", t, 0) + oven + noise("wait", 0.08));
        set("review", t,
            0.40 * lag("review", t, 1) - 0.30 * lag("wait", t, 1) + noise("review", 0.05));
        set("visitors", t,
            0.30 * lag("visitors", t, 1) + 0.25 * lag("covers", t, 0) - 0.12 * lag("rain", t, 0) +
                noise("visitors", 0.06));
        set("conversion", t, 0.18 * lag("promo", t, 0) + noise("conversion", 0.06));
        set("followers", t, lag("followers", t, 1) + 0.8 + noise("followers", 2.5));
        set("check", t, noise("check", 0.02));
        set("order", t, noise("order", 0.04));
    }
};

constexpr std::array restaurant_week{0.92, 0.72, 0.78, 0.86, 0.95, 1.32, 1.45};  // from Sunday
constexpr std::array shop_week{0.90, 0.85, 0.82, 0.88, 0.95, 1.15, 1.45};

Date day(std::string_view text) { return domain::date_from(text).value_or(Date{}); }

struct Closure {
    std::string_view on;
};
constexpr Closure closures[]{{"2024-01-01"}, {"2024-11-28"}, {"2024-12-25"},
                             {"2025-01-01"}, {"2025-11-27"}, {"2025-12-25"}};

bool is_closed(Date date) {
    for (const auto& closure : closures) {
        if (day(closure.on) == date) return true;
    }
    return false;
}

/// What happened to the restaurant's sales of one day.
double overlay(Date date) {
    if (date == day("2024-05-17")) return 0;
    if (date == day("2024-07-18")) return 2;
    if (date >= day("2025-03-09") && date <= day("2025-03-11")) return 1.45;
    if (date == day("2025-06-04")) return 0.55;
    if (date == day("2025-08-23")) return 0.80;
    return 1;
}

bool is_missing(Date date) {
    return (date >= day("2024-09-02") && date <= day("2024-09-05")) ||
           (date >= day("2025-10-11") && date <= day("2025-10-12"));
}

/// Rounds to `decimals` and makes an exact decimal of it.
domain::Decimal rounded(double value, int decimals) {
    char text[40];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return domain::Decimal::from(text).value_or(domain::Decimal{});
}

/// Values of one day, before they are written down.
class Ledger {
public:
    explicit Ledger(Business& business) : business_{business} {}

    Date today;

    void put(std::string_view metric, std::string_view location, double value, int decimals,
             bool missing = false) {
        auto& series = series_of(metric, location);
        if (!missing) series.values.push_back({today, rounded(value, decimals)});
    }

private:
    Series& series_of(std::string_view metric, std::string_view location) {
        for (auto& series : business_.series) {
            if (series.metric == metric) return series;
        }
        business_.series.push_back({std::string{metric}, std::string{location}, {}});
        return business_.series.back();
    }

    Business& business_;
};

void put_day(Ledger& ledger, Model& model, Date date, int t) {
    const auto weekday = static_cast<std::size_t>((date.days + 4) % 7);
    ledger.today = date;
    const bool closed = is_closed(date), missing = is_missing(date);
    const double open = closed ? 0 : 1;
    const auto z = [&](std::string_view name) { return std::exp(model.lag(name, t, 0)); };
    const double bump = std::exp(-std::pow((t % 366 - 352) / 14.0, 2) / 2);
    const double covers = open * overlay(date) * 140 * (1 + 0.00022 * t) *
                          restaurant_week[weekday] * (1 + 0.10 * yearly(t, 196)) * z("covers");
    const double check = 29.5 * (date >= day("2025-04-01") ? 1.06 : 1) * z("check");
    const double visitors = open * 210 * shop_week[weekday] * (1 + 0.08 * yearly(t, 196)) *
                            (1 + 0.55 * bump) * z("visitors");
    const double orders = std::round(visitors * 0.24 * z("conversion"));
    ledger.put("covers", "restaurant", std::round(covers), 0, missing);
    ledger.put("restaurant_revenue", "restaurant", std::round(covers) * check, 2, missing);
    ledger.put("reservations", "restaurant",
               open * 58 * restaurant_week[weekday] * z("reservations"), 0, missing);
    ledger.put("wait_minutes", "restaurant", 14 * z("wait"), 1, closed);
    ledger.put("review_score", "restaurant", std::clamp(4.35 + model.lag("review", t, 0), 1.0, 5.0),
               2, closed);
    ledger.put("shop_visitors", "shop", std::round(visitors), 0);
    ledger.put("shop_orders", "shop", orders, 0);
    ledger.put("shop_revenue", "shop", orders * 41 * z("order"), 2);
    ledger.put("ad_spend", "", 180 * z("ads"), 2);
    ledger.put("web_sessions", "", 420 * z("sessions"), 0);
    ledger.put("social_followers", "", 2400 + model.lag("followers", t, 0), 0);
}

void put_truth(Business& business) {
    const auto add = [&](std::string_view from, std::string_view to, std::string_view metric,
                         std::string_view what, bool must) {
        business.truth.push_back(
            {day(from), day(to), std::string{metric}, std::string{what}, must});
    };
    constexpr std::string_view sales = "restaurant_revenue";
    add("2024-05-17", "2024-05-17", sales, "outage", true);
    add("2024-07-18", "2024-07-18", sales, "double", true);
    add("2025-03-09", "2025-03-11", sales, "viral", true);
    add("2025-06-04", "2025-06-04", sales, "power-cut", true);
    add("2025-08-23", "2025-08-23", sales, "dip", false);
    add("2025-07-14", "2025-07-18", "wait_minutes", "oven", false);
    add("2024-09-02", "2024-09-05", sales, "missing", false);
    add("2025-10-11", "2025-10-12", sales, "missing", false);
    for (const auto& closure : closures) add(closure.on, closure.on, sales, "closed", false);
}

}  // namespace

Business make_business(std::uint64_t seed) {
    Business business{day("2024-01-01"), days_count, {}, {}};
    Model model{seed};
    Ledger ledger{business};
    for (int t = 0; t < days_count; ++t) {
        const auto date = business.start + t;
        const bool oven = date >= day("2025-07-14") && date <= day("2025-07-18");
        model.weather(t);
        model.people(t, oven ? std::log(1.6) : 0, date >= day("2025-04-01") ? -0.0233 : 0);
        put_day(ledger, model, date, t);
    }
    put_truth(business);
    return business;
}

std::string truth_json(const Business& business) {
    events::Writer out;
    out.open_list();
    for (const auto& truth : business.truth) {
        out.open().key("from").text(domain::to_text(truth.from));
        out.key("to").text(domain::to_text(truth.to)).key("metric").text(truth.metric);
        out.key("what").text(truth.what).key("must_be_found").boolean(truth.must_be_found).close();
    }
    return out.close_list().take();
}

}  // namespace runtime::demo
