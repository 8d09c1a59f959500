#include "src/runtime/metric_clock.hpp"

#include "commands/catalog.hpp"
#include "domain/base/business_day.hpp"
#include "domain/goal_rules.hpp"
#include "events/goal_snapshot.hpp"
#include "events/writer.hpp"
#include "projections/fields.hpp"
#include "projections/metric_series.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/clock.hpp"
#include "src/runtime/log.hpp"
#include "src/runtime/tenant_pulse.hpp"
#include "src/runtime/ticker.hpp"
#include "src/runtime/uuid.hpp"

#include <future>
#include <pqxx/pqxx>

namespace runtime {
namespace {

using domain::Date;

constexpr int goals_a_page = 500;
constexpr std::size_t periods_max = 400;
constexpr std::size_t periods_watched = 3;
constexpr std::size_t check_ins_a_look = 31;

struct Measured {
    domain::TenantId tenant;
    std::string goal, metric;
    bool cumulative{};
    bool ends_short{};   ///< a last period that is cut short can stand beside whole ones
    Date today, newest;  ///< the tenant's day, and the metric's newest one
    domain::goal::State state;
    std::string known;  ///< changes whenever the metric's values may have
};

/// A complete period: what its value is now, and what was last checked in for it.
struct GoalPeriod {
    projections::metric::Span days;
    std::optional<domain::Decimal> given{};
    std::string check_in{};  ///< that gave it
    Date as_of() const { return days.to + -1; }
};
using GoalPeriods = std::vector<GoalPeriod>;

/// The goal's complete periods, oldest first: no more than the last `periods_max`. The last one
/// ends with the goal.
GoalPeriods complete_periods(const Measured& goal) {
    const auto& timeframe = *goal.state.timeframe;
    // Points may lie a little ahead, but no check-in does.
    const auto end = std::min(domain::complete_before(goal.newest, goal.today), timeframe.due + 1);
    GoalPeriods periods;
    auto from = timeframe.start;
    for (int i = 1; domain::goal::period_start(timeframe, i) <= end; ++i) {
        const auto to = domain::goal::period_start(timeframe, i);
        periods.push_back({.days = {.from = goal.cumulative ? timeframe.start : from, .to = to}});
        from = to;
    }
    // A sum of fewer days would only look smaller, and a mean of them is not as steady.
    if (goal.ends_short && from <= timeframe.due && timeframe.due < end)
        periods.push_back(
            {.days = {.from = goal.cumulative ? timeframe.start : from, .to = timeframe.due + 1}});
    if (periods.size() > periods_max) periods.erase(periods.begin(), periods.end() - periods_max);
    return periods;
}

void find_check_ins(pqxx::transaction_base& tx, const Measured& goal, GoalPeriods& periods) {
    std::map<Date, GoalPeriod*> by_day;
    for (auto& period : periods) by_day[period.as_of()] = &period;
    for (const auto& row : tx.exec(R"sql(
             select c.as_of, c.value::text, c.check_in from board.goal_check_in c
              where c.tenant = $1 and c.goal = $2 and c.source = 'metric' and c.as_of >= $3::date
              order by c.version)sql",
                                   pqxx::params{domain::to_text(goal.tenant), goal.goal,
                                                domain::to_text(periods.front().as_of())})) {
        const auto found = by_day.find(projections::date_of(row[0]));
        if (found == by_day.end()) continue;
        found->second->given = domain::Decimal::from(row[1].is_null() ? "" : row[1].view());
        found->second->check_in = row[2].as<std::string>();
    }
}

/// Whether a period's value is asked for: it has no check-in yet, or is one of the last.
bool is_watched(const GoalPeriods& periods, std::size_t i) {
    return !periods[i].given || i + periods_watched >= periods.size();
}

/// What is to be checked in: every period without a check-in once it has a value, oldest first, and
/// the newest of the last periods whose value has changed since. Older corrections follow at the
/// next look. A goal to stay within limits remembers only its current reading, so of its older ones
/// none can be corrected.
domain::Result<GoalPeriods> due_periods(pqxx::transaction_base& tx, const projections::Ask& ask,
                                        const Measured& goal, GoalPeriods periods) {
    find_check_ins(tx, goal, periods);
    std::vector<projections::metric::Span> spans;
    for (std::size_t i = 0; i < periods.size(); ++i) {
        if (is_watched(periods, i)) spans.push_back(periods[i].days);
    }
    if (auto found = projections::metric::find_values(tx, ask, goal.metric, spans); !found)
        return std::unexpected(std::move(found.error()));
    GoalPeriods due;
    std::optional<GoalPeriod> corrected;
    auto span = spans.begin();
    for (std::size_t i = 0; i < periods.size(); ++i) {
        if (!is_watched(periods, i)) continue;
        auto& period = periods[i];
        period.days = *span++;
        const bool newest = i + 1 == periods.size();
        if (!period.days.value) continue;
        if (!period.given) due.push_back(period);
        else if (*period.given != *period.days.value &&
                 (newest || !domain::goal::is_stay(goal.state.measure->direction)))
            corrected = period;
    }
    if (corrected) due.push_back(*std::move(corrected));
    return due;
}

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
            return Cause{projections::uuid_of(rows[0][0]), projections::uuid_of(rows[0][1])};
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

    /// What each tenant was when nothing was left to do there, and each of its goals.
    struct Settled {
        TenantPulse pulse;
        std::map<std::string, std::string> goals;
    };
    std::map<domain::TenantId, Settled> settled{};

    /// What is left to do for a goal at this look.
    struct Task {
        Measured goal;
        GoalPeriods due;
        bool failed{};
    };

    /// The next page of the tenant's goals after `last`, which goes on to its end; empty after the
    /// last one. Those that are settled are left out.
    std::optional<std::vector<Measured>> measured(pqxx::connection& connection,
                                                  const TenantPulse& pulse, std::string& last) {
        pqxx::nontransaction tx{connection};
        std::vector<Measured> found;
        const auto rows = tx.exec(
            R"sql(
            select g.goal, g.metric, m.kind = 'cumulative',
                   m.kind = 'cumulative' or (m.kind = 'simple' and m.aggregation = 'last'),
                   g.state,
                   (select max(r.bucket)::date from board.metric_rollup r
                     where r.tenant = m.tenant and r.metric = m.metric and r.grain = 1),
                   g.version::text || ' ' ||
                   case when m.formula = ''
                        then coalesce((select max(s.position) from board.metric_series s
                                        where s.tenant = m.tenant and s.metric = m.metric), 0)
                        else $4::bigint end
              from board.smart_goals g
              join board.metric m on m.tenant = g.tenant and m.key = g.metric
             where g.lifecycle = 'active' and g.metric is not null
               and g.tenant = $1 and g.goal > $2::uuid
             order by g.goal limit $3)sql",
            pqxx::params{domain::to_text(pulse.tenant), last, goals_a_page, pulse.position});
        if (rows.empty()) return std::nullopt;
        last = rows.back()[0].as<std::string>();
        const auto& known = settled[pulse.tenant].goals;
        const auto day = domain::to_text(pulse.today) + " " + pulse.defined + " ";
        for (const auto& row : rows) {
            auto basis = day + row[6].as<std::string>();
            auto goal = row[0].as<std::string>();
            const auto before = known.find(goal);
            if (before != known.end() && before->second == basis) continue;
            auto state = events::goal_from_snapshot(row[4].view());
            if (!state) throw pqxx::data_exception{"a goal's snapshot does not decode"};
            const auto newest = projections::date_of(row[5]);
            found.push_back({pulse.tenant, std::move(goal), row[1].as<std::string>(),
                             row[2].as<bool>(), row[3].as<bool>(), pulse.today, newest,
                             *std::move(state), std::move(basis)});
        }
        return found;
    }

    std::vector<TenantPulse> changed(pqxx::connection& connection) const {
        pqxx::nontransaction tx{connection};
        std::vector<TenantPulse> found;
        each_tenant(tx, now(), [&](const TenantPulse& pulse) {
            const auto before = settled.find(pulse.tenant);
            if (pulse.goals != 0 && (before == settled.end() || before->second.pulse != pulse))
                found.push_back(pulse);
            return true;
        });
        return found;
    }

    void look(pqxx::connection& connection) {
        for (const auto& pulse : changed(connection)) {
            if (look_at(connection, pulse)) settled[pulse.tenant].pulse = pulse;
        }
    }

    /// Whether nothing is left to do.
    bool look_at(pqxx::connection& connection, const TenantPulse& pulse) {
        bool done = true;
        auto last = domain::to_text(domain::Uuid{});
        while (auto page = measured(connection, pulse, last)) {
            std::vector<Task> tasks;
            for (auto& goal : *page) {
                if (auto task = task_of(std::move(goal))) tasks.push_back(*std::move(task));
                else done = false;
            }
            give(tasks);
            for (const auto& task : tasks) done &= task.due.empty();
        }
        return done;
    }

    /// Empty when the goal could not be asked, and may be another time.
    std::optional<Task> task_of(Measured goal) {
        auto& known = settled[goal.tenant].goals;
        auto periods = complete_periods(goal);
        if (periods.empty()) {
            known[goal.goal] = goal.known;
            return Task{std::move(goal), {}};
        }
        const projections::Ask ask{.tenant = goal.tenant,
                                   .user = {},
                                   .today = goal.today,
                                   .keys = keys,
                                   .path = {},
                                   .filters = {},
                                   .cursor = {}};
        auto due = reader.query<GoalPeriods>(goal.tenant, [&](pqxx::transaction_base& tx) {
            return due_periods(tx, ask, goal, std::move(periods));
        });
        if (!due) {
            warn("a measured goal could not be asked", goal, due.error());
            if (is_passing(due.error())) return std::nullopt;
            known[goal.goal] = goal.known;
            return Task{std::move(goal), {}};
        }
        // What was checked in is looked at once more: corrections come one at a time.
        if (due->empty()) known[goal.goal] = goal.known;
        return Task{std::move(goal), *std::move(due)};
    }

    /// Goals side by side, the periods of each one after the other.
    void give(std::vector<Task>& tasks) {
        for (std::size_t round = 0; round < check_ins_a_look; ++round) {
            std::vector<std::pair<Task*, std::future<bool>>> under_way;
            for (auto& task : tasks) {
                if (!task.failed && round < task.due.size())
                    under_way.emplace_back(&task, submit(task.goal, task.due[round]));
            }
            if (under_way.empty()) return;
            for (auto& [task, said] : under_way) task->failed = !said.get();
        }
    }

    static void warn(const std::string& what, const Measured& goal,
                     const domain::Refusal& refusal) {
        log::warn(what, {{"goal", goal.goal}, {"code", std::string{refusal.why.slug}}});
    }

    /// One period of one goal is one command, and so is each correction of a check-in.
    static domain::Uuid command_of(const Measured& goal, const GoalPeriod& period) {
        const auto end = domain::to_text(period.days.to);
        if (!period.given)
            return events::id_of_name(goal.tenant, "metric check-in", goal.goal + " " + end);
        return events::id_of_name(
            goal.tenant, "metric correction",
            goal.goal + " " + end + " " + period.check_in + " " + period.days.value->text());
    }

    static std::future<bool> already(bool said) {
        std::promise<bool> promise;
        promise.set_value(said);
        return promise.get_future();
    }

    /// Whether the period is checked in, once that is known.
    std::future<bool> submit(const Measured& goal, const GoalPeriod& period) {
        events::Writer body;
        body.open().key("as_of").text(domain::to_text(period.as_of()));
        body.key("value").text(period.days.value->text()).close();
        const auto command = command_of(goal, period);
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
            warn("a measured goal was not checked in", goal, proposal.error());
            if (is_passing(proposal.error())) return already(false);
            // It would be refused again: the goal's other periods go on, and then it rests.
            settled[goal.tenant].goals[goal.goal] = goal.known;
            return already(true);
        }
        if (proposal->append.writes.front().events.empty()) return already(true);
        auto& append = proposal->append;
        append.actor = {events::ActorKind::system, {}};
        if (const auto cause = cause_of(reader, goal)) {
            append.correlation = cause->correlation;
            append.causation = cause->event;
        }
        auto said = std::make_shared<std::promise<bool>>();
        auto future = said->get_future();
        appender.submit(std::move(append), [said](const auto& outcome) {
            // Who lost a race asks again at the next look.
            if (!outcome && outcome.error().why != events::moved_on)
                log::warn("check-in of a metric not recorded",
                          {{"code", std::string{outcome.error().why.slug}}});
            said->set_value(outcome.has_value());
        });
        return future;
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
