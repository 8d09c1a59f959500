#include "projections/goal_board.hpp"

#include "events/codec.hpp"
#include "events/goal_snapshot.hpp"
#include "projections/goal_columns.hpp"
#include "projections/prepared.hpp"

#include <pqxx/pqxx>
#include <set>

namespace projections::goal_board {
namespace {

using namespace domain::goal;

inline constexpr domain::Reason events_missing{domain::Reason::Kind::defect, "events-missing",
                                               "Earlier events of the stream were not folded"};

constexpr std::string_view categories[]{"goal"};
constexpr std::string_view tables[]{"board.smart_goals", "board.goal_check_in"};
constexpr std::string_view appended[]{"board.goal_check_in"};

std::string sealed_text(const std::optional<domain::Personal>& value) {
    if (!value || value->sealed() == nullptr) return {};
    return value->sealed()->envelope;
}

/// Keys of the batch that are not in the table yet need no load, but only the table knows.
Rows load(pqxx::transaction_base& tx, std::span<const events::Recorded> batch) {
    std::set<RowKey> keys;
    for (const auto& event : batch) {
        if (event.version > 1) keys.insert({event.tenant, event.stream.id});
    }
    Rows rows;
    if (keys.empty()) return rows;
    Uuids tenants, goals;
    for (const auto& key : keys) {
        tenants.push_back(key.tenant);
        goals.push_back(key.id);
    }
    const auto found = tx.exec(prepared(tx, "goal_board_load", R"sql(
        select g.tenant, g.goal, g.version, g.concluded_version,
               (extract(epoch from g.created_at) * 1000000)::bigint,
               (extract(epoch from g.updated_at) * 1000000)::bigint, g.state
          from unnest($1::uuid[], $2::uuid[]) as k (tenant, goal)
          join board.smart_goals g on g.tenant = k.tenant and g.goal = k.goal)sql"),
                               as_params(tenants, goals));
    for (const auto& row : found) {
        const auto [tenant, goal, version, concluded, created, updated, json] =
            row.as<std::string_view, std::string_view, std::int64_t, std::int64_t, std::int64_t,
                   std::int64_t, std::string_view>();
        auto state = events::goal_from_snapshot(json);
        if (!state) throw pqxx::data_exception{"a goal's snapshot does not decode"};
        rows[{{domain::uuid_from(tenant).value()}, domain::uuid_from(goal).value()}] =
            Row{*std::move(state), version, concluded, {created}, {updated}};
    }
    return rows;
}

void save_rows(pqxx::transaction_base& tx, const Rows& rows) {
    RowColumns columns;
    Jsons state;
    for (const auto& [key, row] : rows) {
        columns.add(key, row);
        const auto snapshot = events::goal_snapshot(row.state);
        state.push_back(Json{snapshot});
    }
    pqxx::params params;
    columns.bind(params);
    params.append(state.bound());
    tx.exec(prepared(tx, "goal_board_rows", R"sql(
        insert into board.smart_goals as g
            (tenant, goal, version, owner, title, description, lifecycle, health, status, specific,
             measurable, achievable, relevant, time_bound, outcome, progress, expected,
             current_value, expected_value, target_date, metric, health_due, concluded_version,
             created_at, updated_at, state)
        select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[],
                             $6::text[], $7::text[], $8::text[], $9::text[], $10::jsonb[],
                             $11::jsonb[], $12::jsonb[], $13::jsonb[], $14::jsonb[], $15::jsonb[],
                             $16::float8[], $17::float8[], $18::numeric[], $19::numeric[],
                             $20::date[], $21::text[], $22::date[], $23::bigint[],
                             $24::timestamptz[], $25::timestamptz[], $26::json[])
            on conflict (tenant, goal) do update
           set (version, owner, title, description, lifecycle, health, status, specific,
                measurable, achievable, relevant, time_bound, outcome, progress, expected,
                current_value, expected_value, target_date, metric, health_due,
                concluded_version, updated_at, state)
             = (excluded.version, excluded.owner, excluded.title, excluded.description,
                excluded.lifecycle, excluded.health, excluded.status, excluded.specific,
                excluded.measurable, excluded.achievable, excluded.relevant, excluded.time_bound,
                excluded.outcome, excluded.progress, excluded.expected, excluded.current_value,
                excluded.expected_value, excluded.target_date, excluded.metric,
                excluded.health_due, excluded.concluded_version, excluded.updated_at,
                excluded.state)
         where g.version < excluded.version)sql"),
            params)
        .no_rows();
}

/// The fold passes no version twice, so that none is there yet.
void save_check_ins(pqxx::transaction_base& tx, const std::vector<CheckInRow>& check_ins) {
    Uuids tenant, goal, id, actor;
    BigInts version;
    Dates as_of;
    Decimals value;
    SmallInts confidence;
    Texts notes, blockers, next_step, source;
    Instants recorded;
    for (const auto& row : check_ins) {
        tenant.push_back(row.goal.tenant);
        goal.push_back(row.goal.id);
        version.push_back(row.version);
        id.push_back(row.fact.check_in);
        as_of.push_back(row.fact.as_of);
        value.push_back(row.fact.value);
        confidence.push_back(row.fact.confidence
                                 ? std::optional{static_cast<std::int16_t>(*row.fact.confidence)}
                                 : std::nullopt);
        notes.push_back(sealed_text(row.fact.notes));
        blockers.push_back(sealed_text(row.fact.blockers));
        next_step.push_back(sealed_text(row.fact.next_step));
        source.push_back(to_text(row.fact.source));
        actor.push_back(row.actor.id);
        recorded.push_back(row.recorded_at);
    }
    tx.exec(prepared(tx, "goal_board_check_ins", R"sql(
        insert into board.goal_check_in (tenant, goal, version, check_in, as_of, value, confidence,
                                         notes, blockers, next_step, source, actor, recorded_at)
        select unnest($1::uuid[]), unnest($2::uuid[]), unnest($3::bigint[]), unnest($4::uuid[]),
               unnest($5::date[]), unnest($6::numeric[]), unnest($7::smallint[]),
               unnest($8::text[]), unnest($9::text[]), unnest($10::text[]), unnest($11::text[]),
               unnest($12::uuid[]), unnest($13::timestamptz[]))sql"),
            as_params(tenant, goal, version, id, as_of, value, confidence, notes, blockers,
                      next_step, source, actor, recorded))
        .no_rows();
}

Applied apply(pqxx::transaction_base& tx, std::span<const events::Recorded> batch) {
    auto folded = fold(load(tx, batch), batch);
    if (!folded) return std::unexpected(std::move(folded.error()));
    if (!folded->rows.empty()) save_rows(tx, folded->rows);
    if (!folded->check_ins.empty()) save_check_ins(tx, folded->check_ins);
    return {};
}

}  // namespace

std::expected<Folded, Poison> fold(Rows rows, std::span<const events::Recorded> batch) {
    Folded folded{std::move(rows), {}};
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto& event = batch[i];
        auto fact = events::codec<Event>().decode(event, nullptr);
        if (!fact) return std::unexpected(Poison{i, std::move(fact.error())});
        const RowKey key{event.tenant, event.stream.id};
        auto& row = folded.rows[key];
        if (event.version <= row.version) continue;
        // The board reads every event of a goal: a hole is a loss, never a reason to guess.
        if (event.version != row.version + 1)
            return std::unexpected(Poison{i, {events_missing, "a version before is missing"}});
        if (row.version == 0) row.created_at = event.recorded_at;
        if (std::holds_alternative<Completed>(*fact)) row.concluded_version = event.version;
        row.state = evolve(std::move(row.state), *fact);
        row.version = event.version;
        row.updated_at = event.recorded_at;
        if (auto* check_in = std::get_if<CheckedIn>(&*fact))
            folded.check_ins.push_back(
                {key, event.version, std::move(*check_in), event.actor, event.recorded_at});
    }
    return folded;
}

const Projection projection{"goal_board", categories, "", tables, &apply, 0, true, appended};

}  // namespace projections::goal_board
