#include "src/postgres/migrations.hpp"

#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/postgres/refusing.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

Record counted(std::string_view what, int count) {
    Record record;
    record.fields.emplace_back(std::string{what}, std::int64_t{count});
    return record;
}

domain::Result<std::string> database_name(const postgres::Database& database) {
    return postgres::refusing([&]() -> domain::Result<std::string> {
        return std::string{postgres::connect(database, postgres::As::admin)->dbname()};
    });
}

}  // namespace

Outcome migrate_up(Context& context) {
    const auto done = postgres::migrate_up(runtime::admin_database_of(context.config),
                                           [&](const std::string& line) { context.say(line); });
    if (!done) return std::unexpected(explained(context, done.error()));
    return Answer{counted("applied", *done),
                  ok,
                  {*done == 0 ? "nothing to do; the functions are fresh"
                              : "undo: cairn migrate down --steps " + std::to_string(*done)}};
}

Outcome migrate_down(Context& context) {
    const auto database = runtime::admin_database_of(context.config);
    const auto steps = static_cast<int>(context.number("steps", 1));
    const auto name = database_name(database);
    if (!name) return std::unexpected(explained(context, name.error()));
    if (auto sure = context.confirm_name("taking back " + std::to_string(steps) +
                                             " migration(s) of the database " + *name +
                                             " loses what is in their tables",
                                         *name);
        !sure)
        return std::unexpected(std::move(sure.error()));
    const auto done = postgres::migrate_down(database, steps,
                                             [&](const std::string& line) { context.say(line); });
    if (!done) return std::unexpected(explained(context, done.error()));
    return Answer{counted("taken_back", *done)};
}

Outcome migrate_status(Context& context) {
    const auto states = postgres::migration_status(runtime::admin_database_of(context.config));
    if (!states) return std::unexpected(explained(context, states.error()));
    Table table{{"name", "state", "applied_at"}, {}};
    for (const auto& one : *states) {
        const std::string state = !one.applied ? "missing" : one.changed ? "changed" : "applied";
        table.rows.push_back({one.name, state, Cell{}});
        if (one.applied) table.rows.back().back() = instant_text(one.applied_at);
    }
    return Answer{std::move(table)};
}

Outcome migrate_verify(Context& context) {
    const auto same = postgres::migration_verify(runtime::admin_database_of(context.config));
    if (same) {
        Record record;
        record.fields.emplace_back("schema", std::string{"ok"});
        return Answer{std::move(record)};
    }
    auto failure = explained(context, same.error());
    if (failure.refusal.why == postgres::migration_drift) {
        failure.exit_code = difference;
        failure.hint = "see: cairn migrate status";
    }
    return std::unexpected(std::move(failure));
}

}  // namespace cli
