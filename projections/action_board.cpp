#include "projections/action_board.hpp"

#include "domain/goal.hpp"
#include "events/codec.hpp"
#include "projections/prepared.hpp"

#include <map>
#include <pqxx/pqxx>

namespace projections::action_board {
namespace {

using namespace domain::goal;

constexpr std::string_view categories[]{"goal"};
constexpr std::string_view tables[]{"board.action_item"};

/// What a batch says of an item; empty members leave the row as it is.
struct Row {
    domain::Uuid goal{};
    std::string title, status;
    std::optional<domain::UserId> assignee;
    std::optional<domain::Date> due, completed_on;
    std::int64_t version{};
    domain::Instant created_at, updated_at;
};
using Rows = std::map<RowKey, Row>;

void change(Rows& rows, const events::Recorded& event, const Event& fact) {
    const auto row_of = [&](domain::ActionItemId item) -> Row& {
        auto& row = rows[{event.tenant, item.value}];
        row.goal = event.stream.id;
        row.version = event.version;
        row.updated_at = event.recorded_at;
        return row;
    };
    if (const auto* added = std::get_if<ActionItemAdded>(&fact)) {
        auto& row = row_of(added->item);
        row.title = added->title;
        row.assignee = added->assignee;
        row.due = added->due;
        row.status = to_text(ActionStatus::open);
        row.created_at = event.recorded_at;
    } else if (const auto* started = std::get_if<ActionItemStarted>(&fact)) {
        row_of(started->item).status = to_text(ActionStatus::started);
    } else if (const auto* completed = std::get_if<ActionItemCompleted>(&fact)) {
        auto& row = row_of(completed->item);
        row.status = to_text(ActionStatus::completed);
        row.completed_on = completed->on;
    } else if (const auto* rescheduled = std::get_if<ActionItemRescheduled>(&fact)) {
        row_of(rescheduled->item).due = rescheduled->due;
    } else if (const auto* cancelled = std::get_if<ActionItemCancelled>(&fact)) {
        row_of(cancelled->item).status = to_text(ActionStatus::cancelled);
    }
}

void save(pqxx::transaction_base& tx, const Rows& rows) {
    Uuids tenant, item, goal, assignee;
    Texts title, status;
    Dates due, completed_on;
    Instants created, updated;
    BigInts version;
    for (const auto& [key, row] : rows) {
        tenant.push_back(key.tenant);
        item.push_back(key.id);
        goal.push_back(row.goal);
        version.push_back(row.version);
        title.push_back(row.title);
        assignee.push_back(row.assignee ? std::optional{row.assignee->value} : std::nullopt);
        due.push_back(row.due);
        status.push_back(unless_empty(row.status));
        completed_on.push_back(row.completed_on);
        created.push_back(row.created_at);
        updated.push_back(row.updated_at);
    }
    tx.exec(prepared(tx, "action_board_insert", R"sql(
        insert into board.action_item as a (tenant, item, goal, version, title, assignee, due,
                                            status, completed_on, created_at, updated_at)
        select tenant, item, goal, version, title, assignee, due, coalesce(status, 'open'),
               completed_on, created_at, updated_at
          from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::uuid[],
                      $7::date[], $8::text[], $9::date[], $10::timestamptz[], $11::timestamptz[])
               as r (tenant, item, goal, version, title, assignee, due, status, completed_on,
                     created_at, updated_at)
            on conflict (tenant, item) do nothing)sql"),
            as_params(tenant, item, goal, version, title, assignee, due, status, completed_on,
                      created, updated))
        .no_rows();
    tx.exec(prepared(tx, "action_board_update", R"sql(
        update board.action_item a
           set version = r.version, updated_at = r.updated_at, due = coalesce(r.due, a.due),
               status = coalesce(r.status, a.status),
               completed_on = coalesce(r.completed_on, a.completed_on)
          from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::date[], $5::text[], $6::date[],
                      $7::timestamptz[])
               as r (tenant, item, version, due, status, completed_on, updated_at)
         where a.tenant = r.tenant and a.item = r.item and a.version < r.version)sql"),
            as_params(tenant, item, version, due, status, completed_on, updated))
        .no_rows();
}

Applied apply(pqxx::transaction_base& tx, std::span<const events::Recorded> batch) {
    Rows rows;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        auto fact = events::codec<Event>().decode(batch[i], nullptr);
        if (!fact) return std::unexpected(Poison{i, std::move(fact.error())});
        change(rows, batch[i], *fact);
    }
    if (!rows.empty()) save(tx, rows);
    return {};
}

}  // namespace

const Projection projection{
    "action_board", categories, "goal.action-item-", tables, &apply, 0, true};

}  // namespace projections::action_board
