#include "src/runtime/metric_upkeep.hpp"

#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/no_keys.hpp"
#include "src/cli/progress.hpp"
#include "src/cli/stop.hpp"

#include <pqxx/pqxx>

namespace cli {
namespace {

domain::Instant pack_before(const Context& context) {
    const std::chrono::days age{
        context.number("older-than-days", context.config.metrics.pack_after_days)};
    return {runtime::now().micros - std::chrono::microseconds{age}.count()};
}

std::string shown(domain::Date day) {
    return day == domain::Date{} ? std::string{"everything"} : domain::to_text(day);
}

void mark_stopped(Answer& answer) {
    if (stop_signal() == 0) return;
    answer.exit_code = 128 + stop_signal();
    answer.notes.emplace_back("stopped; what is done stays done, and a repeat goes on from here");
}

}  // namespace

Outcome metrics_compact(Context& context) {
    const auto database = runtime::database_of(context.config);
    const auto before = pack_before(context);
    const auto cold = runtime::count_cold_points(database, before);
    if (!cold) return std::unexpected(explained(context, cold.error()));
    Record record;
    record.fields.emplace_back("older_than", domain::to_text(before));
    record.fields.emplace_back("cold_points", *cold);
    if (context.has("dry-run")) return Answer{std::move(record)};
    catch_stop_signals();
    Progress progress{context, {"metrics compact", "task", "points"}, *cold};
    const auto packed = runtime::pack_cold_points(database, before, [&](auto done, auto) {
        progress.add(done - progress.done());
        progress.tell();
        return stop_signal() == 0;
    });
    progress.end();
    if (!packed) return std::unexpected(explained(context, packed.error()));
    record.fields.emplace_back("packed_points", packed->points);
    record.fields.emplace_back("dropped_chunks", packed->chunks.value_or(0));
    record.fields.emplace_back("bytes_before", packed->bytes_before);
    record.fields.emplace_back("bytes_after", packed->bytes_after);
    record.fields.emplace_back("seconds", progress.seconds());
    Answer answer{std::move(record)};
    if (!packed->chunks)
        answer.notes.emplace_back(
            "the empty chunks are being read and were not dropped; a repeat drops them");
    mark_stopped(answer);
    return answer;
}

Outcome metrics_packed(Context& context) {
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        pqxx::nontransaction tx{connection};
        Table table{{"started_at", "what", "older_than", "points", "chunks", "bytes_before",
                     "bytes_after", "milliseconds", "outcome"},
                    {}};
        for (const auto& row : tx.exec(R"sql(
                select started_at, what, before, points, coalesce(chunks::text, 'not dropped'),
                       bytes_before, bytes_after, milliseconds, outcome
                  from projection.upkeep order by started_at desc limit $1)sql",
                                       pqxx::params{context.number("limit", 50)}))
            table.rows.push_back(
                {instant_text(row[0].view()), row[1].as<std::string>(), instant_text(row[2].view()),
                 row[3].as<std::int64_t>(), row[4].as<std::string>(), row[5].as<std::int64_t>(),
                 row[6].as<std::int64_t>(), row[7].as<std::int64_t>(), row[8].as<std::string>()});
        return Answer{std::move(table)};
    });
}

Outcome metrics_retention_ls(Context& context) {
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        pqxx::nontransaction tx{connection};
        Table table{{"tenant", "trimmed_at", "points_from", "hours_from", "days_from", "points",
                     "hours", "longer"},
                    {}};
        for (const auto& row :
             tx.exec(R"sql(
                select tenant, trimmed_at, points_before, hours_before, days_before, points, hours,
                       buckets
                  from board.metric_retention where ($1 = '' or tenant::text = $1)
                 order by trimmed_at desc, tenant limit $2)sql",
                     pqxx::params{context.text("tenant"), context.number("limit", 50)}))
            table.rows.push_back({row[0].as<std::string>(), instant_text(row[1].view()),
                                  row[2].as<std::string>(), row[3].as<std::string>(),
                                  row[4].as<std::string>(), row[5].as<std::int64_t>(),
                                  row[6].as<std::int64_t>(), row[7].as<std::int64_t>()});
        return Answer{std::move(table)};
    });
}

Outcome metrics_retention_run(Context& context) {
    const auto database = runtime::database_of(context.config);
    const auto now = runtime::now();
    const auto due = runtime::histories_due(database, now);
    if (!due) return std::unexpected(explained(context, due.error()));
    Table table{{"tenant", "points_from", "hours_from", "days_from"}, {}};
    for (const auto& one : *due)
        table.rows.push_back({domain::to_text(one.tenant), shown(one.kept_from.points),
                              shown(one.kept_from.hours), shown(one.kept_from.days)});
    const auto tenants = std::to_string(due->size());
    if (context.has("dry-run") || due->empty()) return Answer{std::move(table)};
    if (auto sure = context.confirm("give up for ever what " + tenants +
                                    " tenants' plans no longer promise");
        !sure)
        return std::unexpected(std::move(sure.error()));
    catch_stop_signals();
    NoKeys keys;
    postgres::Appender appender{database, {.writers = 1}, [](const postgres::Commit&) {}};
    Progress progress{
        context, {"metrics retention", "task", "tenants"}, static_cast<std::int64_t>(due->size())};
    const auto trimmed =
        runtime::trim_histories(database, appender, keys, now, [&](auto done, auto) {
            progress.add(done - progress.done());
            progress.tell();
            return stop_signal() == 0;
        });
    progress.end();
    if (!trimmed) return std::unexpected(explained(context, trimmed.error()));
    Answer answer{std::move(table),
                  ok,
                  {std::to_string(*trimmed) + " of " + tenants +
                   " histories trimmed, at most one a week; see: cairn metrics retention ls"}};
    mark_stopped(answer);
    return answer;
}

}  // namespace cli
