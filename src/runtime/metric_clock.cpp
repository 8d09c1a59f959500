#include "src/runtime/metric_clock.hpp"

#include "commands/catalog.hpp"
#include "domain/goal.hpp"
#include "events/goal_snapshot.hpp"
#include "events/writer.hpp"
#include "projections/metric_series.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/ticker.hpp"
#include "src/runtime/uuid.hpp"

#include <mutex>
#include <pqxx/pqxx>
#include <set>

namespace runtime {
namespace {

using domain::Date;

constexpr int goals_at_once = 500;
constexpr int grace_days = 2;
constexpr std::size_t done_max = 100'000;

struct Measured {
    domain::TenantId tenant;
    std::string goal, metric;
    bool cumulative{};
    Date today, newest;  ///< the tenant's day, and the metric's newest one
    domain::goal::State state;
};

struct Period {
    Date from, to;  ///< `to` is not in it
};

/// The last period of the goal that is complete; empty before the first one is.
std::optional<Period> last_period(const Measured& goal) {
    const auto& timeframe = *goal.state.timeframe;
    // Points may lie a little ahead, but no check-in does.
    const auto known = std::min(std::max(goal.newest, goal.today + -grace_days), goal.today);
    const auto end = std::min(known, timeframe.due + 1);
    int whole = 0;
    while (domain::goal::period_start(timeframe, whole + 1) <= end) ++whole;
    if (whole < 1) return std::nullopt;
    const auto from = goal.cumulative ? 0 : whole - 1;
    return Period{domain::goal::period_start(timeframe, from),
                  domain::goal::period_start(timeframe, whole)};
}

/// Commands that need not be given again. Answers come on other threads, and after the clock went.
class Done {
public:
    bool contains(const domain::Uuid& command) const {
        const std::lock_guard lock{mutex_};
        return commands_.contains(command);
    }
    void insert(const domain::Uuid& command) {
        const std::lock_guard lock{mutex_};
        if (commands_.size() >= done_max) commands_.clear();
        commands_.insert(command);
    }
    /// It failed, so the next look gives it again.
    void erase(const domain::Uuid& command) {
        const std::lock_guard lock{mutex_};
        commands_.erase(command);
    }

private:
    mutable std::mutex mutex_;
    std::set<domain::Uuid> commands_;
};

bool is_passing(const domain::Refusal& refusal) {
    using enum domain::Reason::Kind;
    return refusal.why.kind == unavailable || refusal.why.kind == overloaded ||
           refusal.why.kind == stale;
}

}  // namespace

struct MetricClock::Body {
    postgres::Database database;
    postgres::Appender& appender;
    events::Keys& keys;
    std::chrono::seconds look_every;
    postgres::Reader reader{database};
    std::shared_ptr<Done> done = std::make_shared<Done>();

    /// The next page of goals after `last`, a tenant and a goal.
    std::vector<Measured> measured(pqxx::connection& connection,
                                   const std::pair<std::string, std::string>& last) {
        pqxx::nontransaction tx{connection};
        std::vector<Measured> found;
        for (const auto& row : tx.exec(R"sql(
                 select g.tenant, g.goal, g.metric, m.kind = 'cumulative',
                        (now() at time zone t.time_zone)::date, g.state,
                        (select max(r.bucket)::date from board.metric_rollup r
                          where r.tenant = m.tenant and r.metric = m.metric and r.grain = 1)
                   from board.smart_goals g
                   join board.tenant t on t.tenant = g.tenant
                   join board.metric m on m.tenant = g.tenant and m.key = g.metric
                  where g.lifecycle = 'active' and g.metric is not null
                    and (g.tenant, g.goal) > ($1::uuid, $2::uuid)
                  order by g.tenant, g.goal limit $3)sql",
                                       pqxx::params{last.first, last.second, goals_at_once})) {
            auto state = events::goal_from_snapshot(row[5].view());
            if (!state) throw pqxx::data_exception{"a goal's snapshot does not decode"};
            const auto day = [](const pqxx::field& field) {
                return domain::date_from(field.is_null() ? "" : field.view()).value_or(Date{});
            };
            found.push_back({{domain::uuid_from(row[0].view()).value_or(domain::Uuid{})},
                             row[1].as<std::string>(),
                             row[2].as<std::string>(),
                             row[3].as<bool>(),
                             day(row[4]),
                             day(row[6]),
                             *std::move(state)});
        }
        return found;
    }

    void look(pqxx::connection& connection) {
        const auto nil = domain::to_text(domain::Uuid{});
        std::pair last{nil, nil};
        while (true) {
            const auto page = measured(connection, last);
            for (const auto& goal : page) check_in(goal);
            if (page.size() < static_cast<std::size_t>(goals_at_once)) return;
            last = {domain::to_text(page.back().tenant), page.back().goal};
        }
    }

    void check_in(const Measured& goal) {
        const auto period = last_period(goal);
        if (!period) return;
        const auto command = events::id_of_name(goal.tenant, "metric check-in",
                                                goal.goal + " " + domain::to_text(period->to));
        if (done->contains(command)) return;
        const projections::Ask ask{.tenant = goal.tenant,
                                   .user = {},
                                   .today = goal.today,
                                   .keys = keys,
                                   .path = {},
                                   .filters = {},
                                   .cursor = {}};
        const auto value = reader.query<std::optional<domain::Decimal>>(
            goal.tenant, [&](pqxx::transaction_base& tx) {
                return projections::metric::value_over(tx, ask, goal.metric, period->from,
                                                       period->to);
            });
        if (!value || !*value) return;
        events::Writer body;
        body.open().key("as_of").text(domain::to_text(period->to + -1));
        body.key("value").text((*value)->text()).close();
        submit(goal, command, body.view());
    }

    void submit(const Measured& goal, const domain::Uuid& command, const std::string& body) {
        commands::Request request;
        request.who.tenant = goal.tenant;
        request.command = {command};
        request.fingerprint = command;
        request.correlation = command;
        request.path["goal"] = goal.goal;
        if (auto document = events::Document::parse(body)) request.body = *std::move(document);
        request.today = goal.today;
        request.now = now();
        request.new_id = &uuid_v7;
        auto proposal = commands::goal::check_in_by_metric(reader, keys, request);
        if (!proposal && is_passing(proposal.error())) return;
        done->insert(command);
        if (!proposal || proposal->append.writes.front().events.empty()) return;
        proposal->append.actor = {events::ActorKind::system, {}};
        appender.submit(std::move(proposal->append), [done = done, command](const auto& outcome) {
            if (outcome) return;
            done->erase(command);
            log::warn("check-in of a metric not recorded",
                      {{"code", std::string{outcome.error().why.slug}}});
        });
    }

    Ticker ticker{"cairn-metrics", look_every, [this] {
                      auto connection = postgres::connect(database, postgres::As::projector);
                      look(*connection);
                      return domain::Result<void>{};
                  }};
};

MetricClock::MetricClock(postgres::Database database, postgres::Appender& appender,
                         events::Keys& keys, std::chrono::seconds look_every)
    : body_{new Body{.database = std::move(database),
                     .appender = appender,
                     .keys = keys,
                     .look_every = look_every}} {}

MetricClock::~MetricClock() = default;

}  // namespace runtime
