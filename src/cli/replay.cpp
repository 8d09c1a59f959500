#include "src/cli/beside.hpp"
#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/stop.hpp"
#include "src/runtime/together.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

/// Tables, with how many of their rows this build would have otherwise.
Table changes(runtime::Together& together, const ChosenProjections& chosen, std::int64_t& rows) {
    Table table{{"projection", "table", "rows", "missing", "added", "changed"}, {}};
    for (const auto* projection : chosen) {
        for (const auto& one : together.tallies(*projection)) {
            const auto count = one.same() ? runtime::RowDifferences{} : together.count(one.table);
            rows += count.missing + count.added + count.changed;
            table.rows.push_back({std::string{projection->name}, one.table, one.rows, count.missing,
                                  count.added, count.changed});
        }
    }
    return table;
}

Outcome compared(Context& context, runtime::Beside& beside, const ChosenProjections& chosen) {
    Record record;
    if (const auto begun = beside.begin(); !begun) return std::unexpected(Failure{begun.error()});
    if (auto folded = fold_with_progress(context, beside, names_of(chosen), record); !folded)
        return std::unexpected(folded.error());
    auto together = beside.together(until_stopped());
    if (!together) return std::unexpected(stopped_or(together.error()));
    std::int64_t differing = 0;
    const auto samples =
        static_cast<int>(std::clamp<std::int64_t>(context.number("samples", 1), 0, 1000));
    record.parts.emplace_back("tables", changes(**together, chosen, differing));
    if (differing > 0 && samples > 0)
        record.parts.emplace_back("differences", difference_rows(**together, chosen, samples));
    record.fields.emplace_back("rows_differing", differing);
    Answer answer{std::move(record)};
    if (differing > 0 && context.has("compare")) answer.exit_code = difference;
    answer.notes.emplace_back(differing == 0 ? "history gives exactly what is stored"
                                             : "nothing was changed");
    return answer;
}

}  // namespace

Outcome replay(Context& context) {
    const auto chosen = named_projections(context);
    if (!chosen) return std::unexpected(chosen.error());
    if (context.has("compare") == context.has("what-if"))
        return std::unexpected(
            Failure{bad_usage, "say --compare or --what-if", "see: cairn replay --help"});
    return with_database(context, Access::write, [&](pqxx::connection&) -> Outcome {
        catch_stop_signals();
        auto held = runtime::Beside::hold(runtime::database_of(context.config), *chosen,
                                          runtime::Place::compare, beside_options(context));
        if (!held) return std::unexpected(Failure{held.error()});
        auto outcome = compared(context, **held, *chosen);
        // After a stop the tables stay: the next run of this program goes on with them.
        if (outcome) (*held)->discard();
        return outcome;
    });
}

}  // namespace cli
