#include "src/runtime/demo.hpp"

#include "commands/catalog.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/demo_hours.hpp"
#include "src/runtime/uuid.hpp"

#include <future>
#include <sodium.h>

namespace runtime {
namespace {

/// The same name gives the same id in every run.
domain::Uuid id_of(std::string_view name) {
    const auto text = "cairn demo " + std::string{name};
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    domain::Uuid id;
    std::copy_n(hash, id.bytes.size(), id.bytes.begin());
    return id;
}

std::string day(domain::Date today, int offset) { return domain::to_text(today + offset); }

class Loader {
public:
    explicit Loader(App& app) : app_{app}, reader_{app.database()}, today_{today()} {}

    domain::Date day_zero() const { return today_; }

    /// Runs one command; its answer's stream id. The first refusal is kept and ends all.
    domain::Uuid run(std::string_view name, commands::Handler handler, const std::string& body,
                     const std::string& goal = {}, const std::string& location = {}) {
        if (refusal) return {};
        commands::Request request;
        request.who = {demo.tenant, demo.owner, domain::tenant::Role::owner};
        request.command = {id_of(name)};
        request.fingerprint = request.command.value;
        request.correlation = request.command.value;
        if (!goal.empty()) request.path["goal"] = goal;
        if (!location.empty()) request.path["location"] = location;
        if (!body.empty()) {
            auto document = events::Document::parse(body);
            if (!document) return fail(document.error());
            request.body = *std::move(document);
        }
        request.today = today_;
        request.now = now();
        request.new_id = &uuid_v7;
        request.blind_index = app_.blind_index();
        return append(handler(reader_, app_.keys(), request), request.command);
    }

    DemoTenant demo{{id_of("tenant")}, {id_of("owner")}};
    std::optional<domain::Refusal> refusal;

private:
    domain::Uuid fail(const domain::Refusal& why) {
        refusal = why;
        return {};
    }

    domain::Uuid append(domain::Result<commands::Proposal> proposal, domain::CommandId command) {
        if (!proposal) {
            auto known = reader_.outcome(demo.tenant, command);
            if (known && *known) return (*known)->stream.id;
            return fail(proposal.error());
        }
        std::promise<domain::Result<events::Outcome>> promise;
        auto future = promise.get_future();
        app_.appender().submit(std::move(proposal->append),
                               [&](auto outcome) { promise.set_value(std::move(outcome)); });
        const auto outcome = future.get();
        if (outcome) return outcome->stream.id;
        auto known = reader_.outcome(demo.tenant, command);
        if (known && *known) return (*known)->stream.id;
        return fail(outcome.error());
    }

    static domain::Date today() {
        return domain::day_in_zone(now(), "America/New_York").value_or(domain::Date{});
    }

    App& app_;
    postgres::Reader reader_;
    domain::Date today_;
};

void load_people(Loader& loader) {
    namespace tenant = commands::tenant;
    namespace user = commands::user;
    loader.run("register", tenant::register_tenant,
               R"({"name":"Harbour Street Kitchen","country":"US","currency":"USD",)"
               R"("time_zone":"America/New_York","industry":"722511","plan_tier":"pro",)"
               R"("owner":{"email":"owner@demo.example","display_name":"Demo Owner"}})");
    loader.run("manager", user::register_user,
               R"({"email":"manager@demo.example","display_name":"Demo Manager",)"
               R"("role":"manager"})");
    loader.run("staff", user::register_user,
               R"({"email":"staff@demo.example","display_name":"Demo Cook","role":"staff"})");
}

void load_regulars(Loader& loader) {
    namespace goal = commands::goal;
    const auto today = loader.day_zero();
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
    loader.run("regulars active", goal::activate, "{}", id);
    loader.run("regulars 1", goal::check_in,
               R"({"as_of":")" + day(today, -40) +
                   R"(","value":"131","confidence":8,"notes":"The card is popular at lunch."})",
               id);
    loader.run("regulars 2", goal::check_in,
               R"({"as_of":")" + day(today, -3) +
                   R"(","value":"149","confidence":8,"notes":"Evening guests follow slowly."})",
               id);
    loader.run("regulars item", commands::action_item::add,
               R"({"title":"Print evening cards","due":")" + day(today, 10) + R"("})", id);
}

void load_costs(Loader& loader) {
    namespace goal = commands::goal;
    const auto today = loader.day_zero();
    const auto id = domain::to_text(loader.run(
        "food cost", goal::draft,
        R"({"title":"Food cost below 30 %","specific":{"description":"Weigh portions and order )"
        R"(twice a week to cut waste.","focus_area":"cost"},"measurable":{"metric":)"
        R"("food_cost_share","direction":"decrease","baseline":"34.5","target_value":"30.0",)"
        R"("unit":"percent"},"time_bound":{"start_date":")" +
            day(today, -90) + R"(","target_date":")" + day(today, 90) + R"("}})"));
    loader.run("food cost active", goal::activate, "{}", id);
    loader.run("food cost 1", goal::check_in,
               R"({"as_of":")" + day(today, -7) +
                   R"(","value":"33.6","confidence":5,"notes":"Fish prices went up."})",
               id);
    const auto labour = domain::to_text(loader.run(
        "labour", goal::draft,
        R"({"title":"Labour between 28 and 32 %","specific":{"description":"Plan shifts by )"
        R"(expected covers.","focus_area":"cost"},"measurable":{"metric":"labour_share",)"
        R"("direction":"stay_within","baseline":"31","target_value":"30","low":"28","high":"32",)"
        R"("unit":"percent"},"time_bound":{"start_date":")" +
            day(today, -30) + R"(","target_date":")" + day(today, 150) + R"("}})"));
    loader.run("labour active", goal::activate, "{}", labour);
    loader.run("labour 1", goal::check_in,
               R"({"as_of":")" + day(today, -2) + R"(","value":"30.4","confidence":7})", labour);
    loader.run("terrace", goal::draft,
               R"({"title":"Open the terrace","specific":{"description":"Permit, furniture, )"
               R"(a second till.","focus_area":"growth"}})");
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
    {"shop_visitors", "Shop visitors", "count", R"("minimum":0)"},
    {"shop_orders", "Shop orders", "count", R"("minimum":0)"},
    {"shop_revenue", "Shop revenue", "USD", R"("precision":2)"},
    {"ad_spend", "Spent on ads", "USD", R"("good_direction":"neutral","precision":2)"},
    {"web_sessions", "Web sessions", "count", R"("minimum":0)"},
    {"social_followers", "Followers", "count",
     R"("aggregation":"last","additivity":"not_over_time","gap_policy":"carry")"},
    {"total_revenue", "Revenue", "USD",
     R"("kind":"derived","formula":"restaurant_revenue + shop_revenue","precision":2)"},
    {"average_check", "Average check", "USD/count",
     R"("kind":"ratio","formula":"restaurant_revenue / covers","precision":2)"},
    {"shop_conversion", "Shop conversion", "ratio",
     R"("kind":"ratio","formula":"shop_orders / shop_visitors","precision":4)"},
};

std::string point(const std::string& at, const domain::Decimal& value) {
    return "[\"" + at + "\",\"" + value.text() + "\"]";
}

void load_points(Loader& loader, const std::string& metric, const std::string& location,
                 const std::string& points) {
    const auto place = location.empty() ? "" : R"("location":")" + location + "\",";
    loader.run(
        "points " + metric, commands::metric_batch::ingest,
        R"({"series":[{"metric":")" + metric + "\"," + place + R"("points":[)" + points + "]}]}");
}

/// Six refunds of the shop; nobody un-eats a dinner, so the same of covers is rejected.
void load_refunds(Loader& loader) {
    constexpr std::string_view refunds[]{"04", "07", "12", "15", "21", "26"};
    std::string points, covers;
    for (const auto on : refunds) {
        const auto at = "2024-11-" + std::string{on} + "T20:30:00Z";
        const auto comma = points.empty() ? "" : ",";
        points += comma + point(at, *domain::Decimal::from("-41.50"));
        covers += comma + point(at, domain::Decimal::whole(-1));
    }
    loader.run("refunds", commands::metric_batch::ingest,
               R"({"series":[{"metric":"shop_revenue","location":"shop","points":[)" + points +
                   R"(]},{"metric":"covers","location":"restaurant","points":[)" + covers + "]}]}");
}

/// The two years of the business, a batch of points a quarter of a year or so.
void load_metrics(Loader& loader) {
    loader.run("restaurant", commands::location::put, R"({"name":"Restaurant"})", {}, "restaurant");
    loader.run("shop", commands::location::put, R"({"name":"Shop"})", {}, "shop");
    for (const auto& metric : metrics)
        loader.run("metric " + std::string{metric.key}, commands::metric::define,
                   R"({"key":")" + std::string{metric.key} + R"(","name":")" +
                       std::string{metric.name} + R"(","unit":")" + std::string{metric.unit} +
                       "\"," + std::string{metric.more} + "}");
    const auto business = demo::make_business(demo::golden_seed);
    for (const auto& truth : business.truth) {
        if (truth.what != "closed") continue;
        const auto on = domain::to_text(truth.from);
        loader.run("closed " + on, commands::closure::plan,
                   R"({"from":")" + on + R"(","reason":"Holiday"})");
    }
    loader.run("slow tables", commands::alert_rule::set,
               R"({"name":"Guests wait too long","metric":"wait_minutes","comparison":"above",)"
               R"("threshold":"18","grain":"week","severity":"critical"})");
    for (const auto& series : business.series) {
        std::string points;
        for (const auto& [day, value] : series.values)
            points += (points.empty() ? "" : ",") + point(domain::to_text(day), value);
        load_points(loader, series.metric, series.location, points);
    }
    for (const auto& hours : demo::hours_around_clock_changes(business)) {
        std::string points;
        for (const auto& [at, value] : hours.values)
            points += (points.empty() ? "" : ",") + point(domain::to_text(at), value);
        load_points(loader, hours.metric, hours.location, points);
    }
    load_refunds(loader);
}

}  // namespace

domain::Result<DemoTenant> load_demo(App& app) {
    Loader loader{app};
    load_people(loader);
    load_regulars(loader);
    load_costs(loader);
    load_metrics(loader);
    if (loader.refusal) return std::unexpected(*std::move(loader.refusal));
    return loader.demo;
}

}  // namespace runtime
