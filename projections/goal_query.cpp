#include "projections/goal_query.hpp"

#include "events/goal_snapshot.hpp"
#include "events/writer.hpp"
#include "projections/goal_view.hpp"
#include "projections/prepared.hpp"

#include <pqxx/pqxx>

namespace projections::goal_board {
namespace {

using events::Writer;

constexpr int check_ins_on_page = 100;

domain::Result<std::string> check_ins_json(pqxx::transaction_base& tx, const Ask& ask,
                                           const domain::Uuid& goal, std::int64_t before, int limit,
                                           std::int64_t* last) {
    const auto rows =
        tx.exec(prepared(tx, "goal_check_ins", R"sql(
        select c.version, c.check_in, c.as_of, c.value::text, c.confidence, c.notes, c.blockers,
               c.next_step, c.source, c.actor,
               to_char(c.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
          from board.goal_check_in c
         where c.tenant = $1 and c.goal = $2 and c.version < $3
         order by c.version desc limit $4)sql"),
                pqxx::params{domain::to_text(ask.tenant), domain::to_text(goal), before, limit});
    Writer out;
    out.open_list();
    for (const auto& row : rows) {
        const auto version = row[0].as<std::int64_t>();
        if (last != nullptr) *last = version;
        out.open().key("id").text(row[1].view()).key("as_of").text(row[2].view()).key("value");
        if (row[3].is_null()) out.null();
        else out.text(row[3].view());
        out.key("confidence");
        if (row[4].is_null()) out.null();
        else out.integer(row[4].as<int>());
        constexpr std::string_view sealed[]{"notes", "blockers", "next_step"};
        for (int i = 0; i < 3; ++i) {
            const auto name = sealed[static_cast<std::size_t>(i)];
            auto value = shown(ask, {ask.tenant, {"goal", goal}, version, "goal.checked-in", name},
                               row[5 + i].view());
            if (!value) return std::unexpected(std::move(value.error()));
            out.key(name).raw(*value);
        }
        out.key("source").text(row[8].view()).key("by").text(row[9].view());
        out.key("recorded_at").text(row[10].view()).close();
    }
    out.close_list();
    return out.take();
}

std::string envelope_of_learnings(const domain::goal::State& state) {
    if (!state.conclusion || !state.conclusion->learnings) return {};
    const auto* sealed = state.conclusion->learnings->sealed();
    return sealed == nullptr ? std::string{} : sealed->envelope;
}

}  // namespace

domain::Result<Answer> get(pqxx::transaction_base& tx, const Ask& ask) {
    const auto goal = id_in_path(ask, "goal");
    if (!goal) return std::unexpected(goal.error());
    const auto rows = tx.exec(prepared(tx, "goal", R"sql(
        select g.version, g.concluded_version, (extract(epoch from g.created_at) * 1000000)::bigint,
               (extract(epoch from g.updated_at) * 1000000)::bigint, g.state,
               (select coalesce(json_agg(json_build_object('id', a.item, 'title', a.title,
                           'assignee', a.assignee, 'due', a.due, 'status', a.status,
                           'completed_on', a.completed_on) order by a.created_at, a.item), '[]')
                  from board.action_item a where a.tenant = g.tenant and a.goal = g.goal)
          from board.smart_goals g where g.tenant = $1 and g.goal = $2)sql"),
                              pqxx::params{domain::to_text(ask.tenant), domain::to_text(*goal)});
    if (rows.empty()) return domain::refuse(not_found);
    const auto [version, concluded, created, updated, json, action_plan] =
        rows[0]
            .as<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::string_view,
                std::string>();
    auto state = events::goal_from_snapshot(json);
    if (!state) return std::unexpected(std::move(state.error()));
    Beside beside;
    auto check_ins = check_ins_json(tx, ask, *goal, INT64_MAX, check_ins_on_page, nullptr);
    if (!check_ins) return std::unexpected(std::move(check_ins.error()));
    beside.check_ins = *std::move(check_ins);
    beside.action_plan = action_plan;
    auto learnings =
        shown(ask, {ask.tenant, {"goal", *goal}, concluded, "goal.completed", "learnings"},
              envelope_of_learnings(*state));
    if (!learnings) return std::unexpected(std::move(learnings.error()));
    beside.learnings = *std::move(learnings);
    const Row row{*std::move(state), version, concluded, {created}, {updated}};
    return Answer{goal_json(row, ask.today, beside), version, {}, false};
}

domain::Result<Answer> check_ins(pqxx::transaction_base& tx, const Ask& ask) {
    const auto goal = id_in_path(ask, "goal");
    if (!goal) return std::unexpected(goal.error());
    const auto known = tx.exec("select 1 from board.smart_goals where tenant = $1 and goal = $2",
                               pqxx::params{domain::to_text(ask.tenant), domain::to_text(*goal)});
    if (known.empty()) return domain::refuse(not_found);
    const auto before = ask.cursor.empty() ? INT64_MAX : std::stoll(ask.cursor);
    std::int64_t last = 0;
    auto items = check_ins_json(tx, ask, *goal, before, ask.limit, &last);
    if (!items) return std::unexpected(std::move(items.error()));
    const auto more = tx.exec(
        "select 1 from board.goal_check_in "
        "where tenant = $1 and goal = $2 and version < $3 limit 1",
        pqxx::params{domain::to_text(ask.tenant), domain::to_text(*goal), last});
    return Answer{*std::move(items), std::nullopt, more.empty() ? "" : std::to_string(last), true};
}

}  // namespace projections::goal_board
