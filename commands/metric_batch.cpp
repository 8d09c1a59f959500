#include "commands/metric_batch.hpp"

#include "commands/body.hpp"
#include "commands/catalog.hpp"
#include "commands/handle.hpp"
#include "commands/metric_csv.hpp"
#include "commands/metric_rows.hpp"

namespace commands::metric_batch {
namespace {

using namespace domain::metric_batch;

constexpr std::size_t previewed_max = 20;

constexpr domain::Reason too_many_rows{domain::Reason::Kind::invalid, "too-many-rows",
                                       "The file has more rows than one request may"};

/// The first points and the first rejects, for people who try a mapping.
std::string preview_of(const Ingest& command) {
    std::size_t accepted = 0;
    events::Writer out;
    out.open().key("points").open_list();
    for (const auto& part : command.parts) {
        for (const auto& point : part.points) {
            if (accepted++ >= previewed_max) continue;
            const auto& series = part.series[point.series];
            out.open().key("metric_id").text(domain::to_text(part.metric));
            out.key("at").text(domain::to_text(point.at));
            out.key("business_day").text(domain::to_text(point.day));
            out.key("value").text(point.value.text()).key("unit").text(part.unit);
            out.key("location").text(series.location).close();
        }
    }
    out.close_list().key("accepted").integer(static_cast<std::int64_t>(accepted));
    out.key("rejected").integer(static_cast<std::int64_t>(command.rejects.size()));
    out.key("rejects").open_list();
    for (std::size_t i = 0; i < std::min(command.rejects.size(), previewed_max); ++i) {
        const auto& reject = command.rejects[i];
        out.open().key("line").integer(reject.line).key("metric").text(reject.metric);
        out.key("code").text(reject.code).key("detail").text(reject.detail).close();
    }
    return out.close_list().close().take();
}

}  // namespace

domain::Result<Proposal> ingest_rows(events::Store& store, events::Keys& keys,
                                     const Request& request, Rows rows, Source source) {
    if (rows.too_many)
        return domain::refuse(validation_failed,
                              "a batch holds at most " + std::to_string(points_max) + " points");
    const auto metrics = read_metrics(store, request.who.tenant, rows.metrics());
    if (!metrics) return std::unexpected(metrics.error());
    auto calendars = read_calendars(store, request.who.tenant, rows.locations());
    if (!calendars) return std::unexpected(std::move(calendars.error()));
    // A repeat of the command names the same batch.
    const domain::BatchId batch{request.command.value};
    auto command = checked(std::move(rows), *metrics, *calendars, batch, source, request.now);
    command.in_parts = request.in_parts;
    auto proposal = propose_new<Batch>(keys, request, batch.value, command);
    if (proposal) proposal->preview = preview_of(command);
    return proposal;
}

domain::Result<Proposal> ingest(events::Store& store, events::Keys& keys, const Request& request) {
    if (!request.rows.empty())
        return ingest_rows(store, keys, request,
                           rows_from_ndjson(request.rows, request.lines_before), Source::api);
    if (!request.body)
        return domain::refuse(validation_failed, "give points as JSON or application/x-ndjson");
    std::vector<domain::Fault> faults;
    auto rows = rows_from(request.body->root(), faults);
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    return ingest_rows(store, keys, request, std::move(rows), Source::api);
}

domain::Result<Proposal> import(events::Store& store, events::Keys& keys, const Request& request) {
    const auto mapping = csv_mapping_from(request.parameters);
    if (!mapping) return std::unexpected(mapping.error());
    auto file = CsvRows::open(request.rows, *mapping);
    if (!file) return std::unexpected(std::move(file.error()));
    auto rows = file->next(points_max + 1).value_or(Rows{});
    if (rows.lines > static_cast<int>(points_max))
        return domain::refuse(too_many_rows,
                              "A request takes a file of at most " + std::to_string(points_max) +
                                  " rows, and nothing of a longer one was taken. Send it in "
                                  "parts, each with the header, or load it whole with: "
                                  "cairn metrics import FILE");
    return ingest_rows(store, keys, request, std::move(rows), Source::csv);
}

domain::Result<Proposal> revert(events::Store& store, events::Keys& keys, const Request& request) {
    const auto batch = id_in_path<domain::BatchId>(request, "batch");
    if (!batch) return std::unexpected(batch.error());
    std::vector<domain::Fault> faults;
    Revert command;
    if (request.body) {
        Body body{request.body->root(), faults};
        command.reason = body.text_or_empty("reason");
        body.done();
    }
    if (auto refusal = refusal_of(std::move(faults))) return std::unexpected(*std::move(refusal));
    return propose<Batch>(store, keys, request, batch->value, command);
}

}  // namespace commands::metric_batch
