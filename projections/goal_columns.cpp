#include "projections/goal_columns.hpp"

#include "events/writer.hpp"

#include <pqxx/pqxx>

namespace projections::goal_board {
namespace {

using namespace domain::goal;

struct Named {
    std::string_view name, type;
};
/// In the order of the table.
constexpr Named named[]{
    {"tenant", "uuid"},
    {"goal", "uuid"},
    {"version", "bigint"},
    {"owner", "uuid"},
    {"title", "text"},
    {"description", "text"},
    {"lifecycle", "text"},
    {"health", "text"},
    {"status", "text"},
    {"specific", "jsonb"},
    {"measurable", "jsonb"},
    {"achievable", "jsonb"},
    {"relevant", "jsonb"},
    {"time_bound", "jsonb"},
    {"outcome", "jsonb"},
    {"progress", "float8"},
    {"expected", "float8"},
    {"current_value", "numeric"},
    {"expected_value", "numeric"},
    {"target_date", "date"},
    {"metric", "text"},
    {"health_due", "date"},
    {"concluded_version", "bigint"},
    {"created_at", "timestamptz"},
    {"updated_at", "timestamptz"},
};

std::string learnings_of(const State& state) {
    if (!state.conclusion || !state.conclusion->learnings) return "null";
    const auto* sealed = state.conclusion->learnings->sealed();
    events::Writer out;
    out.text(sealed == nullptr ? std::string_view{} : sealed->envelope);
    return out.take();
}

/// The first day on which health may be another than the one recorded. The tenant's day is not
/// known here and may be the one before in UTC, so it errs to the early side: whoever looks then
/// finds nothing new.
std::optional<domain::Date> health_due_of(const State& state, domain::Date day) {
    if (state.lifecycle != Lifecycle::active || !state.measure || !state.timeframe)
        return std::nullopt;
    const auto from = day + -1;
    if (diagnose(state, from).health != state.health) return from;
    return next_change_of_health(state, from);
}

std::optional<Jsonb> unless_null(std::string_view json) {
    if (json == "null") return std::nullopt;
    return Jsonb{json};
}

}  // namespace

void RowColumns::add(const RowKey& key, const Row& row) {
    const auto& s = row.state;
    const auto day = utc_day(row.updated_at);
    const auto groups = groups_of(s, learnings_of(s));
    tenant_.push_back(key.tenant);
    goal_.push_back(key.id);
    version_.push_back(row.version);
    owner_.push_back(s.owner);
    title_.push_back(s.title);
    description_.push_back(s.specific.description);
    lifecycle_.push_back(to_text(s.lifecycle));
    health_.push_back(to_text(s.health));
    status_.push_back(status_of(s));
    specific_.push_back(Jsonb{groups.specific});
    measurable_.push_back(unless_null(groups.measurable));
    achievable_.push_back(Jsonb{groups.achievable});
    relevant_.push_back(Jsonb{groups.relevant});
    time_bound_.push_back(unless_null(groups.time_bound));
    outcome_.push_back(unless_null(groups.outcome));
    progress_now_.push_back(progress(s));
    expected_.push_back(s.path.empty() ? std::nullopt : std::optional{expected_progress(s, day)});
    current_value_.push_back(s.current ? std::optional{s.current->value} : std::nullopt);
    expected_at_.push_back(expected_value(s, day));
    target_date_.push_back(s.timeframe ? std::optional{s.timeframe->due} : std::nullopt);
    metric_.push_back(s.measure ? unless_empty(s.measure->metric) : std::nullopt);
    health_due_.push_back(health_due_of(s, day));
    concluded_.push_back(row.concluded_version);
    created_.push_back(row.created_at);
    updated_.push_back(row.updated_at);
}

void RowColumns::bind(pqxx::params& params) const {
    params.append(as_params(tenant_, goal_, version_, owner_, title_, description_, lifecycle_,
                            health_, status_, specific_, measurable_, achievable_, relevant_,
                            time_bound_, outcome_, progress_now_, expected_, current_value_,
                            expected_at_, target_date_, metric_, health_due_, concluded_, created_,
                            updated_));
}

std::string RowColumns::relation(int first) {
    std::string arrays, names;
    for (const auto& [name, type] : named) {
        const std::string comma = names.empty() ? "" : ", ";
        arrays += comma + "$" + std::to_string(first++) + "::" + std::string{type} + "[]";
        names += comma + std::string{name};
    }
    return "(select r.*, coalesce(r.target_date, 'infinity') as due from unnest(" + arrays +
           ") as r (" + names + "))";
}

int RowColumns::count() { return static_cast<int>(std::size(named)); }

}  // namespace projections::goal_board
