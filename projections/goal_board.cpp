#include "projections/goal_board.hpp"

#include "events/codec.hpp"
#include "projections/prepared.hpp"
#include "events/goal_snapshot.hpp"
#include "events/writer.hpp"

#include <pqxx/pqxx>
#include <set>

namespace projections::goal_board {
namespace {

using namespace domain::goal;

constexpr std::string_view categories[]{"goal"};
constexpr std::string_view tables[]{"board.smart_goals", "board.goal_check_in"};

domain::Date day_of(domain::Instant instant) {
    constexpr std::int64_t day_micros = 86'400'000'000;
    return {static_cast<std::int32_t>(instant.micros / day_micros)};
}

std::string sealed_text(const std::optional<domain::Personal>& value) {
    if (!value || value->sealed() == nullptr) return {};
    return value->sealed()->envelope;
}

std::string learnings_of(const State& state) {
    if (!state.conclusion || !state.conclusion->learnings) return "null";
    events::Writer out;
    out.text(sealed_text(state.conclusion->learnings));
    return out.take();
}

/// Keys of the batch that are not in the table yet need no load, but only the table knows.
Rows load(pqxx::transaction_base& tx, std::span<const events::Recorded> batch) {
    std::set<RowKey> keys;
    for (const auto& event : batch) {
        if (event.version > 1) keys.insert({event.tenant, event.stream.id});
    }
    Rows rows;
    if (keys.empty()) return rows;
    Texts tenants, goals;
    for (const auto& key : keys) {
        tenants.push_back(domain::to_text(key.tenant));
        goals.push_back(domain::to_text(key.id));
    }
    const auto found = tx.exec(prepared(tx, "goal_board_load", R"sql(
        select g.tenant, g.goal, g.version, g.concluded_version,
               (extract(epoch from g.created_at) * 1000000)::bigint,
               (extract(epoch from g.updated_at) * 1000000)::bigint, g.state
          from unnest($1::uuid[], $2::uuid[]) as k (tenant, goal)
          join board.smart_goals g on g.tenant = k.tenant and g.goal = k.goal)sql"),
                               pqxx::params{tenants, goals});
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
    Texts tenant, goal, owner, title, description, lifecycle, health, status, specific, measurable,
        achievable, relevant, time_bound, outcome, progress_text, expected_text, current_value,
        expected_at, target_date, metric, health_due, created, updated, state;
    std::vector<std::int64_t> version, concluded;
    for (const auto& [key, row] : rows) {
        const auto& s = row.state;
        const auto day = day_of(row.updated_at);
        const auto groups = groups_of(s, learnings_of(s));
        const auto share = progress(s);
        tenant.push_back(domain::to_text(key.tenant));
        goal.push_back(domain::to_text(key.id));
        version.push_back(row.version);
        owner.push_back(domain::to_text(s.owner));
        title.push_back(s.title);
        description.push_back(s.specific.description);
        lifecycle.emplace_back(to_text(s.lifecycle));
        health.emplace_back(to_text(s.health));
        status.emplace_back(status_of(s));
        specific.push_back(groups.specific);
        measurable.push_back(groups.measurable);
        achievable.push_back(groups.achievable);
        relevant.push_back(groups.relevant);
        time_bound.push_back(groups.time_bound);
        outcome.push_back(groups.outcome);
        progress_text.push_back(share ? pqxx::to_string(*share) : "");
        expected_text.push_back(s.path.empty() ? "" : pqxx::to_string(expected_progress(s, day)));
        current_value.push_back(s.current ? s.current->value.text() : "");
        expected_at.push_back(or_empty(expected_value(s, day)));
        target_date.push_back(s.timeframe ? domain::to_text(s.timeframe->due) : "");
        metric.push_back(s.measure ? s.measure->metric : "");
        health_due.push_back(or_empty(next_change_of_health(s, day)));
        concluded.push_back(row.concluded_version);
        created.push_back(domain::to_text(row.created_at));
        updated.push_back(domain::to_text(row.updated_at));
        state.push_back(events::goal_snapshot(s));
    }
    tx.exec(prepared(tx, "goal_board_rows", R"sql(
        insert into board.smart_goals as g
            (tenant, goal, version, owner, title, description, lifecycle, health, status, specific,
             measurable, achievable, relevant, time_bound, outcome, progress, expected,
             current_value, expected_value, target_date, metric, health_due, concluded_version,
             created_at, updated_at, state)
        select tenant, goal, version, owner, title, description, lifecycle, health, status,
               specific, nullif(measurable, 'null'), achievable, relevant,
               nullif(time_bound, 'null'), nullif(outcome, 'null'), nullif(progress, '')::float8,
               nullif(expected, '')::float8, nullif(current_value, '')::numeric,
               nullif(expected_value, '')::numeric, nullif(target_date, '')::date,
               nullif(metric, ''), nullif(health_due, '')::date, concluded_version, created_at,
               updated_at, state
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::text[],
                      $7::text[], $8::text[], $9::text[], $10::jsonb[], $11::jsonb[], $12::jsonb[],
                      $13::jsonb[], $14::jsonb[], $15::jsonb[], $16::text[], $17::text[],
                      $18::text[], $19::text[], $20::text[], $21::text[], $22::text[],
                      $23::bigint[], $24::timestamptz[], $25::timestamptz[], $26::json[])
               as r (tenant, goal, version, owner, title, description, lifecycle, health, status,
                     specific, measurable, achievable, relevant, time_bound, outcome, progress,
                     expected, current_value, expected_value, target_date, metric, health_due,
                     concluded_version, created_at, updated_at, state)
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
            pqxx::params{tenant,        goal,          version,       owner,       title,
                         description,   lifecycle,     health,        status,      specific,
                         measurable,    achievable,    relevant,      time_bound,  outcome,
                         progress_text, expected_text, current_value, expected_at, target_date,
                         metric,        health_due,    concluded,     created,     updated,
                         state})
        .no_rows();
}

void save_check_ins(pqxx::transaction_base& tx, const std::vector<CheckInRow>& check_ins) {
    Texts tenant, goal, id, as_of, value, notes, blockers, next_step, source, actor, recorded;
    std::vector<std::int64_t> version;
    std::vector<int> confidence;
    for (const auto& row : check_ins) {
        tenant.push_back(domain::to_text(row.goal.tenant));
        goal.push_back(domain::to_text(row.goal.id));
        version.push_back(row.version);
        id.push_back(domain::to_text(row.fact.check_in));
        as_of.push_back(domain::to_text(row.fact.as_of));
        value.push_back(or_empty(row.fact.value));
        confidence.push_back(row.fact.confidence.value_or(0));
        notes.push_back(sealed_text(row.fact.notes));
        blockers.push_back(sealed_text(row.fact.blockers));
        next_step.push_back(sealed_text(row.fact.next_step));
        source.emplace_back(to_text(row.fact.source));
        actor.push_back(domain::to_text(row.actor.id));
        recorded.push_back(domain::to_text(row.recorded_at));
    }
    tx.exec(prepared(tx, "goal_board_check_ins", R"sql(
        insert into board.goal_check_in (tenant, goal, version, check_in, as_of, value, confidence,
                                         notes, blockers, next_step, source, actor, recorded_at)
        select tenant, goal, version, check_in, as_of, nullif(value, '')::numeric,
               nullif(confidence, 0), notes, blockers, next_step, source, actor, recorded_at
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::uuid[], $5::date[], $6::text[],
                      $7::smallint[], $8::text[], $9::text[], $10::text[], $11::text[],
                      $12::uuid[], $13::timestamptz[])
               as r (tenant, goal, version, check_in, as_of, value, confidence, notes, blockers,
                     next_step, source, actor, recorded_at)
            on conflict do nothing)sql"),
            pqxx::params{tenant, goal, version, id, as_of, value, confidence, notes, blockers,
                         next_step, source, actor, recorded})
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
        if (row.version == 0) row.created_at = event.recorded_at;
        if (const auto* check_in = std::get_if<CheckedIn>(&*fact))
            folded.check_ins.push_back(
                {key, event.version, *check_in, event.actor, event.recorded_at});
        if (std::holds_alternative<Completed>(*fact)) row.concluded_version = event.version;
        row.state = evolve(std::move(row.state), *fact);
        row.version = event.version;
        row.updated_at = event.recorded_at;
    }
    return folded;
}

const Projection projection{"goal_board", categories, "", tables, &apply};

}  // namespace projections::goal_board
