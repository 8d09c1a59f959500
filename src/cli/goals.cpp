#include "projections/goal_changes.hpp"
#include "projections/goal_columns.hpp"
#include "projections/goal_past.hpp"
#include "src/cli/database.hpp"
#include "src/cli/event_rows.hpp"
#include "src/cli/handlers.hpp"
#include "src/postgres/event_store.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

namespace goal_board = projections::goal_board;

/// Goals are read as the request role, which sees one tenant and nothing else.
Outcome as_tenant(Context& context, const std::function<Outcome(pqxx::transaction_base&)>& work) {
    const domain::TenantId tenant{context.uuid("tenant").value_or(domain::Uuid{})};
    postgres::Reader reader{runtime::database_of(context.config)};
    std::optional<Outcome> outcome;
    const auto ran =
        reader.query<bool>(tenant, [&](pqxx::transaction_base& tx) -> domain::Result<bool> {
            outcome.emplace(work(tx));
            return true;
        });
    if (!ran) return std::unexpected(explained(context, ran.error()));
    return *std::move(outcome);
}

Cell number_or_nothing(const pqxx::field& field) {
    return field.is_null() ? Cell{} : Cell{field.as<double>()};
}

/// Empty when the flag is not given.
Checked<std::optional<projections::Moment>> moment_flag(const Context& context,
                                                        std::string_view flag) {
    if (!context.has(flag)) return std::nullopt;
    const auto moment = projections::moment_from(context.text(flag));
    if (!moment || moment->version)
        return std::unexpected(Failure{bad_usage,
                                       "'" + context.text(flag) + "' is no moment of all goals",
                                       "a moment is an @position, or a time such as "
                                       "2026-01-31T08:00:00Z"});
    return *moment;
}

}  // namespace

Outcome goals_ls(Context& context) {
    const auto moment = moment_flag(context, "as-of");
    if (!moment) return std::unexpected(moment.error());
    return as_tenant(context, [&](pqxx::transaction_base& tx) -> Outcome {
        pqxx::params params{context.text("tenant"), context.text("status"),
                            context.number("limit", 50)};
        std::string source = "board.smart_goals";
        goal_board::RowColumns columns;
        Answer answer;
        if (*moment) {
            const domain::TenantId tenant{context.uuid("tenant").value_or(domain::Uuid{})};
            const auto past = goal_board::goals_at(tx, tenant, **moment, INT64_MAX);
            if (!past) return std::unexpected(explained(context, past.error()));
            for (const auto& [key, row] : past->rows) columns.add(key, row);
            columns.bind(params);
            source = goal_board::RowColumns::relation(4);
            answer.notes.push_back("as of @" + std::to_string(past->position));
        }
        Table table{{"goal", "title", "status", "progress", "target_date", "owner", "updated_at"},
                    {}};
        for (const auto& row : tx.exec(R"sql(
                select goal, title, status, progress, target_date, owner, updated_at
                  from )sql" + source + R"sql( as g
                 where tenant = $1::uuid and ($2 = '' or status = $2)
                 order by updated_at desc, goal limit $3)sql",
                                       params))
            table.rows.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                                  row[2].as<std::string>(), number_or_nothing(row[3]),
                                  text_or_nothing(row[4]), row[5].as<std::string>(),
                                  instant_text(row[6].view())});
        answer.data = std::move(table);
        return answer;
    });
}

Outcome goals_diff(Context& context) {
    const auto from = moment_flag(context, "from"), to = moment_flag(context, "to");
    if (!from) return std::unexpected(from.error());
    if (!to) return std::unexpected(to.error());
    const domain::TenantId tenant{context.uuid("tenant").value_or(domain::Uuid{})};
    const projections::Moment now{{}, INT64_MAX, {}};
    const auto limit = static_cast<std::size_t>(context.number("limit", 50));
    return as_tenant(context, [&](pqxx::transaction_base& tx) -> Outcome {
        auto changes = goal_board::changes_between(
            tx, tenant, {**from, to->value_or(now), INT64_MAX, {}, limit + 1});
        if (!changes) return std::unexpected(explained(context, changes.error()));
        Answer answer;
        if (changes->size() > limit) {
            changes->resize(limit);
            answer.notes.push_back("the first " + std::to_string(limit) +
                                   " goals; more with --limit");
        }
        Table table{{"goal", "title", "change", "member", "from", "to"}, {}};
        for (const auto& change : *changes) {
            for (const auto& [member, before, after] :
                 projections::differences(change.before, change.after))
                table.rows.push_back({domain::to_text(change.goal), change.title,
                                      std::string{change.what}, member, json_cell(before),
                                      json_cell(after)});
        }
        answer.data = std::move(table);
        return answer;
    });
}

Outcome goals_show(Context& context) {
    return as_tenant(context, [&](pqxx::transaction_base& tx) -> Outcome {
        const auto rows = tx.exec(R"sql(
            select goal, title, owner, lifecycle, status, health, target_date, created_at,
                   updated_at, progress, expected, version,
                   specific, measurable, achievable, relevant, time_bound, outcome
              from board.smart_goals where tenant = $1::uuid and goal = $2::uuid)sql",
                                  pqxx::params{context.text("tenant"), context.text("GOAL")});
        if (rows.empty())
            return std::unexpected(
                Failure{not_there, "goal " + context.text("GOAL"),
                        "find it with: cairn goals ls --tenant " + context.text("tenant")});
        const auto row = rows[0];
        constexpr int texts = 9, numbers = 12;
        Record record;
        for (int i = 0; i < row.size(); ++i) {
            const auto field = row[i];
            Cell cell;
            if (field.is_null()) cell = {};
            else if (i == 7 || i == 8) cell = instant_text(field.view());
            else if (i < texts) cell = field.as<std::string>();
            else if (i < numbers) cell = Json{field.as<std::string>()};
            else cell = Json{without_personal("", field.view())};
            record.fields.emplace_back(field.name(), std::move(cell));
        }
        return Answer{std::move(record)};
    });
}

}  // namespace cli
