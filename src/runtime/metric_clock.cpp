#include "src/runtime/metric_clock.hpp"

#include "commands/catalog.hpp"
#include "domain/goal_rules.hpp"
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

namespace runtime {
namespace {

using domain::Date;

constexpr int goals_at_once = 500;
constexpr int grace_days = 2;
constexpr int periods_watched = 3;
constexpr std::size_t settled_max = 100'000;

struct Measured {
    domain::TenantId tenant;
    std::string goal, metric;
    bool cumulative{};
    Date today, newest;  ///< the tenant's day, and the metric's newest one
    domain::goal::State state;
    std::string known;  ///< changes whenever the metric's values may have
};

struct Period {
    Date from, to;  ///< `to` is not in it
};

/// The last periods of the goal that are complete, the newest first; none before the first one is.
std::vector<Period> last_periods(const Measured& goal) {
    const auto& timeframe = *goal.state.timeframe;
    // Points may lie a little ahead, but no check-in does.
    const auto known = std::min(std::max(goal.newest, goal.today + -grace_days), goal.today);
    const auto end = std::min(known, timeframe.due + 1);
    int whole = 0;
    while (domain::goal::period_start(timeframe, whole + 1) <= end) ++whole;
    std::vector<Period> periods;
    for (int i = whole; i > 0 && i > whole - periods_watched; --i)
        periods.push_back({domain::goal::period_start(timeframe, goal.cumulative ? 0 : i - 1),
                           domain::goal::period_start(timeframe, i)});
    return periods;
}

/// What a period's value is now, and what was last checked in for it.
struct Measurement {
    Date as_of;
    std::optional<domain::Decimal> value;
    std::optional<domain::Decimal> given;
    std::string check_in;  ///< that gave it
};

domain::Result<std::vector<Measurement>> measurements(pqxx::transaction_base& tx,
                                                      const projections::Ask& ask,
                                                      const Measured& goal,
                                                      const std::vector<Period>& periods) {
    std::vector<Measurement> found;
    for (const auto& period : periods) {
        auto value = projections::metric::value_over(tx, ask, goal.metric, period.from, period.to);
        if (!value) return std::unexpected(std::move(value.error()));
        found.push_back({period.to + -1, *std::move(value), {}, {}});
    }
    for (const auto& row : tx.exec(R"sql(
             select c.as_of, c.value::text, c.check_in from board.goal_check_in c
              where c.tenant = $1 and c.goal = $2 and c.source = 'metric' and c.as_of >= $3::date
              order by c.version)sql",
                                   pqxx::params{domain::to_text(goal.tenant), goal.goal,
                                                domain::to_text(found.back().as_of)})) {
        for (auto& measurement : found) {
            if (domain::to_text(measurement.as_of) != row[0].view()) continue;
            measurement.given = domain::Decimal::from(row[1].is_null() ? "" : row[1].view());
            measurement.check_in = row[2].as<std::string>();
        }
    }
    return found;
}

/// Goals that need no look until something else is known of them. Answers come on other threads,
/// and after the clock went.
class Settled {
public:
    bool contains(const Measured& goal) const {
        const std::lock_guard lock{mutex_};
        const auto found = known_.find(goal.goal);
        return found != known_.end() && found->second == goal.known;
    }
    void insert(const Measured& goal) {
        const std::lock_guard lock{mutex_};
        if (known_.size() >= settled_max) known_.clear();
        known_[goal.goal] = goal.known;
    }
    void erase(const std::string& goal) {
        const std::lock_guard lock{mutex_};
        known_.erase(goal);
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::string> known_;
};

/// The event that last changed a metric: what the clock does about the metric follows from it.
struct Cause {
    domain::Uuid event{}, correlation{};
};

/// Empty for a metric that has no points of its own.
std::optional<Cause> cause_of(postgres::Reader& reader, const Measured& goal) {
    const auto found = reader.query<std::optional<Cause>>(
        goal.tenant, [&](pqxx::transaction_base& tx) -> domain::Result<std::optional<Cause>> {
            const auto rows = tx.exec(R"sql(
                select e.id, e.correlation
                  from board.metric m
                  join log.tenant_lane l on l.tenant = m.tenant
                  join log.event e
                    on e.lane = l.lane
                   and e.position = (select max(s.position) from board.metric_series s
                                      where s.tenant = m.tenant and s.metric = m.metric)
                 where m.tenant = $1 and m.key = $2 and e.tenant = $1)sql",
                                      pqxx::params{domain::to_text(goal.tenant), goal.metric});
            if (rows.empty()) return std::nullopt;
            return Cause{domain::uuid_from(rows[0][0].view()).value_or(domain::Uuid{}),
                         domain::uuid_from(rows[0][1].view()).value_or(domain::Uuid{})};
        });
    return found.value_or(std::nullopt);
}

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
    std::shared_ptr<Settled> settled = std::make_shared<Settled>();

    /// The next page of goals after `last`, a tenant and a goal.
    std::vector<Measured> measured(pqxx::connection& connection,
                                   const std::pair<std::string, std::string>& last) {
        pqxx::nontransaction tx{connection};
        std::vector<Measured> found;
        for (const auto& row : tx.exec(R"sql(
                 select g.tenant, g.goal, g.metric, m.kind = 'cumulative',
                        (now() at time zone t.time_zone)::date, g.state,
                        (select max(r.bucket)::date from board.metric_rollup r
                          where r.tenant = m.tenant and r.metric = m.metric and r.grain = 1),
                        concat_ws(' ', (now() at time zone t.time_zone)::date, g.version,
                                  (select max(b.recorded_at) from board.metric_batch b
                                    where b.tenant = m.tenant),
                                  (select count(*) from board.metric_batch b
                                    where b.tenant = m.tenant and b.reverted),
                                  (select max(d.updated_at) from board.metric d
                                    where d.tenant = m.tenant))
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
                             *std::move(state),
                             row[7].as<std::string>()});
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
        if (settled->contains(goal)) return;
        const auto periods = last_periods(goal);
        if (periods.empty()) return;
        const projections::Ask ask{.tenant = goal.tenant,
                                   .user = {},
                                   .today = goal.today,
                                   .keys = keys,
                                   .path = {},
                                   .filters = {},
                                   .cursor = {}};
        const auto found = reader.query<std::vector<Measurement>>(
            goal.tenant,
            [&](pqxx::transaction_base& tx) { return measurements(tx, ask, goal, periods); });
        if (!found) {
            // It is asked again when something changed, or at the next look.
            if (!is_passing(found.error())) settled->insert(goal);
            return warn("a measured goal could not be asked", goal, found.error());
        }
        settled->insert(goal);
        // One at a time: an older period's correction is given at the next look.
        for (const auto& measurement : *found) {
            if (is_due(goal, measurement, measurement.as_of == found->front().as_of))
                return submit(goal, measurement);
        }
    }

    static void warn(const std::string& what, const Measured& goal,
                     const domain::Refusal& refusal) {
        log::warn(what, {{"goal", goal.goal}, {"code", std::string{refusal.why.slug}}});
    }

    /// The newest period is checked in once it has a value, and any whose value has changed since.
    /// A goal to stay within limits remembers only its current reading, so of its older ones none
    /// can be corrected.
    static bool is_due(const Measured& goal, const Measurement& measurement, bool newest) {
        if (!measurement.value) return false;
        if (!measurement.given) return newest;
        if (*measurement.given == *measurement.value) return false;
        return newest || !domain::goal::is_stay(goal.state.measure->direction);
    }

    /// One period of one goal is one command, and so is each correction of a check-in.
    static domain::Uuid command_of(const Measured& goal, const Measurement& measurement) {
        const auto end = domain::to_text(measurement.as_of + 1);
        if (!measurement.given)
            return events::id_of_name(goal.tenant, "metric check-in", goal.goal + " " + end);
        return events::id_of_name(
            goal.tenant, "metric correction",
            goal.goal + " " + end + " " + measurement.check_in + " " + measurement.value->text());
    }

    void submit(const Measured& goal, const Measurement& measurement) {
        events::Writer body;
        body.open().key("as_of").text(domain::to_text(measurement.as_of));
        body.key("value").text(measurement.value->text()).close();
        const auto command = command_of(goal, measurement);
        commands::Request request;
        request.who.tenant = goal.tenant;
        request.command = {command};
        request.fingerprint = command;
        request.correlation = command;
        request.path["goal"] = goal.goal;
        if (auto document = events::Document::parse(body.view()))
            request.body = *std::move(document);
        request.today = goal.today;
        request.now = now();
        request.new_id = &uuid_v7;
        auto proposal = commands::goal::check_in_by_metric(reader, keys, request);
        if (!proposal) {
            if (is_passing(proposal.error())) settled->erase(goal.goal);
            return warn("a measured goal was not checked in", goal, proposal.error());
        }
        if (proposal->append.writes.front().events.empty()) return;
        auto& append = proposal->append;
        append.actor = {events::ActorKind::system, {}};
        if (const auto cause = cause_of(reader, goal)) {
            append.correlation = cause->correlation;
            append.causation = cause->event;
        }
        appender.submit(std::move(append),
                        [settled = settled, id = goal.goal](const auto& outcome) {
                            // The next look sees what is still to be corrected, or tries again.
                            settled->erase(id);
                            if (!outcome)
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
