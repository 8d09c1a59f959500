#include "src/cli/database.hpp"
#include "src/cli/event_rows.hpp"
#include "src/cli/handlers.hpp"
#include "src/postgres/event_store.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

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

Cell text_or_nothing(const pqxx::field& field) {
    return field.is_null() ? Cell{} : Cell{field.as<std::string>()};
}

}  // namespace

Outcome goals_ls(Context& context) {
    return as_tenant(context, [&](pqxx::transaction_base& tx) -> Outcome {
        Table table{{"goal", "title", "status", "progress", "target_date", "owner", "updated_at"},
                    {}};
        for (const auto& row : tx.exec(R"sql(
                select goal, title, status, progress, target_date, owner, updated_at
                  from board.smart_goals
                 where tenant = $1::uuid and ($2 = '' or status = $2)
                 order by updated_at desc, goal limit $3)sql",
                                       pqxx::params{context.text("tenant"), context.text("status"),
                                                    context.number("limit", 50)}))
            table.rows.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                                  row[2].as<std::string>(), number_or_nothing(row[3]),
                                  text_or_nothing(row[4]), row[5].as<std::string>(),
                                  instant_text(row[6].view())});
        return Answer{std::move(table)};
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
