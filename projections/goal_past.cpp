#include "projections/goal_past.hpp"

#include "projections/fields.hpp"

#include <pqxx/pqxx>

namespace projections::goal_board {
namespace {

constexpr int batch_events = 5'000;

std::optional<domain::Refusal> beyond(pqxx::transaction_base& tx, domain::TenantId tenant,
                                      PastLimits limits) {
    const auto [goals, events] = tx.query1<std::int64_t, std::int64_t>(
        R"sql(
        select count(*), coalesce(sum(version), 0)::bigint
          from (select version from log.stream where tenant = $1 and category = 'goal'
                 limit $2) as s)sql",
        pqxx::params{domain::to_text(tenant), limits.goals + 1});
    if (goals <= limits.goals && events <= limits.events) return std::nullopt;
    return domain::Refusal{past_too_large, "at most " + std::to_string(limits.goals) +
                                               " goals with " + std::to_string(limits.events) +
                                               " events"};
}

/// What a fold looks at, and no more.
events::Recorded event_from(domain::TenantId tenant, const pqxx::row& row) {
    events::Recorded event;
    event.tenant = tenant;
    event.stream = {"goal", uuid_of(row[0])};
    event.version = row[1].as<std::int64_t>();
    event.position = row[2].as<std::int64_t>();
    event.type = row[3].as<std::string>();
    event.schema = row[4].as<int>();
    event.recorded_at = {row[5].as<std::int64_t>()};
    event.data = row[6].as<std::string>();
    return event;
}

/// The next events behind a place. Streams in the order of the log's unique key, so a tenant's
/// goals are read off the index, whatever else it does.
pqxx::result next_events(pqxx::transaction_base& tx, const PastEvents& which,
                         const domain::Uuid& goal, std::int64_t version) {
    return tx.exec(
        R"sql(
        select e.stream, e.version, e.position, e.type, e.schema,
               (extract(epoch from e.recorded_at) * 1000000)::bigint, e.data
          from log.event e
         where e.tenant = $1 and e.category = 'goal' and (e.stream, e.version) > ($2, $3)
           and e.position <= $4 and e.recorded_at <= $5::timestamptz
         order by e.stream, e.version limit $6)sql",
        pqxx::params{
            domain::to_text(which.tenant), domain::to_text(goal), version, which.position_max,
            which.recorded_max ? domain::to_text(*which.recorded_max) : "infinity", batch_events});
}

}  // namespace

std::int64_t last_position(pqxx::transaction_base& tx, domain::TenantId tenant) {
    return tx.query_value<std::int64_t>(
        "select coalesce(max(position), 0) from log.event where tenant = $1",
        pqxx::params{domain::to_text(tenant)});
}

domain::Result<void> each_goal(pqxx::transaction_base& tx, const PastEvents& which,
                               PastLimits limits,
                               const std::function<bool(std::span<const events::Recorded>)>& take) {
    if (auto refused = beyond(tx, which.tenant, limits))
        return std::unexpected(*std::move(refused));
    std::vector<events::Recorded> goal;
    domain::Uuid stream = which.after_goal;
    std::int64_t version = INT64_MAX;
    while (true) {
        const auto rows = next_events(tx, which, stream, version);
        for (const auto& row : rows) {
            auto event = event_from(which.tenant, row);
            if (!goal.empty() && goal.front().stream != event.stream) {
                if (!take(goal)) return {};
                goal.clear();
            }
            goal.push_back(std::move(event));
        }
        if (std::size(rows) < batch_events) break;
        stream = goal.back().stream.id;
        version = goal.back().version;
    }
    if (!goal.empty()) take(goal);
    return {};
}

std::optional<Row> folded_goal(std::span<const events::Recorded> past) {
    if (past.empty()) return std::nullopt;
    auto folded = fold({}, past);
    if (!folded) return folded_goal(past.first(folded.error().index));
    return std::move(folded->rows.begin()->second);
}

domain::Result<Past> goals_at(pqxx::transaction_base& tx, domain::TenantId tenant,
                              const Moment& moment, std::int64_t position_max, PastLimits limits) {
    Past past{.rows = {}, .instant = moment.instant};
    const PastEvents which{tenant, std::min(position_max, moment.position.value_or(INT64_MAX)),
                           moment.instant};
    const auto read = each_goal(tx, which, limits, [&](std::span<const events::Recorded> events) {
        if (auto row = folded_goal(events))
            past.rows.emplace(RowKey{tenant, events.front().stream.id}, *std::move(row));
        past.position = std::max(past.position, events.back().position);
        return true;
    });
    if (!read) return std::unexpected(read.error());
    return past;
}

domain::Result<Moment> shared_moment(const Ask& ask, std::string_view filter) {
    const auto moment = moment_from(first_filter(ask, filter));
    if (!moment || moment->version)
        return std::unexpected(
            wrong_parameter(filter, "must be a @position or an RFC 3339 instant"));
    return *moment;
}

}  // namespace projections::goal_board
