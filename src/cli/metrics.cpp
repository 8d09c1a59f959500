#include "commands/metric_batch.hpp"
#include "commands/metric_csv.hpp"
#include "domain/metric_batch.hpp"
#include "projections/fields.hpp"
#include "src/cli/database.hpp"
#include "src/cli/handlers.hpp"
#include "src/cli/import_file.hpp"
#include "src/cli/no_keys.hpp"
#include "src/cli/progress.hpp"
#include "src/cli/stop.hpp"
#include "src/postgres/appender.hpp"
#include "src/postgres/event_store.hpp"
#include "src/runtime/uuid.hpp"

#include <future>
#include <pqxx/pqxx>
#include <ranges>

namespace cli {
namespace {

constexpr std::size_t rows_in_batch = 5'000;
constexpr std::size_t rejects_told = 10;

struct Counts {
    std::int64_t rows{}, accepted{}, rejected{}, batches{}, known{}, known_rows{};
    std::vector<std::string> rejects;
    std::vector<domain::Uuid> known_batches;
};

Checked<commands::CsvMapping> mapping_of(const Context& context) {
    std::multimap<std::string, std::string> given;
    for (const auto* name :
         {"at", "value", "metric", "metric-key", "location", "unit", "delimiter", "dimension"}) {
        std::string parameter{name};
        if (parameter == "metric-key") parameter = "metric_key";
        if (context.has(name)) given.emplace(parameter, context.text(name));
    }
    if (const auto dimensions = given.extract("dimension")) {
        for (const auto part : std::views::split(dimensions.mapped(), ','))
            given.emplace("dimension", std::string{std::string_view{part}});
    }
    auto mapping = commands::csv_mapping_from(given);
    if (!mapping) return std::unexpected(Failure{mapping.error()});
    return *mapping;
}

/// What makes an import the same one: the file, how its columns are read, and its name, if any.
std::string identity_of(const Context& context, const FileSeen& seen,
                        const commands::CsvMapping& mapping) {
    events::Writer out;
    out.open_list();
    for (const auto& word : {mapping.at, mapping.value, mapping.metric, mapping.metric_key,
                             mapping.location, mapping.unit, std::string{mapping.delimiter},
                             context.has("run") ? context.text("run") : std::string{}})
        out.text(word);
    for (const auto& [column, dimension] : mapping.dimensions) out.text(column).text(dimension);
    return out.text(seen.digest).close_list().take();
}

/// The batches of one file into the log of one tenant.
class Import {
public:
    Import(const Context& context, domain::TenantId tenant, domain::UserId user,
           const std::string& identity)
        : reader_{runtime::database_of(context.config)},
          appender_{
              runtime::database_of(context.config), {.writers = 1}, [](const postgres::Commit&) {}},
          tenant_{tenant},
          user_{user},
          file_{events::id_of_name(tenant, "import", identity)} {}

    domain::Result<void> take(commands::Rows rows, Counts& counts, bool dry_run) {
        counts.rows += rows.lines;
        const auto part = counts.batches++;
        auto request = request_for(std::to_string(part));
        const auto lines = rows.lines;
        auto proposal = proposed(request, rows);
        if (!proposal && proposal.error().why == domain::metric_batch::nothing_good) {
            const auto landed = reader_.outcome(tenant_, request.command);
            if (!landed) return std::unexpected(landed.error());
            if (*landed) {
                note_known(request, lines, counts);
                return {};
            }
            // Under an id of its own: once the rows are good, the part can still land.
            request = request_for("rejects-" + std::to_string(part));
            request.in_parts = true;
            proposal = proposed(request, rows);
        }
        if (!proposal) return std::unexpected(std::move(proposal.error()));
        const auto rejected = rejects_of(proposal->append, counts);
        counts.rejected += rejected;
        if (dry_run) {
            counts.accepted += lines - rejected;
            return {};
        }
        std::promise<domain::Result<events::Outcome>> promise;
        auto future = promise.get_future();
        appender_.submit(std::move(proposal->append),
                         [&](auto outcome) { promise.set_value(std::move(outcome)); });
        const auto outcome = future.get();
        if (!outcome) return std::unexpected(outcome.error());
        if (!outcome->replayed) {
            counts.accepted += lines - rejected;
            return {};
        }
        note_known(request, lines - rejected, counts);
        return {};
    }

private:
    static void note_known(const commands::Request& request, std::int64_t rows, Counts& counts) {
        ++counts.known;
        counts.known_rows += rows;
        counts.known_batches.push_back(request.command.value);
    }

    domain::Result<commands::Proposal> proposed(const commands::Request& request,
                                                commands::Rows rows) {
        return commands::metric_batch::ingest_rows(reader_, keys_, request, std::move(rows),
                                                   domain::metric::Source::csv);
    }

    /// The same file and the same part of it are the same command: a second run goes on where the
    /// first one ended, and what is there is not taken twice.
    commands::Request request_for(const std::string& part) {
        commands::Request request;
        request.who = {tenant_, user_, domain::tenant::Role::owner};
        request.command = {
            events::id_of_name(tenant_, "import-part", domain::to_text(file_) + ":" + part)};
        request.fingerprint = request.command.value;
        request.correlation = file_;
        request.now = runtime::now();
        request.new_id = &runtime::uuid_v7;
        return request;
    }

    static void tell(Counts& counts, const std::string& line, const std::string& code,
                     const std::string& detail) {
        if (counts.rejects.size() < rejects_told)
            counts.rejects.push_back("line " + line + ": " + code + ": " + detail);
    }

    static std::int64_t rejects_of(const events::Append& append, Counts& counts) {
        std::int64_t rejected = 0;
        for (const auto& event : append.writes.front().events) {
            if (event.form.type != "metric-batch.rows-rejected") continue;
            events::Recorded recorded;
            recorded.type = event.form.type;
            recorded.schema = event.form.schema;
            recorded.data = event.form.data;
            const auto fact =
                events::codec<domain::metric_batch::Event>().decode(recorded, nullptr);
            if (!fact) continue;
            const auto& rows = std::get<domain::metric_batch::RowsRejected>(*fact);
            rejected = rows.rejected;
            for (const auto& reject : rows.rejects)
                tell(counts, std::to_string(reject.line), reject.code, reject.detail);
        }
        return rejected;
    }

    postgres::Reader reader_;
    postgres::Appender appender_;
    NoKeys keys_;
    domain::TenantId tenant_;
    domain::UserId user_;
    domain::Uuid file_;
};

/// In whose name: the tenant's first owner.
Checked<domain::UserId> owner_of(pqxx::connection& connection, const std::string& tenant) {
    pqxx::nontransaction tx{connection};
    const auto rows = tx.exec(
        "select member from board.member where tenant = $1::uuid and role = "
        "'owner' and not removed order by joined_at limit 1",
        pqxx::params{tenant});
    if (rows.empty())
        return std::unexpected(
            Failure{not_there, "tenant " + tenant, "find it with: cairn tenant ls"});
    return domain::UserId{projections::uuid_of(rows[0][0])};
}

/// How many of the batches that were there already have been taken back since.
std::int64_t reverted(pqxx::connection& connection, const std::string& tenant,
                      const Counts& counts) {
    std::vector<std::string> batches;
    for (const auto& batch : counts.known_batches) batches.push_back(domain::to_text(batch));
    pqxx::nontransaction tx{connection};
    return tx
        .exec(
            "select count(*) from board.metric_batch where tenant = $1::uuid and reverted "
            "and batch = any ($2::uuid[])",
            pqxx::params{tenant, batches})
        .one_field()
        .as<std::int64_t>();
}

Answer summary(const std::string& file, const Counts& counts, std::int64_t reverted,
               const Progress& progress) {
    Record record;
    record.fields.emplace_back("file", file);
    record.fields.emplace_back("rows", counts.rows);
    record.fields.emplace_back("accepted", counts.accepted);
    record.fields.emplace_back("rejected", counts.rejected);
    record.fields.emplace_back("batches", counts.batches);
    record.fields.emplace_back("batches_known", counts.known);
    record.fields.emplace_back("rows_known", counts.known_rows);
    record.fields.emplace_back("seconds", progress.seconds());
    record.fields.emplace_back("rows_per_second", progress.rate());
    Answer answer{std::move(record)};
    answer.notes = counts.rejects;
    if (counts.rejected > static_cast<std::int64_t>(counts.rejects.size()))
        answer.notes.emplace_back(
            "and " +
            std::to_string(counts.rejected - static_cast<std::int64_t>(counts.rejects.size())) +
            " more");
    if (reverted > 0)
        answer.notes.push_back(std::to_string(reverted) +
                               " of the known batches were taken back since; to load them again, "
                               "give the import another name: --run again");
    if (counts.rejected > 0) answer.exit_code = partial;
    if (stop_signal() != 0) {
        answer.exit_code = 128 + stop_signal();
        answer.notes.emplace_back("stopped; the same command goes on from here");
    }
    return answer;
}

}  // namespace

Outcome metrics_import(Context& context) {
    const auto path = context.text("FILE");
    const auto mapping = mapping_of(context);
    if (!mapping) return std::unexpected(mapping.error());
    const auto seen = seen_of(path);
    if (!seen) return std::unexpected(seen.error());
    ImportFile file{path};
    auto rows =
        commands::CsvRows::open([&file](std::string& text) { return file.more(text); }, *mapping);
    if (!rows) return std::unexpected(Failure{rows.error()});
    const auto tenant = context.text("tenant");
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        const auto owner = owner_of(connection, tenant);
        if (!owner) return std::unexpected(owner.error());
        catch_stop_signals();
        const domain::TenantId id{domain::uuid_from(tenant).value_or(domain::Uuid{})};
        Import import{context, id, *owner, identity_of(context, *seen, *mapping)};
        Progress progress{context, {path, "file", "rows"}, seen->lines};
        Counts counts;
        while (stop_signal() == 0) {
            auto part = rows->next(rows_in_batch);
            if (!part) break;
            progress.add(part->lines);
            const auto taken = import.take(*std::move(part), counts, context.has("dry-run"));
            if (!taken) return std::unexpected(explained(context, taken.error()));
            progress.tell();
        }
        progress.end();
        if (const auto whole = file.state(); !whole) return std::unexpected(whole.error());
        return summary(path, counts, reverted(connection, tenant, counts), progress);
    });
}

Outcome metrics_ls(Context& context) {
    return with_database(context, Access::read, [&](pqxx::connection& connection) -> Outcome {
        pqxx::nontransaction tx{connection};
        Table table{{"metric", "key", "name", "kind", "unit", "aggregation", "archived"}, {}};
        for (const auto& row :
             tx.exec(R"sql(
                select metric, key, name, kind, unit, aggregation, archived from board.metric
                 where tenant = $1::uuid order by key limit $2)sql",
                     pqxx::params{context.text("tenant"), context.number("limit", 50)}))
            table.rows.push_back({row[0].as<std::string>(), row[1].as<std::string>(),
                                  row[2].as<std::string>(), row[3].as<std::string>(),
                                  row[4].as<std::string>(), row[5].as<std::string>(),
                                  row[6].as<bool>()});
        return Answer{std::move(table)};
    });
}

}  // namespace cli
